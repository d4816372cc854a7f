using FastScnn.Torch;
using Microsoft.ML.Data;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace FastScnn.Bench.Scoring.Peers;

/// <summary>As <see cref="PlainOnnxRuntime"/>, by somebody who knows what is slow: arrays in place of tensor indexers,
/// and the best class plane by plane instead of pixel by pixel.</summary>
internal sealed class CarefulOnnxRuntime : IScoringPeer
{
    private readonly InferenceSession _session;
    private readonly MLImage _image;

    public CarefulOnnxRuntime(ScoringFiles files, ScoringCase scored)
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
        int plane = width * height;
        (IReadOnlyList<float> mean, IReadOnlyList<float> std) = (Normalization.ImageNet.Mean,
            Normalization.ImageNet.Std);
        (float r, float g, float b) = (mean[0], mean[1], mean[2]);
        (float rs, float gs, float bs) = (std[0], std[1], std[2]);
        ReadOnlySpan<byte> pixels = _image.Pixels;
        var values = new float[3 * plane];
        for (int i = 0; i < plane; i++)
        {
            values[i] = (pixels[4 * i + 2] / 255f - r) / rs;
            values[plane + i] = (pixels[4 * i + 1] / 255f - g) / gs;
            values[2 * plane + i] = (pixels[4 * i] / 255f - b) / bs;
        }
        var input = NamedOnnxValue.CreateFromTensor("image", new DenseTensor<float>(values, [1, 3, height, width]));
        using IDisposableReadOnlyCollection<DisposableNamedOnnxValue> results = _session.Run([input]);
        byte[] mask = BestClasses.Find(((DenseTensor<float>)results[0].AsTensor<float>()).Buffer.Span, plane);
        Mask ??= mask;
    }

    public void Dispose()
    {
        _image.Dispose();
        _session.Dispose();
    }
}
