using FastScnn.Torch.Checkpoints;
using FastScnn.Torch.Data;
using FastScnn.Torch.Onnx;
using Microsoft.ML.OnnxRuntime;

namespace FastScnn.ML;

/// <summary>Runs the network in single precision on photos and counts the values between its layers.</summary>
internal sealed class Calibrator : IDisposable
{
    private const string Image = "image";
    private const string Logits = "logits";

    private readonly InferenceSession _session;
    private readonly RunOptions _runOptions = new();
    private readonly Dictionary<string, ActivationHistogram> _histograms;
    private readonly string[] _names;
    private readonly OnnxExportOptions _size;
    private readonly double _inputScale;
    private readonly ParallelOptions _parallel;

    public Calibrator(Checkpoint checkpoint, QuantizationOptions options)
    {
        _size = options.Export;
        _inputScale = checkpoint.Info.InputScale;
        _parallel = new ParallelOptions { MaxDegreeOfParallelism = options.Threads > 0 ? options.Threads : Environment.ProcessorCount };
        using var model = new MemoryStream();
        OnnxExporter.Export(checkpoint, model, options.Export with
        {
            Graph = OnnxGraph.Scoring, Precision = OnnxPrecision.Float32, Quantization = null, ActivationOutputs = true,
        });
        _session = SessionFactory.Create(model.ToArray(), "the model to quantize", new() { IntraOpThreads = options.Threads }, null).Session;
        _names = [.. _session.OutputNames.Where(name => name != Logits)];
        _histograms = _names.ToDictionary(name => name, _ => new ActivationHistogram());
    }

    /// <summary>How many photos were counted.</summary>
    public int Photos { get; private set; }

    /// <summary>Counts the values that a photo gives.</summary>
    public void Add(PixelBuffer photo, string name)
    {
        using OrtValue image = Tensor(photo, name);
        using IDisposableReadOnlyCollection<OrtValue> values = _session.Run(_runOptions, [Image], [image], _names);
        bool[] counted = new bool[_names.Length];
        Parallel.For(0, _names.Length, _parallel, i => counted[i] = _histograms[_names[i]].TryAdd(values[i].GetTensorDataAsSpan<float>()));
        if (Array.IndexOf(counted, false) is >= 0 and int bad)
            throw Errors.CalibrationNotFinite(_names[bad], name);
        Photos++;
    }

    /// <summary>The range of every layer's values.</summary>
    public IReadOnlyDictionary<string, ActivationRange> Ranges(CalibrationMethod method, double percentile) => _histograms.ToDictionary(
        pair => pair.Key, pair => method == CalibrationMethod.MinMax ? pair.Value.MinMax() : pair.Value.Percentile(percentile));

    public void Dispose()
    {
        _runOptions.Dispose();
        _session.Dispose();
    }

    private OrtValue Tensor(PixelBuffer photo, string name)
    {
        (int width, int height) = (_size.Width ?? photo.Width, _size.Height ?? photo.Height);
        if (Math.Min(width, height) * _inputScale < FastScnn.Torch.Network.FastScnnNetwork.MinimumSize)
            throw Errors.CalibrationPhotoSmall(name, width, height, _inputScale);
        byte[] planes = new byte[PixelBuffer.Channels * photo.Width * photo.Height];
        PixelPlanes.Split(photo.Span, planes);
        if ((width, height) != (photo.Width, photo.Height))
        {
            byte[] resized = new byte[PixelBuffer.Channels * width * height];
            new PlaneResize(photo.Width, photo.Height, width, height).Apply(planes, resized);
            planes = resized;
        }
        return OrtValue.CreateTensorValueFromMemory(planes, [1, PixelBuffer.Channels, height, width]);
    }
}
