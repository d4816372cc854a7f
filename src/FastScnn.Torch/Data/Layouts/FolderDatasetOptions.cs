namespace FastScnn.Torch.Data.Layouts;

/// <summary>How a <see cref="FolderDataset"/> is laid out and what its labels hold.</summary>
public sealed record FolderDatasetOptions
{
    /// <summary>The folder of the photos below the root: <c>images</c>.</summary>
    public string ImagesFolder { get; init; } = "images";

    /// <summary>The folder of the labels below the root: <c>masks</c>.</summary>
    public string MasksFolder { get; init; } = "masks";

    /// <summary>How a photo's name ends before its extension, such as <c>_leftImg8bit</c>; nothing by default. Other files are not looked at.</summary>
    public string ImageSuffix { get; init; } = "";

    /// <summary>How a label's name ends before its extension, such as <c>_labelTrainIds</c>; nothing by default. Other files are not looked at.</summary>
    public string MaskSuffix { get; init; } = "";

    /// <summary>The classes; null reads them from <c>classes.json</c> in the root.</summary>
    public ClassList? Classes { get; init; }

    /// <summary>The id of label pixels that belong to no class; null takes it from the classes.</summary>
    public byte? IgnoreIndex { get; init; }

    /// <summary>Class id (or the ignore index) by the value stored in labels; null where stored values are class ids. Values it does not name are faults, save the ignore index.</summary>
    public IReadOnlyDictionary<byte, byte>? LabelMap { get; init; }

    /// <summary>Ignores the stored value 0 and takes 1 from every other; not together with <see cref="LabelMap"/>.</summary>
    public bool ReduceZeroLabel { get; init; }

    /// <summary>Leaves out files without a partner and lists them in <see cref="SegmentationDataset.Unpaired"/> instead of throwing.</summary>
    public bool AllowUnpaired { get; init; }
}
