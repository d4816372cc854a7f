using FastScnn.Torch;
using Microsoft.ML.Data;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace FastScnn.Bench.Scoring.Peers;

/// <summary>ONNX Runtime as its C# tutorials use it
/// (https://onnxruntime.ai/docs/tutorials/csharp/resnet50_csharp.html): a DenseTensor filled by its indexer, an
/// OrtValue over it, the output as a span; all optimisations on, everything else left as it is, logits of full size,
/// and the best class of each pixel in a loop.</summary>
internal sealed class PlainOnnxRuntime : IScoringPeer
{
    private readonly InferenceSession _session;
    private readonly RunOptions _runOptions = new();
    private readonly MLImage _image;

    public PlainOnnxRuntime(ScoringFiles files, ScoringCase scored)
    {
        using SessionOptions options = new()
        {
            IntraOpNumThreads = scored.Threads,
            GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_ALL
        };
        _session = new InferenceSession(files.Interop, options);
        _image = files.Decoded(scored);
    }

    public byte[]? Mask { get; private set; }

    public void Score()
    {
        (int width, int height) = (_image.Width, _image.Height);
        float[] mean = [.. Normalization.ImageNet.Mean], std = [.. Normalization.ImageNet.Std];
        ReadOnlySpan<byte> pixels = _image.Pixels;
        var tensor = new DenseTensor<float>([1, 3, height, width]);
        for (int y = 0; y < height; y++)
        {
            ReadOnlySpan<byte> row = pixels.Slice(4 * y * width, 4 * width);
            for (int x = 0; x < width; x++)
            {
                tensor[0, 0, y, x] = (row[4 * x + 2] / 255f - mean[0]) / std[0];
                tensor[0, 1, y, x] = (row[4 * x + 1] / 255f - mean[1]) / std[1];
                tensor[0, 2, y, x] = (row[4 * x] / 255f - mean[2]) / std[2];
            }
        }
        using OrtValue input = OrtValue.CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, tensor.Buffer,
            [1, 3, height, width]);
        using IDisposableReadOnlyCollection<OrtValue> results = _session.Run(_runOptions, ["image"], [input],
            _session.OutputNames);
        ReadOnlySpan<float> logits = results[0].GetTensorDataAsSpan<float>();
        byte[] mask = BestClassOfEachPixel(logits, width * height);
        Mask ??= mask;
    }

    public void Dispose()
    {
        _image.Dispose();
        _runOptions.Dispose();
        _session.Dispose();
    }

    private static byte[] BestClassOfEachPixel(ReadOnlySpan<float> logits, int pixels)
    {
        var ids = new byte[pixels];
        for (int i = 0; i < pixels; i++)
        {
            int best = 0;
            for (int k = 1; k < logits.Length / pixels; k++)
            {
                if (logits[k * pixels + i] > logits[best * pixels + i])
                    best = k;
            }
            ids[i] = (byte)best;
        }
        return ids;
    }
}
