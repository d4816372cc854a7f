using FastScnn.ML.Quantization;
using FastScnn.Torch.Onnx;

namespace FastScnn.ML.Tests.Quantization;

/// <summary>Histograms against sorted values.</summary>
public class ActivationHistogramTests
{
    [TestCase(99.99)]
    [TestCase(99.9)]
    [TestCase(90)]
    [TestCase(51)]
    public void Percentiles_are_those_of_the_sorted_values(double percentile)
    {
        float[] values = Normal(200_000, seed: 1);
        ActivationHistogram histogram = Fill(values);
        float[] sorted = [.. values.Order()];
        double outside = (1 - percentile / 100) / 2 * values.Length;
        ActivationRange range = histogram.Percentile(percentile);
        float bin = Math.Max(-sorted[0], sorted[^1]) / 4096;
        Assert.That(range.Low, Is.EqualTo(sorted[(int)outside]).Within(0.02 * Math.Abs(sorted[(int)outside]) + bin));
        Assert.That(range.High, Is.EqualTo(sorted[^(1 + (int)outside)])
            .Within(0.02 * Math.Abs(sorted[^(1 + (int)outside)]) + bin));
    }

    [Test]
    public void All_of_the_values_give_min_and_max()
    {
        float[] values = Normal(1000, seed: 2);
        ActivationHistogram histogram = Fill(values);
        var all = new ActivationRange(values.Min(), values.Max());
        Assert.That((histogram.MinMax(), histogram.Percentile(100)), Is.EqualTo((all, all)));
    }

    [Test]
    public void The_order_of_images_does_not_matter()
    {
        // Each ten times as large as the one before, so that bins merge on the way up and not on the way down.
        float[][] images =
        [
            .. Enumerable.Range(0, 6).Select(i => Normal(5000, i).Select(v => v * MathF.Pow(10, i)).ToArray())
        ];
        ActivationHistogram up = new(), down = new();
        foreach (float[] image in images)
            up.TryAdd(image);
        foreach (float[] image in images.Reverse())
            down.TryAdd(image);
        foreach (double percentile in new[] { 60, 95, 99.9 })
            Assert.That(up.Percentile(percentile), Is.EqualTo(down.Percentile(percentile)));
    }

    [Test]
    public void Outliers_are_cut_off()
    {
        float[] values = [.. Enumerable.Range(0, 100_000).Select(i => i / 100_000f), 50f];
        Assert.That(Fill(values).Percentile(99.99).High, Is.EqualTo(1).Within(0.02));
        Assert.That(Fill(values).MinMax().High, Is.EqualTo(50));
    }

    [TestCase(0f)]
    [TestCase(3f)]
    [TestCase(-3f)]
    [TestCase(4f)]
    [TestCase(float.Epsilon)]
    [TestCase(float.MaxValue)]
    public void One_value_is_its_own_range(float value)
    {
        ActivationHistogram histogram = Fill([value, value, value]);
        Assert.That((histogram.MinMax(), histogram.Percentile(99)),
            Is.EqualTo((new ActivationRange(value, value), new ActivationRange(value, value))));
    }

    [TestCase(float.NaN, 3)]
    [TestCase(float.NaN, 40)]
    [TestCase(float.PositiveInfinity, 0)]
    [TestCase(float.NegativeInfinity, 63)]
    public void Values_that_are_no_numbers_are_not_counted(float bad, int place)
    {
        float[] values = Normal(65, seed: 3);
        values[place] = bad;
        var histogram = new ActivationHistogram();
        Assert.That(histogram.TryAdd(values), Is.False);
        Assert.That(histogram.TryAdd([1, 2]), Is.True);
        Assert.That(histogram.MinMax(), Is.EqualTo(new ActivationRange(1, 2)));
    }

    private static ActivationHistogram Fill(float[] values)
    {
        var histogram = new ActivationHistogram();
        Assert.That(histogram.TryAdd(values), Is.True);
        return histogram;
    }

    private static float[] Normal(int count, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count)
            .Select(_ =>
                (float)(Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble())
                    + 0.5))];
    }
}
