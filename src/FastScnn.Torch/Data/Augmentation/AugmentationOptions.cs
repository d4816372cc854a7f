namespace FastScnn.Torch.Data.Augmentation;

/// <summary>
/// How photos and labels are varied for training. The defaults are those of the seed (random short side, crop, mirror, blur) with
/// what mmsegmentation adds (a limit to the share of one class in a crop, colour jitter).
/// </summary>
public sealed record AugmentationOptions
{
    /// <summary>Nothing but a crop at a random place: no scaling, mirroring, jitter or blur. Crops as large as the photos leave them as they are.</summary>
    public static AugmentationOptions CropOnly { get; } = new()
    {
        Scale = (1, 1), MaxClassShare = 1, FlipProbability = 0, ColorProbability = 0, BlurProbability = 0,
    };

    /// <summary>Columns of a crop, 32..16384. Default: 768, as in the seed.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public int CropWidth
    {
        get;
        init => field = CropSide(nameof(CropWidth), value);
    } = 768;

    /// <summary>Rows of a crop, 32..16384. Default: 768, as in the seed.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public int CropHeight
    {
        get;
        init => field = CropSide(nameof(CropHeight), value);
    } = 768;

    /// <summary>
    /// The short side in pixels that a scale of 1 stands for, 1..65536; null: the short side of each photo itself. Default: null. The
    /// seed uses 1024, which is the short side of Cityscapes.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public int? BaseSize
    {
        get;
        init => field = value is null or (>= 1 and <= 65536) ? value : throw Errors.Option(nameof(BaseSize), value, "1 to 65536, or null");
    }

    /// <summary>
    /// The least and the most that a photo is scaled by, 0.01..100: its short side becomes a random whole number from
    /// <c>base x least</c> to <c>base x most</c>, and its proportions are kept. Default: 0.5 to 2.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">A value is out of range, or the first is greater than the second.</exception>
    public (double Least, double Most) Scale
    {
        get;
        init => field = value is { Least: >= 0.01, Most: <= 100 } && value.Least <= value.Most
            ? value
            : throw Errors.Option(nameof(Scale), value, "two numbers from 0.01 to 100, the lesser first");
    } = (0.5, 2);

    /// <summary>
    /// The share of the labelled pixels of a crop that one class must stay below; other places are tried until a crop keeps to it. 1
    /// takes the first place. Default: 0.75, as in mmsegmentation.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is 0 or less, or above 1.</exception>
    public double MaxClassShare
    {
        get;
        init => field = value is > 0 and <= 1 ? value : throw Errors.Option(nameof(MaxClassShare), value, "above 0 and at most 1");
    } = 0.75;

    /// <summary>How many places are tried for a crop within <see cref="MaxClassShare"/>, 1..1000; the last is taken as it is. Default: 10.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public int CropTries
    {
        get;
        init => field = value is >= 1 and <= 1000 ? value : throw Errors.Option(nameof(CropTries), value, "1 to 1000");
    } = 10;

    /// <summary>How often a crop is mirrored left to right, 0..1. Default: 0.5.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public double FlipProbability
    {
        get;
        init => field = Probability(nameof(FlipProbability), value);
    } = 0.5;

    /// <summary>
    /// The colour (red, green, blue) to the right of and below a photo that is smaller than the crop; its labels are ignored there.
    /// Default: 124, 116, 104, the mean of ImageNet, which normalization turns into about 0. The seed pads with black.
    /// </summary>
    public (byte Red, byte Green, byte Blue) PaddingColor { get; init; } = (124, 116, 104);

    /// <summary>How often each of brightness, contrast, saturation and hue is changed, 0..1. Default: 0.5.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public double ColorProbability
    {
        get;
        init => field = Probability(nameof(ColorProbability), value);
    } = 0.5;

    /// <summary>The most that is added to or taken from every channel, 0..255. Default: 32.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public double Brightness
    {
        get;
        init => field = value is >= 0 and <= 255 ? value : throw Errors.Option(nameof(Brightness), value, "0 to 255");
    } = 32;

    /// <summary>Channels are multiplied by 1 - this .. 1 + this, 0..1. Default: 0.5.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public double Contrast
    {
        get;
        init => field = Probability(nameof(Contrast), value);
    } = 0.5;

    /// <summary>The saturation (of hue, saturation and value) is multiplied by 1 - this .. 1 + this, 0..1. Default: 0.5.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public double Saturation
    {
        get;
        init => field = Probability(nameof(Saturation), value);
    } = 0.5;

    /// <summary>The most that the hue is turned either way, in degrees, 0..180. Default: 36, which is mmsegmentation's 18 steps of two degrees.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public double HueDegrees
    {
        get;
        init => field = value is >= 0 and <= 180 ? value : throw Errors.Option(nameof(HueDegrees), value, "0 to 180");
    } = 36;

    /// <summary>How often a crop is blurred, 0..1. Default: 0.5.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public double BlurProbability
    {
        get;
        init => field = Probability(nameof(BlurProbability), value);
    } = 0.5;

    /// <summary>The greatest standard deviation of the Gaussian blur in pixels, 0..16; it is drawn uniformly from 0. Default: 1.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public double MaxBlurRadius
    {
        get;
        init => field = value is >= 0 and <= 16 ? value : throw Errors.Option(nameof(MaxBlurRadius), value, "0 to 16");
    } = 1;

    private static int CropSide(string name, int value) =>
        value is >= 32 and <= 16384 ? value : throw Errors.Option(name, value, "32 to 16384");

    private static double Probability(string name, double value) =>
        value is >= 0 and <= 1 ? value : throw Errors.Option(name, value, "0 to 1");
}
