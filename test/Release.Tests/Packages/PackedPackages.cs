using FastScnn.Testing;

namespace FastScnn.Release.Tests.Packages;

/// <summary>The packages of this build in a folder, packed once.</summary>
internal static class PackedPackages
{
    private static readonly Lazy<string> s_folder =
        new(() => Pack(["src/FastScnn.Torch", "src/FastScnn.ML", "nuget/FastScnn.ML.Cpu"]));
    private static readonly Dictionary<string, string> s_none = [];

    public static string Folder => s_folder.Value;

    /// <summary>The path of a package, or of its symbols.</summary>
    public static string File(string id, string extension = "nupkg") =>
        Path.Combine(Folder, $"{id}.{Build.Version}.{extension}");

    /// <summary>The project of a package, relative to the repository.</summary>
    public static string Project(string id) => id == "FastScnn.ML.Cpu" ? $"nuget/{id}" : $"src/{id}";

    /// <summary>Packs what the build has built into a new folder.</summary>
    public static string Pack(string[] projects)
    {
        string folder = TestFiles.NewFolder();
        foreach (string project in projects)
            Shell.Dotnet(folder, s_none, "pack", Path.Combine(TestFiles.Root, project), "-c", Build.Configuration,
                "--no-build", "-o", folder, "-v", "quiet");
        return folder;
    }
}
