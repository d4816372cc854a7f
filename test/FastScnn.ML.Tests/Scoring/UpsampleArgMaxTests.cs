using FastScnn.ML.Scoring.Kernels;
using FastScnn.Testing;

namespace FastScnn.ML.Tests.Scoring;

public class UpsampleArgMaxTests
{
    [TestCase("a_1x3x128x256", 128, 256)]
    [TestCase("b_1x3x97x161", 97, 161)]
    [TestCase("c_2x3x256x512", 256, 512)]
    [TestCase("d_360x480", 360, 480)]
    public void Agrees_with_PyTorch(string name, int height, int width)
    {
        Npy logits = Npy.Golden($"logits_lowres_{name}.npy");
        byte[] expected = Npy.Golden($"argmax_{name}.npy").As<byte>();
        float[] scores = logits.As<float>();
        (int images, int classes, int rows, int columns) = ((int)logits.Shape[0], (int)logits.Shape[1],
            (int)logits.Shape[2], (int)logits.Shape[3]);
        var ids = new byte[images * height * width];
        for (int n = 0; n < images; n++)
            UpsampleArgMax.Rows(
                scores.AsSpan(n * classes * rows * columns), classes,
                new UpsampleGrid(columns, rows, width, height, true),
                ids.AsSpan(n * height * width, height * width), 0, height);
        Assert.That(TestImages.Agreement(ids, expected), Is.GreaterThan(0.9999));
    }

    [Test]
    public void Strips_give_the_same_as_the_whole()
    {
        float[] logits = Random(5 * 7 * 11);
        byte[] whole = Run(logits, 5, 7, 11, 53, 40, true);
        var parts = new byte[53 * 40];
        foreach ((int first, int end) in new[] { (0, 1), (1, 17), (17, 40) })
            UpsampleArgMax.Rows(logits, 5, new UpsampleGrid(7, 11, 53, 40, true), parts, first, end);
        Assert.That(parts, Is.EqualTo(whole));
    }

    [Test]
    public void Several_threads_give_the_same_as_one_for_map_after_map()
    {
        var striped = new StripedArgMax(threads: 4);
        int[] heights = [133, 20, 64, 9];
        for (int i = 0; i < 400; i++)
        {
            int height = heights[i % heights.Length];
            float[] logits = Random(5 * 23 * 17, seed: i);
            var ids = new byte[190 * height];
            striped.Run(logits, 5, new UpsampleGrid(23, 17, 190, height, true), ids);
            Assert.That(ids, Is.EqualTo(Run(logits, 5, 23, 17, 190, height, true)));
        }
    }

    // Smooth scores with large areas of one class, restless ones, and ones of few values with many ties.
    [Test]
    public void Agrees_with_its_definition(
        [Values] bool alignCorners, [Values(2, 3, 19, 150, 255)] int classes,
        [Values("smooth", "restless", "ties", "holes")] string kind)
    {
        var random = new Random(classes);
        foreach ((int columns, int rows, int width, int height) in new[]
        {
            (1, 1, 9, 4), (3, 2, 24, 16), (17, 9, 136, 72), (16, 8, 121, 77), (33, 9, 20, 6), (9, 12, 9, 12),
            (8, 5, 64, 5), (20, 14, 30, 43), (71, 4, 600, 33)
        })
        {
            float[] logits = new float[classes * columns * rows];
            for (int k = 0; k < classes; k++)
            {
                (double a, double b, double c, double level) = (random.NextDouble() * 2 - 1,
                    random.NextDouble() * 2 - 1, random.NextDouble() * 6, random.NextDouble() * 3);
                for (int i = 0; i < columns * rows; i++)
                {
                    double noise = random.NextDouble();
                    logits[k * columns * rows + i] = kind switch
                    {
                        "smooth" => (float)(level + Math.Sin(a * (i % columns) + b * (i / columns) + c)),
                        "ties" => (int)(noise * 3),
                        "holes" when noise < 0.02 => float.NaN,
                        "holes" when noise < 0.04 => float.NegativeInfinity,
                        "holes" when noise < 0.05 => float.PositiveInfinity,
                        _ => (float)(noise * 10 - 5),
                    };
                }
            }
            byte[] ids = Run(logits, classes, columns, rows, width, height, alignCorners);
            byte[] defined = ScalarUpsampleArgMax.Run(logits, classes, columns, rows, width, height, alignCorners);
            int[] other = [.. Enumerable.Range(0, ids.Length).Where(i => ids[i] != defined[i])];
            // Where classes differ by less than the rounding, either may come.
            foreach (int i in other)
                Assert.That(Score(ids[i], i), Is.EqualTo(Score(defined[i], i)).Within(1e-6),
                    $"{columns}x{rows} -> {width}x{height}, pixel {i}");
            Assert.That(other.Length, Is.LessThan(2 + ids.Length / 1000));

            float Score(int k, int pixel) => ScalarUpsampleArgMax.Score(
                logits.AsSpan(k * columns * rows), columns,
                BilinearTap.Along(width, columns, alignCorners)[pixel % width],
                BilinearTap.Along(height, rows, alignCorners)[pixel / width]);
        }
    }

    [Test]
    public void Matches_a_double_reference_at_any_scale([Values] bool alignCorners, [Values(1, 2, 5, 40)] int width,
        [Values(1, 3, 33)] int height)
    {
        const int Classes = 6, Columns = 9, Rows = 5;
        float[] logits = Random(Classes * Columns * Rows);
        byte[] ids = Run(logits, Classes, Columns, Rows, width, height, alignCorners);
        for (int y = 0; y < height; y++)
            for (int x = 0; x < width; x++)
            {
                double[] scores =
                [
                    .. Enumerable.Range(0, Classes)
                        .Select(k => Sample(logits.AsSpan(k * Columns * Rows), Columns, Rows, x, y, width, height,
                            alignCorners))
                ];
                Assert.That(scores[ids[y * width + x]], Is.EqualTo(scores.Max()).Within(1e-5));
            }
    }

    [Test]
    public void Equal_scores_go_to_the_lowest_class() =>
        Assert.That(Run([3f, 3f, 3f], 3, 1, 1, 4, 2, true), Is.All.EqualTo(0));

    [Test]
    public void NaN_never_wins()
    {
        Assert.That(Run([float.NaN, -5f, -6f], 3, 1, 1, 2, 2, true), Is.All.EqualTo(1));
        Assert.That(Run([float.NaN, float.NaN, float.NegativeInfinity], 3, 1, 1, 2, 2, true), Is.All.EqualTo(0));
    }

    [Test]
    public void The_last_of_255_classes_can_win()
    {
        var logits = new float[255];
        logits[254] = 1;
        Assert.That(Run(logits, 255, 1, 1, 3, 3, false), Is.All.EqualTo(254));
    }

    private static byte[] Run(float[] logits, int classes, int columns, int rows, int width, int height,
        bool alignCorners)
    {
        var ids = new byte[width * height];
        UpsampleArgMax.Rows(logits, classes, new UpsampleGrid(columns, rows, width, height, alignCorners), ids, 0,
            height);
        return ids;
    }

    private static float[] Random(int count, int seed = 7)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => (float)(random.NextDouble() * 10 - 5))];
    }

    // Written from the definition, apart from the code under test: no taps, all in double.
    private static double Sample(ReadOnlySpan<float> plane, int columns, int rows, int x, int y, int width, int height,
        bool alignCorners)
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
