namespace FastScnn.Torch.Data.Layouts;

/// <summary>
/// ADE20K (scene parsing challenge 2016): photos <c>images/{training,validation}</c>, labels <c>annotations/{training,validation}</c>;
/// 150 classes, stored as 1 to 150, and 0 ("other") ignored.
/// </summary>
/// <remarks>Zhou et al., "Scene Parsing through ADE20K Dataset", CVPR 2017. The colours of the classes are Pascal VOC's, not the challenge's.</remarks>
public sealed class Ade20kDataset : SegmentationDataset
{
    /// <summary>Opens a split.</summary>
    /// <param name="root">The folder that holds images and annotations, or the one with ADEChallengeData2016.</param>
    /// <param name="split">training or validation; train and val mean the same.</param>
    /// <param name="allowUnpaired">Leaves out files without a partner and lists them in <see cref="SegmentationDataset.Unpaired"/> instead of throwing.</param>
    /// <exception cref="DirectoryNotFoundException">A folder is missing.</exception>
    /// <exception cref="InvalidDataException">Files without a partner, or no pair at all.</exception>
    public Ade20kDataset(string root, string split, bool allowUnpaired = false)
        : base(Find(root, split, allowUnpaired), new LabelRules(LabelMapping.ReduceZero(ClassNames.Ade20k)))
    {
    }

    private static PairedFiles Find(string root, string split, bool allowUnpaired)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(root);
        ArgumentException.ThrowIfNullOrWhiteSpace(split);
        string ade = LayoutRoot.Find(root, "ADE20K", "annotations", "", "ADEChallengeData2016");
        string folder = split switch { "train" => "training", "val" => "validation", _ => split };
        return PairedFiles.Match(Path.Combine(ade, "images", folder), "", Path.Combine(ade, "annotations", folder), "", allowUnpaired);
    }
}
