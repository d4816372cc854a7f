using FastScnn.Torch.Onnx;

namespace FastScnn.Torch.Tests.Onnx;

public class PoolingMatrixTests
{
    // torch.nn.functional.adaptive_avg_pool1d of the 5 numbers 1, 10, 100, 1000, 10000 into 3 bins.
    [Test]
    public void BinsOverlapAsPyTorchs()
    {
        float[] matrix = PyramidPoolingOnnx.Matrix(3, 5), signal = [1, 10, 100, 1000, 10000];
        float[] means = [.. Enumerable.Range(0, 3).Select(bin => Enumerable.Range(0, 5).Sum(i => matrix[bin * 5 + i] * signal[i]))];
        Assert.That(means, Is.EqualTo(new float[] { 5.5f, 370, 5500 }).Within(1e-3));
    }

    [Test]
    public void ShortSignalsRepeat() =>
        Assert.That(PyramidPoolingOnnx.Matrix(3, 2), Is.EqualTo(new float[] { 1, 0, 0.5f, 0.5f, 0, 1 }));
}
