namespace FastScnn.Testing;

/// <summary>Finds the checkout and the reference data that lies beside it.</summary>
internal static class TestFiles
{
    /// <summary>The folder that holds FastScnn.MLNet.sln.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>A path in the <c>shared</c> folder beside the checkout; skips the test where a clone has
    /// none.</summary>
    public static string Shared(params string[] parts)
    {
        string folder = Path.GetFullPath(Path.Combine(Root, "..", "shared"));
        if (!Directory.Exists(folder))
            Assert.Ignore("no shared reference data beside this clone");
        return Path.Combine([folder, .. parts]);
    }

    /// <summary>A path in the golden tensors that PyTorch made.</summary>
    public static string Golden(string name) => Shared("golden", name);

    /// <summary>What holds the new folders.</summary>
    public static string Temporary => Path.Combine(TestContext.CurrentContext.WorkDirectory, "tmp");

    /// <summary>A new empty folder under the test's work directory.</summary>
    public static string NewFolder()
    {
        string path = Path.Combine(Temporary, Guid.NewGuid().ToString("N"));
        Directory.CreateDirectory(path);
        return path;
    }

    private static string FindRoot()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "FastScnn.MLNet.sln")))
                return folder.FullName;
        throw new DirectoryNotFoundException($"No FastScnn.MLNet.sln above {AppContext.BaseDirectory}.");
    }
}
