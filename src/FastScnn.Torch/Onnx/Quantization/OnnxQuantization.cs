namespace FastScnn.Torch.Onnx;

/// <summary>
/// How an <see cref="OnnxPrecision.Int8"/> file is quantized: QuantizeLinear and DequantizeLinear around the convolutions (QDQ, static),
/// activations as uint8 with one scale and zero point a tensor, weights as int8 with a scale for every output channel, biases as int32.
/// </summary>
/// <remarks>
/// What stays in single precision: the stage <c>learning_to_downsample</c> (on CamVid 0.6 points of mIoU for 1 % of the time), the last
/// convolution, whose output decides between classes, and the averages of the pyramid pooling, which are few.
/// </remarks>
public sealed record OnnxQuantization
{
    /// <summary>
    /// The range of every tensor that a graph exported with <see cref="OnnxExportOptions.ActivationOutputs"/> gives beside the logits, by its
    /// name there. <c>FastScnnQuantizer</c> in FastScnn.ML measures them on photos.
    /// </summary>
    public required IReadOnlyDictionary<string, ActivationRange> Ranges
    {
        get;
        init
        {
            ArgumentNullException.ThrowIfNull(value, nameof(Ranges));
            field = value;
        }
    }

    /// <summary>
    /// Whether weights use all of -127..127. Default: false, -63..63, because processors without VNNI instructions (AVX2 alone) add pairs of
    /// products in 16 bits, which full weights overflow.
    /// </summary>
    public bool FullRangeWeights { get; init; }

    /// <summary>
    /// The layers to leave in single precision, by their keys in a checkpoint or the beginnings of them, such as
    /// <c>classifier.</c> or <c>global_feature_extractor.bottleneck1.0.block.2</c>. Default: none.
    /// A name that stands for none is an error when the file is written.
    /// </summary>
    public IReadOnlyList<string> FloatLayers
    {
        get;
        init
        {
            ArgumentNullException.ThrowIfNull(value, nameof(FloatLayers));
            field = value;
        }
    } = [];
}
