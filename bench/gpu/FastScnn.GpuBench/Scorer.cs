using FastScnn.ML.Scoring;
using FastScnn.ML.Scoring.Cuda;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace FastScnn.GpuBench;

/// <summary>A session of one variant, with everything that a frame needs in place.</summary>
internal sealed class Scorer : IDisposable
{
    private const string Image = "image";
    private const string Logits = "logits";

    private readonly InferenceSession _session;
    private readonly RunOptions _options = new();
    private readonly OrtValue _logits;
    private readonly CudaGraphSession? _graph;
    private readonly ScoringBuffers? _buffers;
    private readonly OrtAllocator? _allocator;
    private readonly OrtValue? _deviceImage;
    private readonly OrtValue? _deviceLogits;
    private readonly OrtIoBinding? _binding;

    /// <param name="model">The bytes of the file, for one size.</param>
    /// <param name="variant">The way to score.</param>
    /// <param name="device">The CUDA device; null for the processor.</param>
    public Scorer(byte[] model, Variant variant, int? device)
    {
        _session = variant.CudaGraph ? new InferenceSession(model) : Create(model, variant, device);
        long[] shape = [1, .. _session.OutputMetadata[Logits].Dimensions.Skip(1).Select(side => (long)side)];
        NodeMetadata image = _session.InputMetadata[Image];
        long[] imageShape = [1, .. image.Dimensions.Skip(1).Select(side => (long)side)];
        if (variant.CudaGraph)
        {
            // The session on the processor only told the shapes.
            ModelDescription described = new(_session, "the model", new FastScnnSegmenterOptions());
            InputShape input = new((int)imageShape[3], (int)imageShape[2]);
            _graph = new CudaGraphSession(() => Create(model, variant, device), device, described, input, shape,
                Environment.ProcessorCount);
            _buffers = _graph.Buffers.Rent(input);
            _logits = _buffers.Output!;
            return;
        }
        _logits = OrtValue.CreateTensorValueFromMemory(new float[shape.Aggregate((product, side) => product * side)],
            shape);
        if (!variant.OnDevice)
            return;

        OrtAllocator allocator = OrtAllocator.DefaultInstance;
        if (device is { } on)
        {
            using OrtMemoryInfo memory = new("Cuda", OrtAllocatorType.DeviceAllocator, on, OrtMemType.Default);
            allocator = _allocator = new OrtAllocator(_session, memory);
        }
        _deviceImage = OrtValue.CreateAllocatedTensorValue(allocator, image.ElementDataType, imageShape);
        _deviceLogits = OrtValue.CreateAllocatedTensorValue(allocator, TensorElementType.Float, shape);
        _binding = _session.CreateIoBinding();
        _binding.BindInput(Image, _deviceImage);
        _binding.BindOutput(Logits, _deviceLogits);
    }

    private static InferenceSession Create(byte[] model, Variant variant, int? device)
    {
        using SessionOptions settings = new()
        {
            GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_ALL,
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR
        };
        if (device is { } number)
        {
            // What copies between memories comes with the provider's own library, also where the provider was built in.
            if ((CudaProvider.TryAppend(settings, number, variant.Provider.Options, variant.CudaGraph)
                ?? CudaProvider.TryRegister()) is { } missing)
                throw new InvalidOperationException(
                    $"GPU {number} cannot be used: {missing} {CudaRequirements.Describe(missing)}");
        }
        return new InferenceSession(model, settings);
    }

    /// <summary>The scores of the last frame, in the processor's memory.</summary>
    public ReadOnlySpan<float> Scores => _logits.GetTensorDataAsSpan<float>();

    /// <summary>Puts the image where this way wants it; where the segmenter does so too, it writes the planes there in
    /// the first place.</summary>
    public OrtValue Place(OrtValue image)
    {
        if (_buffers is null)
            return image;
        image.GetTensorMutableRawData().CopyTo(_buffers.Input.GetTensorMutableRawData());
        return _buffers.Input;
    }

    /// <summary>From an image in the processor's memory to scores there.</summary>
    public void Run(OrtValue image)
    {
        if (_graph is not null)
        {
            _graph.Run(_buffers!);
            return;
        }
        if (_binding is null)
        {
            _session.Run(_options, [Image], [image], [Logits], [_logits]);
            return;
        }
        Copy(image, _deviceImage!);
        _session.RunWithBinding(_options, _binding);
        _binding.SynchronizeBoundOutputs();
        Copy(_deviceLogits!, _logits);
    }

    /// <summary>Only the way there and back, for a variant that is bound on the device.</summary>
    public void Copy(OrtValue image)
    {
        Copy(image, _deviceImage!);
        Copy(_deviceLogits!, _logits);
    }

    public void Dispose()
    {
        _binding?.Dispose();
        _deviceImage?.Dispose();
        _deviceLogits?.Dispose();
        if (_buffers is null)
            _logits.Dispose();
        _buffers?.Dispose();
        _options.Dispose();
        _graph?.Dispose();
        _session.Dispose();
        _allocator?.Dispose();
    }

    private void Copy(OrtValue from, OrtValue to)
    {
        if (_allocator is not null)
            OrtEnv.Instance().CopyTensors([from], [to], null);
        else
            from.GetTensorMutableRawData().CopyTo(to.GetTensorMutableRawData());
    }
}
