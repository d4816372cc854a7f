namespace FastScnn.Torch.Data.Augmentation;

/// <summary>How images and masks are varied for training. The defaults are those of the reference implementation
/// (random short side, crop, mirror, blur) with what mmsegmentation adds (a limit to the share of one class in a crop,
/// colour jitter).</summary>
public sealed record AugmentationOptions
{
    /// <summary>Nothing but a crop at a random place: no scaling, mirroring, jitter or blur. Crops as large as the
    /// images leave them as they are.</summary>
    public static AugmentationOptions CropOnly { get; } = new()
    {
        Scale = (1, 1),
        MaxClassFraction = 1,
        FlipProbability = 0,
        ColorProbability = 0,
        BlurProbability = 0,
    };

    /// <summary>Columns of a crop, 32..16384. Default: 768, as in the reference implementation.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public int CropWidth { get; init => field = Check.Range(value, 32, 16384); } = 768;

    /// <summary>Rows of a crop, 32..16384. Default: 768, as in the reference implementation.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public int CropHeight { get; init => field = Check.Range(value, 32, 16384); } = 768;

    /// <summary>The short side in pixels that a scale of 1 stands for, 1..65536; null: the short side of each image
    /// itself. Default: null. The reference implementation uses 1024, which is the short side of Cityscapes.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public int? BaseSize { get; init => field = Check.Range(value, 1, 65536); }

    /// <summary>The smallest and the largest factor that an image is scaled by, 0.01..100: its short side becomes a
    /// random whole number from <c>base x Min</c> to <c>base x Max</c>, and its proportions are kept. Default: 0.5 to
    /// 2.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A value is out of range, or the first is greater than the
    /// second.</exception>
    public (double Min, double Max) Scale
    {
        get;
        init => field = value is { Min: >= 0.01, Max: <= 100 } && value.Min <= value.Max
            ? value
            : throw Throw.OutOfRange(nameof(Scale), value, "two numbers from 0.01 to 100, the lesser first");
    } = (0.5, 2);

    /// <summary>The fraction of the labelled pixels of a crop that one class must stay below; other places are tried
    /// until a crop keeps to it. 1 takes the first place. Default: 0.75, as in mmsegmentation.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is 0 or less, or above 1.</exception>
    public double MaxClassFraction
    {
        get;
        init => field = value is > 0 and <= 1 ? value
            : throw Throw.OutOfRange(nameof(MaxClassFraction), value, "above 0 and at most 1");
    } = 0.75;

    /// <summary>How many places are tried for a crop within <see cref="MaxClassFraction"/>, 1..1000; the last is taken
    /// as it is. Default: 10.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public int CropAttempts { get; init => field = Check.Range(value, 1, 1000); } = 10;

    /// <summary>How often a crop is mirrored left to right, 0..1. Default: 0.5.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public double FlipProbability { get; init => field = Check.Range(value, 0, 1); } = 0.5;

    /// <summary>The colour (red, green, blue) to the right of and below an image that is smaller than the crop; its
    /// labels are ignored there. Default: 124, 116, 104, the mean of ImageNet, which normalization turns into about 0.
    /// The reference implementation pads with black.</summary>
    public (byte Red, byte Green, byte Blue) PaddingColor { get; init; } = (124, 116, 104);

    /// <summary>How often each of brightness, contrast, saturation and hue is changed, 0..1. Default: 0.5.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public double ColorProbability { get; init => field = Check.Range(value, 0, 1); } = 0.5;

    /// <summary>The most that is added to or taken from every channel, 0..255. Default: 32.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public double Brightness { get; init => field = Check.Range(value, 0, 255); } = 32;

    /// <summary>Channels are multiplied by 1 - this .. 1 + this, 0..1. Default: 0.5.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public double Contrast { get; init => field = Check.Range(value, 0, 1); } = 0.5;

    /// <summary>The saturation (of hue, saturation and value) is multiplied by 1 - this .. 1 + this, 0..1. Default:
    /// 0.5.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public double Saturation { get; init => field = Check.Range(value, 0, 1); } = 0.5;

    /// <summary>The most that the hue is turned either way, in degrees, 0..180. Default: 36, which is mmsegmentation's
    /// 18 steps of two degrees.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public double HueDegrees { get; init => field = Check.Range(value, 0, 180); } = 36;

    /// <summary>How often a crop is blurred, 0..1. Default: 0.5.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public double BlurProbability { get; init => field = Check.Range(value, 0, 1); } = 0.5;

    /// <summary>The greatest standard deviation of the Gaussian blur in pixels, 0..16; it is drawn uniformly from 0.
    /// Default: 1.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public double MaxBlurRadius { get; init => field = Check.Range(value, 0, 16); } = 1;
}
