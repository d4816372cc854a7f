namespace FastScnn.Torch.Data.Layouts;

/// <summary>Your own folders: images <c>images/{split}</c>, masks of the same name <c>masks/{split}</c>,
/// sub-folders included, and <c>classes.json</c>. Masks are index PNGs, or RGB PNGs in the classes' colours (black is
/// ignored unless a class has it); pixels of alpha 0 are ignored.</summary>
internal sealed class FolderDataset : SegmentationDataset
{
    public FolderDataset(string root, string split, FolderDatasetOptions? options)
        : this(root, split, options ?? new FolderDatasetOptions(),
            ReadClasses(root, options ?? new FolderDatasetOptions()))
    {
    }

    private FolderDataset(string root, string split, FolderDatasetOptions options, ClassList classes)
        : base(
            Find(root, split, options),
            new MaskRules(Mapping(classes, options), new Lazy<MaskColors>(() => MaskColors.FromClasses(classes)),
                options.Encoding, options.IgnoreUnknownColors))
    {
    }

    private static ClassList ReadClasses(string root, FolderDatasetOptions options)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(root);
        if (!Directory.Exists(root))
            throw Throw.NoFolder(root, "the data set");
        string file = Path.Combine(root, "classes.json");
        if (options.Classes is null && !File.Exists(file))
            throw new FileNotFoundException($"There is no class list '{file}'. Write one ({{ \"classes\": [ {{ "
                + $"\"name\": \"road\", \"color\": [128, 64, 128] }}, ... ] }}), or give the classes in the options.",
                file);
        ClassList classes = options.Classes ?? ClassList.Load(file);
        return options.IgnoreIndex is { } ignoreIndex ? new ClassList(classes, ignoreIndex) : classes;
    }

    private static PairedFiles Find(string root, string split, FolderDatasetOptions options)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(split);
        string images = Path.Combine(root, options.ImagesFolder, split),
            masks = Path.Combine(root, options.MasksFolder, split);
        return PairedFiles.Match(images, options.ImageSuffix, masks, options.MaskSuffix, options.AllowUnpaired,
            names => Suffixes(names, masks, options));
    }

    // Images and masks of one name but for an ending are what most tools write.
    private static string? Suffixes(IReadOnlyCollection<string> images, string masks, FolderDatasetOptions options)
    {
        IReadOnlyCollection<string> names = PairedFiles.Find(masks, "", "masks").Read.Keys;
        if (options.MaskSuffix.Length == 0 && PairedFiles.CommonSuffix(names, images) is { } mask)
            return $"The names of the masks end with '{mask}': give {nameof(FolderDatasetOptions.MaskSuffix)} "
                + $"'{mask}'.";
        return options.ImageSuffix.Length == 0 && PairedFiles.CommonSuffix(images, names) is { } image
            ? $"The names of the images end with '{image}': give {nameof(FolderDatasetOptions.ImageSuffix)} '{image}'."
            : null;
    }

    private static LabelMapping Mapping(ClassList classes, FolderDatasetOptions options) =>
        (options.LabelMap, options.LabelRanges, options.ReduceZeroLabel) switch
        {
            ({ }, { }, _) => throw new ArgumentException($"{nameof(FolderDatasetOptions.LabelMap)} and "
                + $"{nameof(FolderDatasetOptions.LabelRanges)} were both given; let one of them name all stored values."),
            ({ }, _, true) or (_, { }, true) => throw new ArgumentException("A label map and "
                + $"{nameof(FolderDatasetOptions.ReduceZeroLabel)} were both given; let the map say what 0 stands for."),
            ({ } map, _, _) => LabelMapping.FromTable(classes, map),
            (_, { } ranges, _) => LabelMapping.FromRanges(classes,
                ranges.Select(range => new LabelRange(range.First, range.Last, range.Id))),
            (_, _, true) => LabelMapping.ReduceZero(classes),
            _ => LabelMapping.Identity(classes),
        };
}
