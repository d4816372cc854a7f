using FastScnn.Torch;
using FastScnn.Torch.Data;
using FastScnn.Torch.Onnx;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace FastScnn.ML;

/// <summary>A loaded model: one session, shared by all threads, and what its input and output mean.</summary>
internal sealed class SegmentationModel : IDisposable
{
    private readonly InferenceSession _session;
    private readonly RunOptions _runOptions;
    private readonly RunOptions _lastRunOptions;
    private readonly string _name;
    private readonly FramePool? _frames;
    private readonly int? _fixedHeight;
    private readonly int? _fixedWidth;
    private readonly int _smallestSide;

    // One for the owner and one for every run under way: the last to leave closes the session.
    private int _users = 1;
    private int _disposed;

    public SegmentationModel(byte[] model, string name, FastScnnSegmenterOptions options, Func<SessionOptions>? baseOptions)
    {
        _name = name;
        (_session, Provider, FallbackReason) = SessionFactory.Create(model, name, options, baseOptions);
        _runOptions = new RunOptions();
        _lastRunOptions = new RunOptions();
        try
        {
            // Gives back the working memory of a size that goes on in a session of its own.
            _lastRunOptions.AddRunConfigEntry("memory.enable_memory_arena_shrinkage", "cpu:0");
            (string inputName, NodeMetadata input) = Only(_session.InputMetadata, "inputs");
            string outputName = _session.OutputMetadata.ContainsKey("logits") ? "logits" : Only(_session.OutputMetadata, "outputs").Name;
            NodeMetadata scores = _session.OutputMetadata[outputName];
            int[] output = scores.Dimensions;
            if (input.Dimensions is not [_, 3 or -1, _, _] || output.Length != 4)
                throw Errors.UnknownModelShape(name, inputName, input.Dimensions, outputName, output);
            if (scores.ElementDataType != TensorElementType.Float)
                throw Errors.UnknownModelOutput(name, outputName, scores.ElementDataType);
            bool takesBytes = input.ElementDataType switch
            {
                TensorElementType.UInt8 => true,
                TensorElementType.Float => false,
                TensorElementType other => throw Errors.UnknownModelInput(name, inputName, other),
            };
            (_fixedHeight, _fixedWidth) = (Known(input.Dimensions[2]), Known(input.Dimensions[3]));

            if ((_fixedHeight ?? _fixedWidth) is not null && options.Inference.Scales is not [1.0])
                throw Errors.ScalesOfFixedSize(name, input.Dimensions, options.Inference.Scales);

            ModelInfo? info = ReadInfo();
            Classes = options.Classes ?? info?.Classes ?? throw Errors.ModelWithoutClasses(name);
            if (Known(output[1]) is { } planes && planes != Classes.Count)
                throw Errors.ClassCountMismatch(name, planes, Classes.Count);
            Normalization = takesBytes ? null : new PlaneNormalization(options.Normalization ?? info?.Normalization ?? throw Errors.ModelWithoutNormalization(name));
            AlignCorners = info?.AlignCorners ?? true;
            _smallestSide = (int)Math.Ceiling(FastScnn.Torch.Network.FastScnnNetwork.MinimumSize / (info?.InputScale ?? 1));
            _frames = new FramePool(_session, baseOptions is null ? SessionFactory.ForSizes(model, name, options, Provider, (inputName, input), outputName) : null)
            {
                Classes = Classes.Count,
                Threads = options.Threads,
                TakesBytes = takesBytes,
                BindsCopies = Provider != SessionFactory.CpuProvider,
                OnCuda = Provider == CudaProvider.Name,
                InputName = inputName,
                OutputName = outputName,
                UnexpectedScores = shape => Errors.UnexpectedScores(name, shape, Classes.Count),
            };
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public ClassList Classes { get; }

    /// <summary>What makes the input of a network that takes floats; null for one that takes bytes.</summary>
    public PlaneNormalization? Normalization { get; }

    public bool AlignCorners { get; }

    public string Provider { get; }

    public string? FallbackReason { get; }

    /// <summary>The size at which a photo goes into the network.</summary>
    public (int Width, int Height) InputSize(int width, int height) =>
        (_fixedWidth ?? Math.Max(width, _smallestSide), _fixedHeight ?? Math.Max(height, _smallestSide));

    /// <summary>Sizes that have a session of their own.</summary>
    public int SizedSessions => _frames!.Sessions;

    /// <summary>Why photos of the size that came last do not replay a CUDA graph, where that was tried.</summary>
    public string? WhyNoGraph => _frames!.WhyNoGraph;

    /// <summary>Lends what a photo of one size in the network needs, inside <see cref="Use"/>.</summary>
    public Frame Rent(int inputWidth, int inputHeight) => _frames!.Rent(inputWidth, inputHeight);

    /// <summary>Runs the network, inside <see cref="Use"/>.</summary>
    public void Run(Frame frame)
    {
        try
        {
            frame.Run(frame.IsLastOfSession ? _lastRunOptions : _runOptions);
        }
        catch (OnnxRuntimeException e)
        {
            throw Errors.RunFailed(_name, e);
        }
    }

    /// <summary>Keeps the session open until the result is disposed, even when another thread disposes the model meanwhile.</summary>
    public Lease Use()
    {
        for (int users = Volatile.Read(ref _users); users > 0 && Volatile.Read(ref _disposed) == 0;)
        {
            int seen = Interlocked.CompareExchange(ref _users, users + 1, users);
            if (seen == users)
                return new Lease(this);
            users = seen;
        }
        throw new ObjectDisposedException(nameof(FastScnnSegmenter));
    }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
            Leave();
    }

    private void Leave()
    {
        if (Interlocked.Decrement(ref _users) > 0)
            return;
        _frames?.Dispose();
        _runOptions.Dispose();
        _lastRunOptions.Dispose();
        using (CudaCapture.Working(Provider == CudaProvider.Name))
            _session.Dispose();
    }

    // Null for a file of another tool, which has no entries of ours.
    private ModelInfo? ReadInfo()
    {
        Dictionary<string, string> metadata = _session.ModelMetadata.CustomMetadataMap;
        try
        {
            return metadata.Keys.Any(key => key.StartsWith("fastscnn.", StringComparison.Ordinal)) ? ModelInfo.FromOnnx(metadata) : null;
        }
        catch (InvalidDataException e)
        {
            throw Errors.ModelMetadata(_name, e);
        }
    }

    private (string Name, NodeMetadata Metadata) Only(IReadOnlyDictionary<string, NodeMetadata> nodes, string what) =>
        nodes.Count == 1 ? (nodes.First().Key, nodes.First().Value) : throw Errors.NotOneNode(_name, what, nodes.Keys);

    private static int? Known(int dimension) => dimension > 0 ? dimension : null;

    /// <summary>One use of the model under way.</summary>
    public readonly struct Lease(SegmentationModel model) : IDisposable
    {
        public void Dispose() => model.Leave();
    }
}
