namespace FastScnn.Demo;

/// <summary>One photo and its mask, as file names.</summary>
internal sealed class DemoRow
{
    public required string PhotoFile { get; init; }

    public required string MaskFile { get; init; }
}

/// <summary>Where the demo's files lie.</summary>
internal sealed record DemoData(string Weights, string Classes, string Photos, string Masks, IReadOnlyList<DemoRow> Rows)
{
    /// <summary>Null where the data are missing.</summary>
    public static DemoData? Find(string root)
    {
        string shared = SharedFolder(root);
        string photos = Path.Combine(shared, "camvid", "images", "val");
        if (!Directory.Exists(photos))
            return null;
        DemoRow[] rows = [.. Directory.EnumerateFiles(photos).Order(StringComparer.Ordinal).Select(photo => new DemoRow
        {
            PhotoFile = Path.GetFileName(photo),
            MaskFile = Path.GetFileNameWithoutExtension(photo) + ".png",
        })];
        return new DemoData(
            Path.Combine(shared, "reference", "camvid-pytorch-60ep.pth"),
            Path.Combine(shared, "camvid", "classes.json"),
            photos,
            Path.Combine(shared, "camvid", "masks", "val"),
            rows);
    }

    public static string SharedFolder(string root) => Path.GetFullPath(Path.Combine(root, "..", "shared"));

    /// <summary>The checkout that this program was built in.</summary>
    public static string FindRoot()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "FastScnn.MLNet.sln")))
                return folder.FullName;
        throw new DirectoryNotFoundException($"There is no FastScnn.MLNet.sln above {AppContext.BaseDirectory}: run the demo from a checkout.");
    }
}
