using FastScnn.ML.Scoring.Cuda;
using FastScnn.Torch.Onnx;

namespace FastScnn.GpuBench;

/// <summary>One way to score: what the file holds, and how images and scores come and go.</summary>
/// <param name="Graph">Interop: floats in, logits of the image's size out; scoring: bytes in, logits at an eighth
/// out.</param>
/// <param name="Precision">The numbers of the layers.</param>
/// <param name="OnDevice">Whether input and output have their places in device memory, and the bench copies; otherwise
/// ONNX Runtime does, each time anew.</param>
/// <param name="CudaGraph">Whether the whole network is captured once and replayed.</param>
internal sealed record Variant(OnnxGraph Graph, OnnxPrecision Precision, bool OnDevice, bool CudaGraph)
{
    /// <summary>The provider's settings; what they are called in the table, where they are not the
    /// segmenter's.</summary>
    public (CudaOptions Options, string? Name) Provider { get; init; } = (new(), null);

    /// <summary>Our graph, replayed, with other settings of the provider.</summary>
    public static IEnumerable<Variant> OtherSettings =>
        from precision in new[] { OnnxPrecision.Float32, OnnxPrecision.Float16 }
        from nhwc in new[] { true, false }
        from search in new[] { "EXHAUSTIVE", "HEURISTIC", "DEFAULT" }
        let provider = new CudaOptions
        {
            PreferNhwc = nhwc,
            Other = new Dictionary<string, string> { ["cudnn_conv_algo_search"] = search },
        }
        where nhwc || search != "HEURISTIC"
        select new Variant(OnnxGraph.Scoring, precision, OnDevice: true, CudaGraph: true)
        {
            Provider = (provider,
                $"{(nhwc ? "channels last" : "channels first")}, {search.ToLowerInvariant()} search"),
        };

    public static IEnumerable<Variant> All =>
        from graph in new[] { OnnxGraph.Interop, OnnxGraph.Scoring }
        from precision in new[] { OnnxPrecision.Float32, OnnxPrecision.Float16 }
        from way in new (bool OnDevice, bool CudaGraph)[] { (false, false), (true, false), (true, true) }
        select new Variant(graph, precision, way.OnDevice, way.CudaGraph);

    public string Name =>
        (Graph == OnnxGraph.Interop ? "float in, full logits out" : "uint8 in, 1/8 logits out")
        + (Precision == OnnxPrecision.Float16 ? ", fp16" : ", fp32")
        + (OnDevice ? ", bound on the device" : ", bound on the processor")
        + (CudaGraph ? ", CUDA graph" : "")
        + (Provider.Name is { } name ? $", {name}" : "");
}
