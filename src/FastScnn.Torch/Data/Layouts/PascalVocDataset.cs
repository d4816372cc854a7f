namespace FastScnn.Torch.Data.Layouts;

/// <summary>Pascal VOC 2012: images <c>JPEGImages/*.jpg</c>, palette or RGB labels <c>SegmentationClass/*.png</c>,
/// splits <c>ImageSets/Segmentation/{split}.txt</c>; background and 20 classes, 255 (border) ignored.</summary>
/// <remarks>Everingham et al., "The Pascal Visual Object Classes Challenge: A Retrospective", IJCV 2015.</remarks>
public sealed class PascalVocDataset : SegmentationDataset
{
    /// <summary>Opens a split.</summary>
    /// <param name="root">The folder that holds JPEGImages, or VOC2012 or VOCdevkit/VOC2012 with it.</param>
    /// <param name="split">train, val, trainval or another list in ImageSets/Segmentation; null for every image that
    /// has a label.</param>
    /// <param name="maskFolder">The folder of the labels below the root, such as SegmentationClassAug for labels of
    /// another source.</param>
    /// <param name="allowUnpaired">Leaves out names without an image or label and lists them in
    /// <see cref="SegmentationDataset.Unpaired"/> instead of throwing.</param>
    /// <exception cref="DirectoryNotFoundException">A folder is missing.</exception>
    /// <exception cref="FileNotFoundException">The list of the split is missing.</exception>
    /// <exception cref="InvalidDataException">A name without image or label, or no pair at all.</exception>
    public PascalVocDataset(string root, string? split, string maskFolder = "SegmentationClass",
        bool allowUnpaired = false)
        : base(Find(root, split, maskFolder, allowUnpaired),
            new MaskRules(LabelMapping.Identity(ClassList.PascalVoc), new Lazy<MaskColors>(Colors)))
    {
    }

    // The palette of the labels; 224,224,192 is the border.
    private static MaskColors Colors() =>
        new([.. ClassList.PascalVoc.Select((c, id) => ((c.Red, c.Green, c.Blue), (byte)id)),
            ((224, 224, 192), ClassList.PascalVoc.IgnoreIndex)]);

    private static PairedFiles Find(string root, string? split, string maskFolder, bool allowUnpaired)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(root);
        ArgumentException.ThrowIfNullOrWhiteSpace(maskFolder);
        string voc = LayoutRoot.Find(root, "Pascal VOC", "JPEGImages", "", "VOC2012",
            Path.Combine("VOCdevkit", "VOC2012"));
        string images = Path.Combine(voc, "JPEGImages"), labels = Path.Combine(voc, maskFolder);
        if (!Directory.Exists(labels))
            throw Throw.NoFolder(labels, "labels");
        IEnumerable<string> names = split is null
            ? PairedFiles.Find(labels, "", "labels").Read.Keys
            : SplitFile.Read(Path.Combine(voc, "ImageSets", "Segmentation"), split);
        string where = split is null ? $"'{labels}'" : $"Split '{split}' of '{voc}'";
        return PairedFiles.Listed(where, names, name => Path.Combine(images, name + ".jpg"),
            name => Path.Combine(labels, name + ".png"), allowUnpaired);
    }
}
