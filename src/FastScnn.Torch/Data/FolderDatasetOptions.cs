namespace FastScnn.Torch.Data;

/// <summary>How the folders of <see cref="SegmentationDataset.FromFolder"/> are laid out and what their masks
/// hold.</summary>
public sealed record FolderDatasetOptions
{
    /// <summary>The folder of the images below the root: <c>images</c>.</summary>
    public string ImagesFolder { get; init; } = "images";

    /// <summary>The folder of the masks below the root: <c>masks</c>.</summary>
    public string MasksFolder { get; init; } = "masks";

    /// <summary>How an image's name ends before its extension, such as <c>_leftImg8bit</c>; nothing by default. Other
    /// files are not looked at.</summary>
    public string ImageSuffix { get; init; } = "";

    /// <summary>How a mask's name ends before its extension, such as <c>_labelTrainIds</c>; nothing by default. Other
    /// files are not looked at.</summary>
    public string MaskSuffix { get; init; } = "";

    /// <summary>The classes; null reads them from <c>classes.json</c> in the root.</summary>
    public ClassList? Classes { get; init; }

    /// <summary>The id of pixels that belong to no class; null takes it from the classes.</summary>
    public byte? IgnoreIndex { get; init; }

    /// <summary>Class id (or the ignore index) by the value stored in masks; null where stored values are class ids.
    /// Values it does not name are faults, save the ignore index.</summary>
    public IReadOnlyDictionary<byte, byte>? LabelMap { get; init; }

    /// <summary>As <see cref="LabelMap"/>, in ranges from the first to the last value, of up to 16 bits: <c>[(0, 127,
    /// 0), (128, 255, 1)]</c> reads soft edges between 0 and 255 as the nearer of two classes. Not together with
    /// <see cref="LabelMap"/>. Default: null.</summary>
    public IReadOnlyList<(int First, int Last, byte Id)>? LabelRanges { get; init; }

    /// <summary>Whether the stored values of masks or their colours say the class. Default:
    /// <see cref="MaskEncoding.Auto"/>, by the kind of the file.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is another than Auto, Values or Colors.</exception>
    public MaskEncoding Encoding
    {
        get;
        init => field = value is MaskEncoding.Auto or MaskEncoding.Values or MaskEncoding.Colors ? value
            : throw new ArgumentOutOfRangeException(nameof(Encoding), value, "Expected Auto, Values or Colors.");
    }

    /// <summary>Ignores pixels of colour-coded masks in a colour of no class, and those that are partly transparent,
    /// instead of refusing the mask; a check of the data set and training tell how many there are. Default:
    /// false.</summary>
    public bool IgnoreUnknownColors { get; init; }

    /// <summary>Ignores the stored value 0 and takes 1 from every other; not together with <see cref="LabelMap"/> or
    /// <see cref="LabelRanges"/>.</summary>
    public bool ReduceZeroLabel { get; init; }

    /// <summary>Leaves out files without a partner and lists them in <see cref="SegmentationDataset.Unpaired"/> instead
    /// of throwing.</summary>
    public bool AllowUnpaired { get; init; }
}
