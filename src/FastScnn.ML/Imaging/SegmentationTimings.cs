namespace FastScnn.ML;

/// <summary>How long the parts of one segmentation took.</summary>
/// <param name="PreProcess">Decoding (where a file or stream was given), pixels to planes, and resizing where it was needed.</param>
/// <param name="Inference">The network in ONNX Runtime.</param>
/// <param name="PostProcess">From the network's scores to one class a pixel.</param>
public readonly record struct SegmentationTimings(TimeSpan PreProcess, TimeSpan Inference, TimeSpan PostProcess)
{
    /// <summary>What of <see cref="PreProcess"/> was spent on reading and decoding the photo; zero where pixels were given.</summary>
    public TimeSpan Decode { get; init; }

    /// <summary>The sum of the three parts.</summary>
    public TimeSpan Total => PreProcess + Inference + PostProcess;
}
