using FastScnn.ML.Imaging;
using FastScnn.Torch.Data;
using FastScnn.Torch.Onnx;
using static System.FormattableString;

namespace FastScnn.ML.Quantization;

/// <summary>How <see cref="FastScnnQuantizer"/> measures and what it writes.</summary>
public sealed record QuantizationOptions
{
    /// <summary>The part of all values of a layer that the range of its 8 bits covers, in percent, above 50 and up to
    /// 100; half of the rest is cut off at either end, and 100 goes from the smallest to the largest value that was
    /// seen. Default: 99.99.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The number is out of range.</exception>
    public double Percentile
    {
        get;
        init => field = value is > 50 and <= 100 ? value : throw new ArgumentOutOfRangeException(
            nameof(Percentile), Invariant($"A percentile of {value}; expected above 50 and up to 100."));
    } = 99.99;

    /// <summary>Whether weights use all of -127..127. Default: false, -63..63, because CPUs without VNNI instructions
    /// (AVX2 alone) add pairs of products in 16 bits, which full weights overflow.</summary>
    public bool FullRangeWeights { get; init; }

    /// <summary>The layers to leave in single precision, by their keys in a checkpoint or the beginnings of them, such
    /// as <c>classifier.</c> or <c>global_feature_extractor.bottleneck1.0.block.2</c>. Default: none. A name that
    /// stands for none is an error when the file is written.</summary>
    /// <exception cref="ArgumentNullException">The value is null.</exception>
    public IReadOnlyList<string> FloatLayers
    {
        get;
        init => field = value ?? throw new ArgumentNullException(nameof(FloatLayers));
    } = [];

    /// <summary>The export settings apart from the precision: kind of graph and fixed size. Images are measured at the
    /// fixed size where there is one, as they are scored. Default: a scoring graph of any size.</summary>
    /// <exception cref="ArgumentNullException">The value is null.</exception>
    public OnnxExportOptions Export
    {
        get;
        init => field = value ?? throw new ArgumentNullException(nameof(Export));
    } = new();

    /// <summary>How many threads work on an image. Default: 0, one for every processor core.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The number is negative.</exception>
    public int Threads
    {
        get;
        init => field = value >= 0 ? value : throw Throw.Threads(nameof(Threads), value);
    }

    /// <summary>The largest accepted image, width times height; memory grows by about 350 bytes for each pixel
    /// that the network sees (at input scale 2 it sees four pixels for each one of the image).
    /// Default: 67,108,864 (8192 x 8192).</summary>
    /// <exception cref="ArgumentOutOfRangeException">The number is less than 1 or more than fit into an
    /// array.</exception>
    public long MaxPixels
    {
        get;
        init => field = value is >= 1 and <= ImageDecoderOptions.MostPixels ? value : throw Throw.MaxPixels(value);
    } = ImageFiles.DefaultMaxPixels;

    /// <summary>Whether images of files are turned as their EXIF orientation says. Default: true, they come
    /// upright.</summary>
    public bool ApplyOrientation { get; init; } = true;
}
