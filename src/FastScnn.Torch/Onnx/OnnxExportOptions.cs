namespace FastScnn.Torch.Onnx;

/// <summary>
/// What <see cref="OnnxExporter"/> writes. Classes, normalization and input scale are those of <see cref="Checkpoints.Checkpoint.Info"/>;
/// <see cref="Checkpoints.Checkpoint.WithInfo"/> changes them.
/// </summary>
public sealed record OnnxExportOptions
{
    /// <summary>The smallest height and width the network works on, in pixels.</summary>
    public const int MinSide = 32;

    /// <summary>The kind of graph. Default: <see cref="OnnxGraph.Scoring"/>.</summary>
    public OnnxGraph Graph
    {
        get;
        init => field = Enum.IsDefined(value) ? value : throw Errors.UnknownOnnxGraph(value);
    } = OnnxGraph.Scoring;

    /// <summary>The only height the file accepts, 32 or more; null (the default) accepts any. Set together with <see cref="Width"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is below 32.</exception>
    public int? Height
    {
        get;
        init => field = RequireSide(value, nameof(Height));
    }

    /// <summary>The only width the file accepts, 32 or more; null (the default) accepts any. Set together with <see cref="Height"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is below 32.</exception>
    public int? Width
    {
        get;
        init => field = RequireSide(value, nameof(Width));
    }

    /// <summary>
    /// Whether an interop graph takes pixels as they are, 0..255, and normalizes inside, which is what stock ML.NET can feed: <c>ResizeImages</c>,
    /// <c>ExtractPixels</c> without arguments, <c>ApplyOnnxModel</c>. Its metadata then names the normalization that leaves pixels alone (mean
    /// 0, std 1/255). Default: false, the caller normalizes. A scoring graph takes pixels as they are in any case.
    /// </summary>
    public bool RawPixels { get; init; }

    /// <summary>The numbers that the layers work with. Default: <see cref="OnnxPrecision.Float32"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such precision.</exception>
    public OnnxPrecision Precision
    {
        get;
        init => field = Enum.IsDefined(value) ? value : throw Errors.UnknownOnnxPrecision(value);
    } = OnnxPrecision.Float32;

    /// <summary>The ranges and settings of an <see cref="OnnxPrecision.Int8"/> file, which needs them. Default: null, for the other precisions.</summary>
    public OnnxQuantization? Quantization { get; init; }

    /// <summary>
    /// Whether the values between layers that quantization needs the ranges of are outputs too, each by its own name, float32 [N, channels,
    /// rows, columns]. Only for <see cref="OnnxPrecision.Float32"/>. Default: false.
    /// </summary>
    public bool ActivationOutputs { get; init; }

    private static int? RequireSide(int? value, string name) =>
        value is null or >= MinSide ? value : throw Errors.OnnxSide(name, value.Value);
}
