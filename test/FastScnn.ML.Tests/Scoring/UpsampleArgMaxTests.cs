using FastScnn.Testing;

namespace FastScnn.ML.Tests.Scoring;

public class UpsampleArgMaxTests
{
    [TestCase("a_1x3x128x256", 128, 256)]
    [TestCase("b_1x3x97x161", 97, 161)]
    [TestCase("c_2x3x256x512", 256, 512)]
    [TestCase("d_360x480", 360, 480)]
    public void AgreesWithPyTorch(string name, int height, int width)
    {
        Npy logits = Npy.Golden($"logits_lowres_{name}.npy");
        byte[] expected = Npy.Golden($"argmax_{name}.npy").As<byte>();
        float[] scores = logits.As<float>();
        (int images, int classes, int rows, int columns) = ((int)logits.Shape[0], (int)logits.Shape[1], (int)logits.Shape[2], (int)logits.Shape[3]);
        var ids = new byte[images * height * width];
        for (int n = 0; n < images; n++)
            UpsampleArgMax.Rows(
                scores.AsSpan(n * classes * rows * columns), classes, columns, rows,
                ids.AsSpan(n * height * width, height * width), width, height, true, 0, height);
        Assert.That(Photos.Agreement(ids, expected), Is.GreaterThan(0.9999));
    }

    [Test]
    public void StripsGiveTheSameAsTheWhole()
    {
        float[] logits = Random(5 * 7 * 11);
        byte[] whole = Run(logits, 5, 7, 11, 53, 40, true);
        var parts = new byte[53 * 40];
        foreach ((int first, int end) in new[] { (0, 1), (1, 17), (17, 40) })
            UpsampleArgMax.Rows(logits, 5, 7, 11, parts, 53, 40, true, first, end);
        Assert.That(parts, Is.EqualTo(whole));
    }

    [Test]
    public void MatchesADoubleReferenceAtAnyScale([Values] bool alignCorners, [Values(1, 2, 5, 40)] int width, [Values(1, 3, 33)] int height)
    {
        const int Classes = 6, Columns = 9, Rows = 5;
        float[] logits = Random(Classes * Columns * Rows);
        byte[] ids = Run(logits, Classes, Columns, Rows, width, height, alignCorners);
        for (int y = 0; y < height; y++)
            for (int x = 0; x < width; x++)
            {
                double[] scores = [.. Enumerable.Range(0, Classes).Select(k => Sample(logits.AsSpan(k * Columns * Rows), Columns, Rows, x, y, width, height, alignCorners))];
                Assert.That(scores[ids[y * width + x]], Is.EqualTo(scores.Max()).Within(1e-5));
            }
    }

    [Test]
    public void EqualScoresGoToTheLowestClass() =>
        Assert.That(Run([3f, 3f, 3f], 3, 1, 1, 4, 2, true), Is.All.EqualTo(0));

    [Test]
    public void NanNeverWins()
    {
        Assert.That(Run([float.NaN, -5f, -6f], 3, 1, 1, 2, 2, true), Is.All.EqualTo(1));
        Assert.That(Run([float.NaN, float.NaN, float.NegativeInfinity], 3, 1, 1, 2, 2, true), Is.All.EqualTo(0));
    }

    [Test]
    public void TheLastOf255ClassesCanWin()
    {
        var logits = new float[255];
        logits[254] = 1;
        Assert.That(Run(logits, 255, 1, 1, 3, 3, false), Is.All.EqualTo(254));
    }

    private static byte[] Run(float[] logits, int classes, int columns, int rows, int width, int height, bool alignCorners)
    {
        var ids = new byte[width * height];
        UpsampleArgMax.Rows(logits, classes, columns, rows, ids, width, height, alignCorners, 0, height);
        return ids;
    }

    private static float[] Random(int count)
    {
        var random = new Random(7);
        return [.. Enumerable.Range(0, count).Select(_ => (float)(random.NextDouble() * 10 - 5))];
    }

    // Written from the definition, apart from the code under test: no taps, all in double.
    private static double Sample(ReadOnlySpan<float> plane, int columns, int rows, int x, int y, int width, int height, bool alignCorners)
    {
        double sx = Position(x, width, columns, alignCorners), sy = Position(y, height, rows, alignCorners);
        double sum = 0;
        for (int r = 0; r < rows; r++)
            for (int c = 0; c < columns; c++)
                sum += plane[r * columns + c] * Math.Max(0, 1 - Math.Abs(sx - c)) * Math.Max(0, 1 - Math.Abs(sy - r));
        return sum;
    }

    private static double Position(int i, int target, int source, bool alignCorners) => alignCorners
        ? (target == 1 ? 0 : i * (source - 1.0) / (target - 1))
        : Math.Clamp((i + 0.5) * source / target - 0.5, 0, source - 1);
}
