namespace FastScnn.Torch.Data.Layouts;

/// <summary>Folders of one's own: images <c>images/{split}</c>, labels of the same name <c>masks/{split}</c>,
/// sub-folders included, and <c>classes.json</c>. Labels are index PNGs, or RGB PNGs in the classes' colours (black is
/// ignored unless a class has it); pixels of alpha 0 are ignored.</summary>
public sealed class FolderDataset : SegmentationDataset
{
    /// <summary>Opens a split.</summary>
    /// <param name="root">The folder that holds images, masks and classes.json.</param>
    /// <param name="split">The name of the folders of the split, such as train or val.</param>
    /// <param name="options">Null for the defaults.</param>
    /// <exception cref="DirectoryNotFoundException">A folder is missing.</exception>
    /// <exception cref="FileNotFoundException">There is no classes.json and the options name no classes.</exception>
    /// <exception cref="InvalidDataException">Files without a partner, no pair at all, or an unreadable
    /// classes.json.</exception>
    /// <exception cref="ArgumentException">The options contradict each other or the classes.</exception>
    public FolderDataset(string root, string split, FolderDatasetOptions? options = null)
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
            labels = Path.Combine(root, options.MasksFolder, split);
        return PairedFiles.Match(images, options.ImageSuffix, labels, options.MaskSuffix, options.AllowUnpaired,
            names => Suffixes(names, labels, options));
    }

    // Images and labels of one name but for an ending are what most tools write.
    private static string? Suffixes(IReadOnlyCollection<string> images, string labels, FolderDatasetOptions options)
    {
        IReadOnlyCollection<string> names = PairedFiles.Find(labels, "", "labels").Read.Keys;
        if (options.MaskSuffix.Length == 0 && PairedFiles.CommonSuffix(names, images) is { } mask)
            return $"The names of the labels end with '{mask}': give {nameof(FolderDatasetOptions.MaskSuffix)} "
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
            (_, { } ranges, _) => LabelMapping.FromRanges(classes, ranges),
            (_, _, true) => LabelMapping.ReduceZero(classes),
            _ => LabelMapping.Identity(classes),
        };
}

/// <summary>How a <see cref="FolderDataset"/> is laid out and what its labels hold.</summary>
public sealed record FolderDatasetOptions
{
    /// <summary>The folder of the images below the root: <c>images</c>.</summary>
    public string ImagesFolder { get; init; } = "images";

    /// <summary>The folder of the labels below the root: <c>masks</c>.</summary>
    public string MasksFolder { get; init; } = "masks";

    /// <summary>How an image's name ends before its extension, such as <c>_leftImg8bit</c>; nothing by default. Other
    /// files are not looked at.</summary>
    public string ImageSuffix { get; init; } = "";

    /// <summary>How a label's name ends before its extension, such as <c>_labelTrainIds</c>; nothing by default. Other
    /// files are not looked at.</summary>
    public string MaskSuffix { get; init; } = "";

    /// <summary>The classes; null reads them from <c>classes.json</c> in the root.</summary>
    public ClassList? Classes { get; init; }

    /// <summary>The id of label pixels that belong to no class; null takes it from the classes.</summary>
    public byte? IgnoreIndex { get; init; }

    /// <summary>Class id (or the ignore index) by the value stored in labels; null where stored values are class ids.
    /// Values it does not name are faults, save the ignore index.</summary>
    public IReadOnlyDictionary<byte, byte>? LabelMap { get; init; }

    /// <summary>As <see cref="LabelMap"/>, in ranges and with values of up to 16 bits: <c>[new(0, 127, 0), new(128,
    /// 255, 1)]</c> reads soft edges between 0 and 255 as the nearer of two classes. Not together with
    /// <see cref="LabelMap"/>. Default: null.</summary>
    public IReadOnlyList<LabelRange>? LabelRanges { get; init; }

    /// <summary>Whether the stored values of labels or their colours say the class. Default:
    /// <see cref="MaskEncoding.Auto"/>, by the kind of the file.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value has no name.</exception>
    public MaskEncoding Encoding
    {
        get;
        init => field = Enum.IsDefined(value) ? value
            : throw new ArgumentOutOfRangeException(nameof(Encoding), value, "Expected Auto, Values or Colors.");
    }

    /// <summary>Ignores pixels of colour-coded labels in a colour of no class, and those that are partly transparent,
    /// instead of refusing the label; a check of the data set and training tell how many there are. Default:
    /// false.</summary>
    public bool IgnoreUnknownColors { get; init; }

    /// <summary>Ignores the stored value 0 and takes 1 from every other; not together with <see cref="LabelMap"/> or
    /// <see cref="LabelRanges"/>.</summary>
    public bool ReduceZeroLabel { get; init; }

    /// <summary>Leaves out files without a partner and lists them in <see cref="SegmentationDataset.Unpaired"/> instead
    /// of throwing.</summary>
    public bool AllowUnpaired { get; init; }
}
