using System.Diagnostics;
using Microsoft.ML.OnnxRuntime;

namespace FastScnn.Bench.Scoring;

/// <summary>The floor: ONNX Runtime alone on a prepared input, its output left where it is.</summary>
internal sealed class BareSession : IDisposable
{
    private readonly InferenceSession _session;
    private readonly RunOptions _options = new();
    private readonly OrtValue _input;

    public BareSession(byte[] model, int threads, int height, int width)
    {
        using SessionOptions options = new() { IntraOpNumThreads = threads, GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_ALL };
        options.AddSessionConfigEntry("session.intra_op.allow_spinning", "0");
        _session = new InferenceSession(model, options);
        byte[] planes = new byte[3 * height * width];
        new Random(1).NextBytes(planes);
        _input = OrtValue.CreateTensorValueFromMemory(planes, [1, 3, height, width]);
    }

    public TimeSpan Run()
    {
        long start = Stopwatch.GetTimestamp();
        using IDisposableReadOnlyCollection<OrtValue> outputs = _session.Run(_options, ["image"], [_input], ["logits"]);
        return Stopwatch.GetElapsedTime(start);
    }

    public void Dispose()
    {
        _input.Dispose();
        _options.Dispose();
        _session.Dispose();
    }
}
