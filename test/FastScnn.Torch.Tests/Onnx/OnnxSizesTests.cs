using FastScnn.Torch.Onnx;
using Microsoft.ML.OnnxRuntime;
using static FastScnn.Torch.Tests.Onnx.OnnxModels;

namespace FastScnn.Torch.Tests.Onnx;

/// <summary>One file without a fixed size, at many sizes.</summary>
public class OnnxSizesTests
{
    private InferenceSession _scoring = null!;
    private InferenceSession _interop = null!;

    [OneTimeSetUp]
    public void OpenSessions()
    {
        _scoring = Open(Export(new()));
        _interop = Open(Export(new() { Graph = OnnxGraph.Interop }));
    }

    [OneTimeTearDown]
    public void CloseSessions()
    {
        _scoring?.Dispose();
        _interop?.Dispose();
    }

    // Sum, sum of magnitudes, first, middle and last of the logits at an eighth of the size: PyTorch in float64 on
    // Pattern(height, width), ref19.pth in the reference implementation with the fusion upsampled to the size of the
    // high-resolution branch.
    [TestCase(32, 32, 4, 4, 54.87, 556.95, 0.03556f, -3.29751f, 0.48954f)]
    [TestCase(33, 47, 4, 6, 112.59, 796.33, 0.73317f, -5.26891f, 1.14241f)]
    [TestCase(47, 33, 6, 4, -4.14, 806.38, 0.30482f, -4.54639f, -0.28844f)]
    [TestCase(64, 64, 8, 8, 184.65, 1889.73, 0.96715f, -1.55069f, -0.07247f)]
    [TestCase(32, 200, 4, 25, 577.87, 3450.67, 0.87977f, -4.23634f, 0.03877f)]
    [TestCase(63, 65, 8, 8, 254.68, 1902.00, 0.13213f, -1.22620f, -0.05029f)]
    [TestCase(97, 161, 12, 20, 1028.73, 14320.95, -1.72986f, 2.21144f, 1.14858f)]
    [TestCase(100, 100, 13, 13, 910.70, 9642.32, -2.05021f, 0.58492f, -0.94399f)]
    [TestCase(127, 255, 16, 32, 1218.59, 59976.54, 0.24609f, -2.91509f, 4.24026f)]
    [TestCase(128, 256, 16, 32, 1218.59, 59976.54, 0.24609f, -2.91509f, 4.24026f)]
    [TestCase(129, 257, 16, 32, 760.32, 59905.57, -0.07990f, -2.06062f, 3.76135f)]
    [TestCase(180, 240, 23, 30, 1133.97, 99634.80, 1.17210f, -0.78782f, 2.66958f)]
    [TestCase(191, 193, 24, 24, 1316.74, 83309.20, 1.60762f, -1.31193f, 6.21043f)]
    [TestCase(192, 192, 24, 24, 1588.69, 85156.12, 1.57744f, -1.31428f, 7.19714f)]
    [TestCase(224, 224, 28, 28, -2035.62, 134506.39, 0.80901f, 0.58977f, 2.02791f)]
    [TestCase(240, 135, 30, 17, 2469.92, 72598.10, 1.17128f, -2.02963f, 6.85500f)]
    [TestCase(321, 481, 40, 60, -15485.51, 548767.44, -0.04314f, 4.57795f, 10.26602f)]
    [TestCase(331, 640, 42, 80, -22669.99, 829161.54, 0.45212f, 5.68055f, 10.94733f)]
    [TestCase(360, 480, 45, 60, -13672.07, 635784.55, 0.18936f, 2.59075f, 5.02883f)]
    [TestCase(375, 500, 47, 63, -16939.16, 702670.12, 0.41753f, -3.02910f, 6.55029f)]
    [TestCase(513, 257, 64, 32, -11668.87, 442951.75, 3.11013f, -0.41959f, 6.08193f)]
    [TestCase(720, 960, 90, 120, -95266.21, 3041058.21, 1.04778f, 3.09586f, 5.40927f)]
    public void Scoring_gives_PyTorchs_logits(int height, int width, int rows, int columns, double sum,
        double magnitudes, float first, float middle, float last)
    {
        (float[] logits, long[] shape) = Run(_scoring, Pattern(height, width), [1, 3, height, width]);
        Assert.That(shape, Is.EqualTo(new long[] { 1, 19, rows, columns }));
        Assert.That(logits.Sum(value => (double)value), Is.EqualTo(sum).Within(1e-4 * logits.Length));
        Assert.That(logits.Sum(value => (double)Math.Abs(value)), Is.EqualTo(magnitudes).Within(1e-4 * logits.Length));
        AssertClose([logits[0], logits[logits.Length / 2], logits[^1]], [first, middle, last]);
    }

    [TestCase(32, 32)]
    [TestCase(33, 47)]
    [TestCase(63, 65)]
    [TestCase(97, 161)]
    [TestCase(32, 1000)]
    [TestCase(1001, 35)]
    [TestCase(191, 193)]
    [TestCase(360, 480)]
    [TestCase(375, 500)]
    public void A_file_of_one_size_gives_the_same(int height, int width)
    {
        byte[] bytes = Pattern(height, width);
        float[] image = TestImage.Normalize(bytes, Normalization.ImageNet);
        long[] shape = [1, 3, height, width];
        using InferenceSession scoring = Open(Export(new() { Height = height, Width = width }));
        AssertClose(Run(_scoring, bytes, shape).Values, Run(scoring, bytes, shape).Values, "scoring");
        using InferenceSession interop =
            Open(Export(new() { Graph = OnnxGraph.Interop, Height = height, Width = width }));
        AssertClose(Run(_interop, image, shape).Values, Run(interop, image, shape).Values, "interop");
    }

    [Test]
    public void A_file_of_one_size_still_takes_batches()
    {
        byte[] one = Pattern(64, 96), two = [.. one, .. one.Reverse()];
        using InferenceSession session = Open(Export(new() { Height = 64, Width = 96 }));
        (float[] logits, long[] shape) = Run(session, two, [2, 3, 64, 96]);
        Assert.That(shape, Is.EqualTo(new long[] { 2, 19, 8, 12 }));
        AssertClose(logits[..(logits.Length / 2)], Run(session, one, [1, 3, 64, 96]).Values);
    }

    /// <summary>Planar bytes without symmetry: (85 c + 7 x + 13 y + 3 (x y mod 31)) mod 256.</summary>
    internal static byte[] Pattern(int height, int width)
    {
        var pattern = new byte[3 * height * width];
        for (int i = 0; i < pattern.Length; i++)
        {
            int x = i % width, y = i / width % height, channel = i / (width * height);
            pattern[i] = (byte)(85 * channel + 7 * x + 13 * y + x * y % 31 * 3);
        }
        return pattern;
    }
}
