using System.Collections.ObjectModel;
using System.Globalization;
using static System.FormattableString;

namespace FastScnn.ML.Scoring.Cuda;

/// <summary>How ONNX Runtime's CUDA provider works, where <see cref="FastScnnSegmenterOptions.GpuDeviceId"/> asks for
/// it. Models exported with half precision (<see cref="Torch.Onnx.OnnxPrecision.Float16"/>) move half the
/// memory.</summary>
/// <remarks>The names in ONNX Runtime's documentation are in parentheses:
/// https://onnxruntime.ai/docs/execution-providers/CUDA-ExecutionProvider.html.</remarks>
public sealed record CudaOptions
{
    private const string Device = "device_id";
    private const string Graph = "enable_cuda_graph";

    /// <summary>Whether layers keep the channels of a pixel together (<c>prefer_nhwc</c>). Default: false; on an H100
    /// it makes a difference of up to 7 %, mostly for the worse.</summary>
    public bool PreferNhwc { get; init; }

    /// <summary>Whether cuDNN tries all algorithms of a convolution and keeps the fastest, once for every size of
    /// image, so that the first image of a size can take seconds longer (<c>cudnn_conv_algo_search</c>). Default:
    /// false, cuDNN is asked which should be fast; on an H100 the network is as fast as after trying all. cuDNN's
    /// default algorithm, for which <see cref="Other"/> can ask, takes about thirty to forty times as long
    /// there.</summary>
    public bool ExhaustiveConvolutionSearch { get; init; }

    /// <summary>Whether products of single-precision numbers may be rounded to 10 bits, from the Ampere generation on
    /// (<c>use_tf32</c>). Default: true.</summary>
    public bool UseTf32 { get; init; } = true;

    /// <summary>Whether images of a size that comes often go through a session of that size, whose kernels were
    /// captured once and are replayed together (<c>enable_cuda_graph</c>). It takes one image at a time; other images
    /// are prepared and finished meanwhile. Making it takes a second or two, in which no other image is scored on a
    /// device. Where a model cannot be captured it runs as without. Default: true; set it to false where other code of
    /// the process works on a CUDA device meanwhile, such as a training, which a capture would disturb.</summary>
    public bool EnableCudaGraph { get; init; } = true;

    /// <summary>The most device memory that ONNX Runtime keeps for values, in bytes (<c>gpu_mem_limit</c>). Default:
    /// null, no limit.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The number is less than 1.</exception>
    public long? MemoryLimit
    {
        get;
        init => field = value is null or >= 1 ? value : throw new ArgumentOutOfRangeException(
            nameof(MemoryLimit), Invariant($"A memory limit of {value} bytes; expected 1 or more, or null for none."));
    }

    /// <summary>Further options of the provider, by their names in ONNX Runtime; they replace those above. Default:
    /// none. <c>enable_cuda_graph</c> is refused, as it concerns the size of the images: that is
    /// <see cref="EnableCudaGraph"/>.</summary>
    /// <exception cref="ArgumentException">The device is among them (that is
    /// <see cref="FastScnnSegmenterOptions.GpuDeviceId"/>), or a CUDA graph.</exception>
    public IReadOnlyDictionary<string, string> Other
    {
        get;
        init
        {
            ArgumentNullException.ThrowIfNull(value, nameof(Other));
            if (value.ContainsKey(Device))
                throw Refused(Device,
                    $"set {nameof(FastScnnSegmenterOptions)}.{nameof(FastScnnSegmenterOptions.GpuDeviceId)}");
            if (value.ContainsKey(Graph))
                throw Refused(Graph, $"set {nameof(EnableCudaGraph)}");
            field = value;

            static ArgumentException Refused(string name, string why) =>
                new($"The CUDA option '{name}' cannot be set here: {why}.", nameof(Other));
        }
    } = ReadOnlyDictionary<string, string>.Empty;

    /// <summary>The options by their names in ONNX Runtime, apart from the device.</summary>
    /// <param name="graph">Whether the session replays a graph.</param>
    internal Dictionary<string, string> ToProviderOptions(bool graph = false)
    {
        var options = new Dictionary<string, string>
        {
            ["prefer_nhwc"] = PreferNhwc ? "1" : "0",
            ["cudnn_conv_algo_search"] = ExhaustiveConvolutionSearch ? "EXHAUSTIVE" : "HEURISTIC",
            ["use_tf32"] = UseTf32 ? "1" : "0",
        };
        if (MemoryLimit is { } limit)
            options["gpu_mem_limit"] = limit.ToString(CultureInfo.InvariantCulture);
        if (graph)
            options[Graph] = "1";
        foreach ((string name, string value) in Other)
            options[name] = value;
        return options;
    }
}
