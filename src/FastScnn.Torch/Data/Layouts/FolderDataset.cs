namespace FastScnn.Torch.Data.Layouts;

/// <summary>
/// Folders of one's own: photos <c>images/{split}</c>, labels of the same name <c>masks/{split}</c>, sub-folders included, and <c>classes.json</c>.
/// Labels are index PNGs, or RGB PNGs in the classes' colours (black is ignored unless a class has it); pixels of alpha 0 are ignored.
/// </summary>
public sealed class FolderDataset : SegmentationDataset
{
    /// <summary>Opens a split.</summary>
    /// <param name="root">The folder that holds images, masks and classes.json.</param>
    /// <param name="split">The name of the folders of the split, such as train or val.</param>
    /// <param name="options">Null for the defaults.</param>
    /// <exception cref="DirectoryNotFoundException">A folder is missing.</exception>
    /// <exception cref="FileNotFoundException">There is no classes.json and the options name no classes.</exception>
    /// <exception cref="InvalidDataException">Files without a partner, no pair at all, or an unreadable classes.json.</exception>
    /// <exception cref="ArgumentException">The options contradict each other or the classes.</exception>
    public FolderDataset(string root, string split, FolderDatasetOptions? options = null)
        : this(root, split, options ?? new FolderDatasetOptions(), ReadClasses(root, options ?? new FolderDatasetOptions()))
    {
    }

    private FolderDataset(string root, string split, FolderDatasetOptions options, ClassList classes)
        : base(
            Find(root, split, options),
            new LabelRules(Mapping(classes, options), new Lazy<LabelColors>(() => LabelColors.FromClasses(classes)), options.Encoding, options.IgnoreUnknownColors))
    {
    }

    private static ClassList ReadClasses(string root, FolderDatasetOptions options)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(root);
        if (!Directory.Exists(root))
            throw Errors.NoFolder(root, "the data set");
        string file = Path.Combine(root, "classes.json");
        if (options.Classes is null && !File.Exists(file))
            throw Errors.NoClassesJson(file);
        ClassList classes = options.Classes ?? ClassList.Load(file);
        return options.IgnoreIndex is { } ignoreIndex ? new ClassList(classes, ignoreIndex) : classes;
    }

    private static PairedFiles Find(string root, string split, FolderDatasetOptions options)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(split);
        string photos = Path.Combine(root, options.ImagesFolder, split), labels = Path.Combine(root, options.MasksFolder, split);
        return PairedFiles.Match(photos, options.ImageSuffix, labels, options.MaskSuffix, options.AllowUnpaired, names => Suffixes(names, labels, options));
    }

    // Photos and labels of one name but for an ending are what most tools write.
    private static string? Suffixes(IReadOnlyCollection<string> photos, string labels, FolderDatasetOptions options)
    {
        IReadOnlyCollection<string> names = PairedFiles.Find(labels, "", "labels").Read.Keys;
        if (options.MaskSuffix.Length == 0 && PairedFiles.CommonSuffix(names, photos) is { } mask)
            return Errors.SuffixHint("labels", mask, nameof(FolderDatasetOptions.MaskSuffix));
        return options.ImageSuffix.Length == 0 && PairedFiles.CommonSuffix(photos, names) is { } image ? Errors.SuffixHint("photos", image, nameof(FolderDatasetOptions.ImageSuffix)) : null;
    }

    private static LabelMapping Mapping(ClassList classes, FolderDatasetOptions options) => (options.LabelMap, options.LabelRanges, options.ReduceZeroLabel) switch
    {
        ({ }, { }, _) => throw Errors.LabelMapAndRanges(),
        ({ }, _, true) or (_, { }, true) => throw Errors.ReduceZeroWithMap(),
        ({ } map, _, _) => LabelMapping.FromTable(classes, map),
        (_, { } ranges, _) => LabelMapping.FromRanges(classes, ranges),
        (_, _, true) => LabelMapping.ReduceZero(classes),
        _ => LabelMapping.Identity(classes),
    };
}
