using FastScnn.Torch.Network;

namespace FastScnn.Torch.Onnx;

/// <summary>The settings of <see cref="OnnxExporter"/>. Classes, normalization and input scale are those of
/// <see cref="Checkpoints.Checkpoint.Info"/>; <see cref="Checkpoints.Checkpoint.WithInfo"/> changes them.</summary>
public sealed record OnnxExportOptions
{
    /// <summary>Gets or sets the kind of graph. Default: <see cref="OnnxGraph.Scoring"/>.</summary>
    public OnnxGraph Graph
    {
        get;
        init => field = Enum.IsDefined(value) ? value
            : throw new ArgumentOutOfRangeException(nameof(Graph), value,
                "There is no such kind of ONNX graph; there are Scoring and Interop.");
    } = OnnxGraph.Scoring;

    /// <summary>Gets or sets the only height the file accepts, 32 or more; null (the default) accepts any. Set together
    /// with <see cref="Width"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is below 32.</exception>
    public int? Height
    {
        get;
        init => field = RequireSide(value, nameof(Height));
    }

    /// <summary>Gets or sets the only width the file accepts, 32 or more; null (the default) accepts any. Set together
    /// with <see cref="Height"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is below 32.</exception>
    public int? Width
    {
        get;
        init => field = RequireSide(value, nameof(Width));
    }

    /// <summary>Gets or sets whether an interop graph takes pixels as they are, 0..255, and normalizes inside, which is
    /// what stock ML.NET can feed: <c>ResizeImages</c>, <c>ExtractPixels</c> without arguments, <c>ApplyOnnxModel</c>.
    /// Its metadata then names the normalization that leaves pixels alone (mean 0, std 1/255). Default: false, the
    /// caller normalizes. A scoring graph takes pixels as they are in any case.</summary>
    public bool RawPixels { get; init; }

    /// <summary>Gets or sets the numbers that the layers work with. Default:
    /// <see cref="OnnxPrecision.Float32"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such precision.</exception>
    public OnnxPrecision Precision
    {
        get;
        init => field = Enum.IsDefined(value) ? value
            : throw new ArgumentOutOfRangeException(nameof(Precision), value,
                "There is no such precision; there are Float32, Float16 and Int8.");
    } = OnnxPrecision.Float32;

    /// <summary>The ranges and settings of an <see cref="OnnxPrecision.Int8"/> file, which needs them; null for the
    /// other precisions.</summary>
    internal OnnxQuantization? Quantization { get; init; }

    /// <summary>Whether the values between layers that quantization needs the ranges of are outputs too, each by its
    /// own name, float32 [N, channels, rows, columns]. Only for <see cref="OnnxPrecision.Float32"/>.</summary>
    internal bool ActivationOutputs { get; init; }

    private static int? RequireSide(int? value, string name) =>
        value is null or >= FastScnnArchitecture.MinimumSize ? value
            : throw new ArgumentOutOfRangeException(name, value,
                $"A fixed side must be {FastScnnArchitecture.MinimumSize} pixels or more: the network cannot see less.");
}

/// <summary>The kinds of ONNX file that <see cref="OnnxExporter"/> writes. Both hold the same network.</summary>
public enum OnnxGraph
{
    /// <summary>For scoring in this library: input <c>image</c>, uint8 [N, 3, H, W], planar RGB as images hold it;
    /// output <c>logits</c>, float32 [N, K, h, w] at an eighth of the size. The normalization is folded into the first
    /// convolution; who scores enlarges the logits and takes the largest.</summary>
    Scoring,

    /// <summary>For other tools: input <c>image</c>, float32 [N, 3, H, W], RGB scaled to 0..1 and normalized (or as
    /// pixels are, with <see cref="OnnxExportOptions.RawPixels"/>); <c>logits</c>, float32 [N, K, H, W] at the size of
    /// the image.</summary>
    Interop,
}

/// <summary>The numbers that the layers of an ONNX file work with. What goes in and comes out is the same for
/// all.</summary>
public enum OnnxPrecision
{
    /// <summary>Single precision, for every device.</summary>
    Float32,

    /// <summary>Half precision (IEEE binary16) between the image and the logits, for graphics processors: half the
    /// memory traffic. ONNX Runtime turns it back into single precision on the processor, where it gains
    /// nothing.</summary>
    Float16,

    /// <summary>8-bit integers in most convolutions, for processors. <c>FastScnnQuantizer</c> in FastScnn.ML measures
    /// their ranges and writes the file.</summary>
    Int8,
}
