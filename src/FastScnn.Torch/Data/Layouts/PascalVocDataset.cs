namespace FastScnn.Torch.Data.Layouts;

/// <summary>Pascal VOC 2012: images <c>JPEGImages/*.jpg</c>, palette or RGB masks <c>SegmentationClass/*.png</c>,
/// splits <c>ImageSets/Segmentation/{split}.txt</c>; background and 20 classes, 255 (border) ignored.</summary>
/// <remarks>Everingham et al., "The Pascal Visual Object Classes Challenge: A Retrospective", IJCV 2015.</remarks>
internal sealed class PascalVocDataset : SegmentationDataset
{
    public PascalVocDataset(string root, string? split, string maskFolder, bool allowUnpaired)
        : base(Find(root, split, maskFolder, allowUnpaired),
            new MaskRules(LabelMapping.Identity(ClassList.PascalVoc), new Lazy<MaskColors>(Colors)))
    {
    }

    // The palette of the masks; 224,224,192 is the border.
    private static MaskColors Colors() =>
        new([.. ClassList.PascalVoc.Select((c, id) => ((c.Red, c.Green, c.Blue), (byte)id)),
            ((224, 224, 192), ClassList.PascalVoc.IgnoreIndex)]);

    private static PairedFiles Find(string root, string? split, string maskFolder, bool allowUnpaired)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(root);
        ArgumentException.ThrowIfNullOrWhiteSpace(maskFolder);
        string voc = LayoutRoot.Find(root, "Pascal VOC", "JPEGImages", "", "VOC2012",
            Path.Combine("VOCdevkit", "VOC2012"));
        string images = Path.Combine(voc, "JPEGImages"), masks = Path.Combine(voc, maskFolder);
        if (!Directory.Exists(masks))
            throw Throw.NoFolder(masks, "masks");
        IEnumerable<string> names = split is null
            ? PairedFiles.Find(masks, "", "masks").Read.Keys
            : SplitFile.Read(Path.Combine(voc, "ImageSets", "Segmentation"), split);
        string where = split is null ? $"'{masks}'" : $"Split '{split}' of '{voc}'";
        return PairedFiles.Listed(where, names, name => Path.Combine(images, name + ".jpg"),
            name => Path.Combine(masks, name + ".png"), allowUnpaired);
    }
}
