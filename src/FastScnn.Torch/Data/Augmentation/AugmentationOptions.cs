namespace FastScnn.Torch.Data.Augmentation;

/// <summary>How images and masks are varied for training. The defaults are those of the reference implementation
/// (random short side, crop, mirror, blur) with what mmsegmentation adds (a limit to the share of one class in a crop,
/// colour jitter). Warp, gamma, white balance, noise, JPEG artefacts, copy-paste and mosaic are off until their
/// probability is set.</summary>
/// <remarks>Each of those that are off by default draws its random numbers from a sequence of its own: to switch one on
/// leaves all else about a crop as it was.</remarks>
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

    /// <summary>The colour (red, green, blue) to the right of and below an image that is smaller than the crop, and
    /// beyond the image in a warped crop; labels are ignored there. Default: 124, 116, 104, the mean of ImageNet, which normalization turns into about 0.
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

    /// <summary>How often a crop is turned and seen askew, as from a camera that is held otherwise, 0..1. The pixels
    /// are taken from the source image in one step with scaling and mirroring; what lies beyond the image is padding.
    /// Default: 0.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public double WarpProbability { get; init => field = Check.Range(value, 0, 1); }

    /// <summary>The most that a warped crop is turned either way, in degrees, 0..45. Default: 10.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public double RotationDegrees { get; init => field = Check.Range(value, 0, 45); } = 10;

    /// <summary>The most that each corner of a warped crop is shifted along either side, as a share of that side,
    /// 0..0.2: a homography. Default: 0.1.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public double Perspective { get; init => field = Check.Range(value, 0, 0.2); } = 0.1;

    /// <summary>How often the gamma of a crop is changed, 0..1: channels, as shares of 255, are raised to a power,
    /// which keeps black and white and makes what is between lighter or darker. Default: 0.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public double GammaProbability { get; init => field = Check.Range(value, 0, 1); }

    /// <summary>The greatest exponent, 1..5; the least is 1 divided by this, and its logarithm is drawn uniformly.
    /// Default: 1.8.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public double MaxGamma { get; init => field = Check.Range(value, 1, 5); } = 1.8;

    /// <summary>How often the white balance of a crop is changed, 0..1: red and blue are multiplied by a factor each,
    /// as under light of another colour. Default: 0.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public double WhiteBalanceProbability { get; init => field = Check.Range(value, 0, 1); }

    /// <summary>The factors of red and blue are 1 - this .. 1 + this, 0..0.9. Default: 0.2.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public double WhiteBalance { get; init => field = Check.Range(value, 0, 0.9); } = 0.2;

    /// <summary>How often noise is added to a crop, 0..1: normally distributed, for each channel of each pixel by
    /// itself. Default: 0.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public double NoiseProbability { get; init => field = Check.Range(value, 0, 1); }

    /// <summary>The greatest standard deviation of the noise, of values of 0 to 255, 0..64; it is drawn uniformly from
    /// 0. Default: 8.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public double MaxNoise { get; init => field = Check.Range(value, 0, 64); } = 8;

    /// <summary>How often a crop gets the artefacts of JPEG, 0..1: its blocks of 8 x 8 pixels, of halved chroma (4:2:0)
    /// and luma, are quantized by the tables of ITU-T T.81, annex K, with the grid at a random place. Default:
    /// 0.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public double JpegProbability { get; init => field = Check.Range(value, 0, 1); }

    /// <summary>The least quality of JPEG, 1..95, on the scale of the Independent JPEG Group; a whole number is drawn
    /// uniformly from this to 95. Default: 30.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public int MinJpegQuality { get; init => field = Check.Range(value, 1, 95); } = 30;

    /// <summary>How often pixels of rare classes are pasted onto a crop, with their labels, 0..1. They come from the
    /// crop of another random sample, augmented by itself, and keep their place in it. Of the classes there, each that
    /// covers less than <see cref="CopyPasteMaxShare"/> is pasted whole with a probability of 1/2. Default: 0. After
    /// ClassMix (Olsson et al., 2020, arXiv:2007.07936) and Simple Copy-Paste (Ghiasi et al., 2020,
    /// arXiv:2012.07177).</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public double CopyPasteProbability { get; init => field = Check.Range(value, 0, 1); }

    /// <summary>The share of the labelled pixels of the other crop below which a class there is rare, 0..1. Default:
    /// 0.05.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public double CopyPasteMaxShare { get; init => field = Check.Range(value, 0, 1); } = 0.05;

    /// <summary>How often a crop is put together of four, 0..1: around a random point in the middle half of both sides
    /// three quarters come from the crops of other random samples, each augmented by itself. All pixels keep the place
    /// that they have in their crop, so that sky stays above and road below. It comes before copy-paste. Default: 0.
    /// After YOLOv4 (Bochkovskiy et al., 2020, arXiv:2004.10934).</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public double MosaicProbability { get; init => field = Check.Range(value, 0, 1); }
}
