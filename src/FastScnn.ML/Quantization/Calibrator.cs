using System.Numerics;
using System.Runtime.InteropServices;
using FastScnn.ML.Imaging;
using FastScnn.ML.Scoring;
using FastScnn.ML.Scoring.Kernels;
using FastScnn.Torch.Checkpoints;
using FastScnn.Torch.Data;
using FastScnn.Torch.Onnx;
using Microsoft.ML.OnnxRuntime;
using static System.FormattableString;

namespace FastScnn.ML.Quantization;

/// <summary>Runs the network in single precision on images and counts the values between its layers.</summary>
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
        _parallel = new ParallelOptions
        {
            MaxDegreeOfParallelism = options.Threads > 0 ? options.Threads : Environment.ProcessorCount
        };
        using var model = new MemoryStream();
        OnnxExporter.Export(checkpoint, model, options.Export with
        {
            Graph = OnnxGraph.Scoring,
            Precision = OnnxPrecision.Float32,
            Quantization = null,
            ActivationOutputs = true,
        });
        _session = SessionFactory.Create(model.ToArray(), "the model to quantize",
            new() { IntraOpThreads = options.Threads }, null).Session;
        _names = [.. _session.OutputNames.Where(name => name != Logits)];
        _histograms = _names.ToDictionary(name => name, _ => new ActivationHistogram());
    }

    /// <summary>How many images were counted.</summary>
    public int Images { get; private set; }

    /// <summary>Counts the values that an image gives.</summary>
    public void Add(PixelBuffer image, string name)
    {
        using OrtValue input = Tensor(image, name);
        using IDisposableReadOnlyCollection<OrtValue> values = _session.Run(_runOptions, [Image], [input], _names);
        bool[] counted = new bool[_names.Length];
        Parallel.For(0, _names.Length, _parallel,
            i => counted[i] = _histograms[_names[i]].TryAdd(values[i].GetTensorDataAsSpan<float>()));
        if (Array.IndexOf(counted, false) is >= 0 and int bad)
        {
            throw new InvalidDataException(
                $"The layer '{_names[bad]}' gives values that are not finite for '{name}', so its range cannot be "
                + "measured; expected weights that were trained without faults.");
        }
        Images++;
    }

    /// <summary>The range of every layer's values.</summary>
    public IReadOnlyDictionary<string, ActivationRange> Ranges(double percentile) =>
        _histograms.ToDictionary(pair => pair.Key,
            pair => percentile == 100 ? pair.Value.MinMax() : pair.Value.Percentile(percentile));

    public void Dispose()
    {
        _runOptions.Dispose();
        _session.Dispose();
    }

    private OrtValue Tensor(PixelBuffer image, string name)
    {
        (int width, int height) = (_size.Width ?? image.Width, _size.Height ?? image.Height);
        if (Math.Min(width, height) * _inputScale < FastScnn.Torch.Network.FastScnnNetwork.MinimumSize)
        {
            throw new InvalidDataException(
                Invariant(
                    $"'{name}' has {width} x {height} pixels; the network (which sees it at {_inputScale} times its size) needs ")
                + $"{FastScnn.Torch.Network.FastScnnNetwork.MinimumSize} or more on a side.");
        }
        byte[] planes = new byte[PixelBuffer.Channels * image.Width * image.Height];
        PixelPlanes.Split(image.Span, planes);
        if ((width, height) != (image.Width, image.Height))
        {
            byte[] resized = new byte[PixelBuffer.Channels * width * height];
            new PlaneResize(image.Width, image.Height, width, height).Apply(planes, resized);
            planes = resized;
        }
        return OrtValue.CreateTensorValueFromMemory(planes, [1, PixelBuffer.Channels, height, width]);
    }
}

/// <summary>Counts the values of one layer over many images. The bins are as wide as a power of two makes them and
/// merge in pairs when a larger value comes, so that the counts do not depend on the order of the images.</summary>
internal sealed class ActivationHistogram
{
    private const int Side = 8192;

    // So that bins of the tiniest values still have a width in single precision.
    private const int SmallestExponent = -100;

    // Offset from the middle, where 0 begins: negative values lie below.
    private readonly long[] _counts = new long[2 * Side];
    private double _limit;
    private float _smallest = float.PositiveInfinity, _largest = float.NegativeInfinity;
    private long _total;

    /// <summary>Counts values; false when one of them is not finite, and then none is counted.</summary>
    public bool TryAdd(ReadOnlySpan<float> values)
    {
        if (values.IsEmpty)
            return true;
        (float smallest, float largest) = Extremes(values);
        if (!float.IsFinite(smallest) || !float.IsFinite(largest))
            return false;
        (_smallest, _largest) = (Math.Min(_smallest, smallest), Math.Max(_largest, largest));
        Widen(Math.Max(-(double)_smallest, _largest));
        float bins = _limit == 0 ? 0 : (float)(Side / _limit);
        foreach (float value in values)
            _counts[Math.Min((int)MathF.Floor(value * bins) + Side, 2 * Side - 1)]++;
        _total += values.Length;
        return true;
    }

    /// <summary>From the smallest to the largest value.</summary>
    public ActivationRange MinMax() => new(_smallest, _largest);

    /// <summary>The range that holds so many of the values.</summary>
    /// <param name="percentile">In percent; half of the rest lies below and half above.</param>
    public ActivationRange Percentile(double percentile)
    {
        double outside = (1 - percentile / 100) / 2 * _total;
        float low = (float)Edge(outside, from: 0, step: 1), high = (float)Edge(outside, from: 2 * Side - 1, step: -1);
        return new(Math.Clamp(low, _smallest, _largest), Math.Clamp(high, _smallest, _largest));
    }

    // Where so many values lie behind, between the edges of a bin in proportion.
    private double Edge(double outside, int from, int step)
    {
        int bin = from;
        double left = outside;
        for (; left > _counts[bin] || _counts[bin] == 0; bin += step)
            left -= _counts[bin];
        double inside = left / _counts[bin];
        return (bin - Side + (step > 0 ? inside : 1 - inside)) * _limit / Side;
    }

    private void Widen(double largest)
    {
        double limit = _limit;
        if (limit == 0 && largest > 0)
            limit = double.ScaleB(1, Math.Max(double.ILogB(largest), SmallestExponent) + 1);
        while (limit < largest)
            limit *= 2;
        for (; _limit > 0 && _limit < limit; _limit *= 2)
            Merge();
        _limit = limit;
    }

    private void Merge()
    {
        for (int offset = 0; offset < Side / 2; offset++)
        {
            _counts[Side + offset] = _counts[Side + 2 * offset] + _counts[Side + 2 * offset + 1];
            _counts[Side - 1 - offset] = _counts[Side - 1 - 2 * offset] + _counts[Side - 2 - 2 * offset];
        }
        Array.Clear(_counts, Side + Side / 2, Side / 2);
        Array.Clear(_counts, 0, Side / 2);
    }

    private static (float Smallest, float Largest) Extremes(ReadOnlySpan<float> values)
    {
        ReadOnlySpan<Vector<float>> vectors = MemoryMarshal.Cast<float, Vector<float>>(values);
        Vector<float> low = Vector<float>.Zero, high = Vector<float>.Zero;
        if (!vectors.IsEmpty)
            low = high = vectors[0];
        foreach (Vector<float> vector in vectors)
            (low, high) = (Vector.Min(low, vector), Vector.Max(high, vector));
        float smallest = float.PositiveInfinity, largest = float.NegativeInfinity;
        for (int i = 0; i < Vector<float>.Count && !vectors.IsEmpty; i++)
            (smallest, largest) = (Math.Min(smallest, low[i]), Math.Max(largest, high[i]));
        foreach (float value in values[(vectors.Length * Vector<float>.Count)..])
            (smallest, largest) = (Math.Min(smallest, value), Math.Max(largest, value));
        return (smallest, largest);
    }
}
