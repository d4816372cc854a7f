namespace FastScnn.Torch.Data.Layouts;

/// <summary>
/// Cityscapes: photos <c>leftImg8bit/{split}/{city}/*_leftImg8bit.png</c>, labels <c>gtFine/{split}/{city}/*_gtFine_*.png</c>; 19 classes, the rest ignored.
/// </summary>
/// <remarks>Cordts et al., "The Cityscapes Dataset for Semantic Urban Scene Understanding", CVPR 2016. The labels of its test split are empty.</remarks>
public sealed class CityscapesDataset : SegmentationDataset
{
    // cityscapesScripts, helpers/labels.py: the id of every class that has a training id, in the order of training ids; ids end at 33.
    private static readonly byte[] TrainedIds = [7, 8, 11, 12, 13, 17, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 31, 32, 33];

    /// <summary>Opens a split.</summary>
    /// <param name="root">The folder that holds leftImg8bit and gtFine.</param>
    /// <param name="split">train, val or test.</param>
    /// <param name="labels">Which label files to read.</param>
    /// <param name="allowUnpaired">Leaves out files without a partner and lists them in <see cref="SegmentationDataset.Unpaired"/> instead of throwing.</param>
    /// <exception cref="DirectoryNotFoundException">A folder is missing.</exception>
    /// <exception cref="InvalidDataException">Files without a partner, or no pair at all.</exception>
    public CityscapesDataset(string root, string split, CityscapesLabels labels = CityscapesLabels.LabelIds, bool allowUnpaired = false)
        : base(ClassList.Cityscapes, Find(root, split, labels, allowUnpaired), labels == CityscapesLabels.LabelIds ? FromLabelIds() : LabelMapping.Identity(ClassList.Cityscapes, Errors.CityscapesHint))
    {
    }

    private static PairedFiles Find(string root, string split, CityscapesLabels labels, bool allowUnpaired)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(root);
        ArgumentException.ThrowIfNullOrWhiteSpace(split);
        if (!Enum.IsDefined(labels))
            throw Errors.UnknownCityscapesLabels(labels);
        string suffix = labels == CityscapesLabels.LabelIds ? "_gtFine_labelIds" : "_gtFine_labelTrainIds";
        return PairedFiles.Match(Path.Combine(root, "leftImg8bit", split), "_leftImg8bit", Path.Combine(root, "gtFine", split), suffix, allowUnpaired);
    }

    private static LabelMapping FromLabelIds() => LabelMapping.FromTable(
        ClassList.Cityscapes,
        Enumerable.Range(0, TrainedIds[^1] + 1).ToDictionary(
            id => (byte)id,
            id => Array.IndexOf(TrainedIds, (byte)id) is >= 0 and int trainId ? (byte)trainId : ClassList.Cityscapes.IgnoreIndex));
}
