using FastScnn.Testing;

namespace FastScnn.Release.Tests.Packages;

/// <summary>The packages of this build in a folder feed, packed once.</summary>
internal static class PackedFeed
{
    private static readonly Lazy<string> s_folder = new(() => Pack(["FastScnn.Torch", "FastScnn.ML"]));
    private static readonly Dictionary<string, string> s_none = [];

    public static string Folder => s_folder.Value;

    /// <summary>The path of a package, or of its symbols.</summary>
    public static string File(string id, string extension = "nupkg") => Path.Combine(Folder, $"{id}.{Build.Version}.{extension}");

    /// <summary>Packs what the build has built into a new folder.</summary>
    public static string Pack(string[] projects)
    {
        string folder = TestFiles.NewFolder();
        foreach (string project in projects)
        {
            // A stable version may not depend on prerelease packages (NU5104), which a private feed may hold.
            Shell.Dotnet(folder, s_none, "pack", Path.Combine(TestFiles.Root, "src", project), "-c", Build.Configuration, "--no-build", "-o", folder, "-p:NoWarn=NU5104", "-v", "quiet");
        }
        return folder;
    }
}
