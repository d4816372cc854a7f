namespace FastScnn.Torch.Data.Layouts;

/// <summary>Cityscapes: images <c>leftImg8bit/{split}/{city}/*_leftImg8bit.png</c>, masks
/// <c>gtFine/{split}/{city}/*_gtFine_*.png</c>; 19 classes, the rest ignored.</summary>
/// <remarks>Cordts et al., "The Cityscapes Dataset for Semantic Urban Scene Understanding", CVPR 2016. The masks of
/// its test split are empty.</remarks>
internal sealed class CityscapesDataset : SegmentationDataset
{
    private static readonly MaskEncoding[] s_encodings =
    [
        MaskEncoding.LabelIds, MaskEncoding.TrainIds, MaskEncoding.Colors
    ];

    // cityscapesScripts, helpers/labels.py: the id of every class that has a training id, in the order of training ids;
    // ids end at 33.
    private static readonly byte[] s_trainedIds =
    [
        7, 8, 11, 12, 13, 17, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 31, 32, 33
    ];

    public CityscapesDataset(string root, string split, MaskEncoding encoding, bool allowUnpaired)
        : base(Find(root, split, encoding, allowUnpaired), Rules(encoding))
    {
    }

    private static PairedFiles Find(string root, string split, MaskEncoding encoding, bool allowUnpaired)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(root);
        ArgumentException.ThrowIfNullOrWhiteSpace(split);
        if (!s_encodings.Contains(encoding))
            throw new ArgumentOutOfRangeException(nameof(encoding), encoding, "Expected LabelIds, TrainIds or Colors.");
        string folder = Path.Combine(root, "gtFine", split);
        return PairedFiles.Match(Path.Combine(root, "leftImg8bit", split), "_leftImg8bit", folder, Suffix(encoding),
            allowUnpaired, _ => Others(folder, encoding));
    }

    private static string Suffix(MaskEncoding encoding) => encoding switch
    {
        MaskEncoding.LabelIds => "_gtFine_labelIds",
        MaskEncoding.TrainIds => "_gtFine_labelTrainIds",
        _ => "_gtFine_color",
    };

    private static string? Others(string folder, MaskEncoding asked)
    {
        (MaskEncoding Encoding, int Count)[] there =
            [.. s_encodings.Where(kind => kind != asked)
                .Select(kind => (kind, PairedFiles.Find(folder, Suffix(kind), "masks").Read.Count))
                .Where(kind => kind.Count > 0)];
        return there.Length == 0 ? null
            : PairedFiles.OtherLabels(folder,
                [
                    .. there.Select(kind => (kind.Count, $"*{Suffix(kind.Encoding)}.png",
                        $"{nameof(MaskEncoding)}.{kind.Encoding}"))]);
    }

    private static MaskRules Rules(MaskEncoding encoding) => encoding switch
    {
        MaskEncoding.LabelIds => new MaskRules(FromLabelIds()),
        MaskEncoding.TrainIds => new MaskRules(LabelMapping.Identity(ClassList.Cityscapes, "Do the files "
            + $"hold official ids? Then open them as {nameof(MaskEncoding)}.{nameof(MaskEncoding.LabelIds)}.")),
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
