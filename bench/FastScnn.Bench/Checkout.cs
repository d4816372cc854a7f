namespace FastScnn.Bench;

/// <summary>The checkout that this program was built in.</summary>
internal static class Checkout
{
    /// <summary>A file in its artifacts, in a folder that exists; in the current folder where the program lies in no
    /// checkout.</summary>
    public static string Artifact(params ReadOnlySpan<string> parts)
    {
        string file = Path.Combine([Root, "artifacts", .. parts]);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        return file;
    }

    /// <summary>Its top folder; the current one where the program lies in no checkout.</summary>
    public static string Root { get; } = Find();

    private static string Find()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "FastScnn.MLNet.sln"))) return folder.FullName;
        return Environment.CurrentDirectory;
    }
}
