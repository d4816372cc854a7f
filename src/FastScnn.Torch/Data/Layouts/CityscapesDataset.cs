namespace FastScnn.Torch.Data.Layouts;

/// <summary>Cityscapes: images <c>leftImg8bit/{split}/{city}/*_leftImg8bit.png</c>, labels
/// <c>gtFine/{split}/{city}/*_gtFine_*.png</c>; 19 classes, the rest ignored.</summary>
/// <remarks>Cordts et al., "The Cityscapes Dataset for Semantic Urban Scene Understanding", CVPR 2016. The labels of
/// its test split are empty.</remarks>
public sealed class CityscapesDataset : SegmentationDataset
{
    // cityscapesScripts, helpers/labels.py: the id of every class that has a training id, in the order of training ids;
    // ids end at 33.
    private static readonly byte[] s_trainedIds =
    [
        7, 8, 11, 12, 13, 17, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 31, 32, 33
    ];

    /// <summary>Opens a split.</summary>
    /// <param name="root">The folder that holds leftImg8bit and gtFine.</param>
    /// <param name="split">train, val or test.</param>
    /// <param name="labels">Which masks to read.</param>
    /// <param name="allowUnpaired">Leaves out files without a partner and lists them in
    /// <see cref="SegmentationDataset.Unpaired"/> instead of throwing.</param>
    /// <exception cref="DirectoryNotFoundException">A folder is missing.</exception>
    /// <exception cref="InvalidDataException">Files without a partner, or no pair at all.</exception>
    public CityscapesDataset(string root, string split, CityscapesLabels labels = CityscapesLabels.LabelIds,
        bool allowUnpaired = false)
        : base(Find(root, split, labels, allowUnpaired), Rules(labels))
    {
    }

    private static PairedFiles Find(string root, string split, CityscapesLabels labels, bool allowUnpaired)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(root);
        ArgumentException.ThrowIfNullOrWhiteSpace(split);
        if (!Enum.IsDefined(labels))
            throw new ArgumentOutOfRangeException(nameof(labels), labels, "Expected LabelIds, LabelTrainIds or Color.");
        string folder = Path.Combine(root, "gtFine", split);
        return PairedFiles.Match(Path.Combine(root, "leftImg8bit", split), "_leftImg8bit", folder, Suffix(labels),
            allowUnpaired, _ => Others(folder, labels));
    }

    private static string Suffix(CityscapesLabels labels) => labels switch
    {
        CityscapesLabels.LabelIds => "_gtFine_labelIds",
        CityscapesLabels.LabelTrainIds => "_gtFine_labelTrainIds",
        _ => "_gtFine_color",
    };

    private static string? Others(string folder, CityscapesLabels asked)
    {
        (CityscapesLabels Labels, int Count)[] there =
            [.. Enum.GetValues<CityscapesLabels>().Where(kind => kind != asked)
                .Select(kind => (kind, PairedFiles.Find(folder, Suffix(kind), "labels").Read.Count))
                .Where(kind => kind.Count > 0)];
        return there.Length == 0 ? null
            : PairedFiles.OtherLabels(folder,
                [
                    .. there.Select(kind => (kind.Count, $"*{Suffix(kind.Labels)}.png",
                        $"{nameof(CityscapesLabels)}.{kind.Labels}"))]);
    }

    private static MaskRules Rules(CityscapesLabels labels) => labels switch
    {
        CityscapesLabels.LabelIds => new MaskRules(FromLabelIds()),
        CityscapesLabels.LabelTrainIds => new MaskRules(LabelMapping.Identity(ClassList.Cityscapes, "Do the files "
            + $"hold official ids? Then open them as {nameof(CityscapesLabels)}.{nameof(CityscapesLabels.LabelIds)}.")),
        _ => new MaskRules(LabelMapping.Identity(ClassList.Cityscapes), new Lazy<MaskColors>(Colors),
            MaskEncoding.Colors),
    };

    // The same table: colours of labels that have no training id. Two of them share the colour of a class and become
    // it: pole groups are poles, licence plates cars.
    private static MaskColors Colors()
    {
        (byte, byte, byte)[] ignored =
        [
            (0, 0, 0), (111, 74, 0), (81, 0, 81), (250, 170, 160), (230, 150, 140), (180, 165, 180), (150, 100, 100),
            (150, 120, 90), (0, 0, 90), (0, 0, 110),
        ];
        return new MaskColors([.. ClassList.Cityscapes.Select((c, id) => ((c.Red, c.Green, c.Blue), (byte)id)),
            .. ignored.Select(color => (color, ClassList.Cityscapes.IgnoreIndex))]);
    }

    private static LabelMapping FromLabelIds() => LabelMapping.FromTable(
        ClassList.Cityscapes,
        Enumerable.Range(0, s_trainedIds[^1] + 1).ToDictionary(
            id => (byte)id,
            id => Array.IndexOf(s_trainedIds, (byte)id) is >= 0 and int trainId ? (byte)trainId
                : ClassList.Cityscapes.IgnoreIndex));
}

/// <summary>Which of Cityscapes' masks are read.</summary>
public enum CityscapesLabels
{
    /// <summary><c>*_gtFine_labelIds.png</c>, as downloaded: the official ids, of which 19 are trained.</summary>
    LabelIds,

    /// <summary><c>*_gtFine_labelTrainIds.png</c>, as cityscapesScripts makes them: class ids, 255 ignored.</summary>
    LabelTrainIds,

    /// <summary><c>*_gtFine_color.png</c>, as downloaded: the official colours. Pole groups share theirs with poles and
    /// licence plates with cars, and are taken for them.</summary>
    Color,
}
