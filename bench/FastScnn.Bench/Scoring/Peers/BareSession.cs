using Microsoft.ML.OnnxRuntime;

namespace FastScnn.Bench.Scoring.Peers;

/// <summary>The floor: ONNX Runtime alone, on our graph for the one size, from a prepared input to scores that are left
/// where they lie.</summary>
internal sealed class BareSession : IScoringPeer
{
    private readonly InferenceSession _session;
    private readonly RunOptions _options = new();
    private readonly OrtValue _input;
    private readonly OrtValue _output;
    private readonly OrtIoBinding _binding;

    public BareSession(ScoringFiles files, ScoringCase scored)
    {
        using SessionOptions options = new()
        {
            IntraOpNumThreads = scored.Threads,
            GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_ALL,
            EnableMemoryPattern = false,
        };
        options.AddSessionConfigEntry("session.intra_op.allow_spinning", "0");
        options.AddSessionConfigEntry("session.dynamic_block_base", "4");
        foreach ((string name, int side) in new[] { ("N", 1), ("H", scored.Height), ("W", scored.Width) })
            options.AddFreeDimensionOverrideByName(name, side);
        _session = new InferenceSession(files.Scoring, options);
        byte[] pixels = File.ReadAllBytes(files.Pixels(scored)), planes = new byte[3 * scored.Height * scored.Width];
        for (int i = 0; i < planes.Length; i++)
            planes[i] = pixels[4 * (i % (planes.Length / 3)) + 2 - i / (planes.Length / 3)];
        _input = OrtValue.CreateTensorValueFromMemory(planes, [1, 3, scored.Height, scored.Width]);
        using IDisposableReadOnlyCollection<OrtValue> first = _session.Run(_options, ["image"], [_input], ["logits"]);
        long[] shape = first[0].GetTensorTypeAndShape().Shape;
        _output = OrtValue.CreateTensorValueFromMemory(new float[shape.Aggregate((a, b) => a * b)], shape);
        _binding = _session.CreateIoBinding();
        _binding.BindInput("image", _input);
        _binding.BindOutput("logits", _output);
    }

    public byte[]? Mask => null;

    public void Score() => _session.RunWithBinding(_options, _binding);

    public void Dispose()
    {
        _binding.Dispose();
        _output.Dispose();
        _input.Dispose();
        _options.Dispose();
        _session.Dispose();
    }
}
