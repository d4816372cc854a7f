using FastScnn.Testing;
using TorchSharp.Utils.tensorboard.Enums;
using static TorchSharp.torch;

namespace FastScnn.Offline.Tests.TorchSharp;

/// <summary>How a TensorBoard writer sorts the values of a tensor into buckets.</summary>
[TestFixture]
public class SummaryHistogramTests
{
    [Test]
    public void BucketsGrowByATenthFromATrillionthAndOnlyThoseInUseAreKept()
    {
        float[] values = [-1, 0, 0.5f, 1, 1, 2];
        var histogram = Written(tensor(values).reshape(2, 3).requires_grad_());
        Assert.That((histogram.Min, histogram.Max, histogram.Count), Is.EqualTo((-1.0, 2.0, 6.0)));
        Assert.That((histogram.Sum, histogram.SumOfSquares), Is.EqualTo((3.5, 7.25)));
        AssertBuckets(histogram, values);
        Assert.That(histogram.Limits, Has.Length.EqualTo(591));
        Assert.That(histogram.Limits, Has.Some.EqualTo(0.0));
        Assert.That(histogram.Limits[^1] / histogram.Limits[^2], Is.EqualTo(1.1).Within(1e-12));
        Assert.That(histogram.Limits.Where(limit => limit > 0).Min(), Is.EqualTo(1e-12));
    }

    [Test]
    public void OneBucketBeginsWithAnEmptyOne()
    {
        var histogram = Written(tensor(3L));
        Assert.That(histogram.Counts, Is.EqualTo(new[] { 0.0, 1.0 }));
        AssertBuckets(histogram, [3]);
    }

    // The 1548 buckets are joined by 154, by 2 and not at all.
    [TestCase(10, 7)]
    [TestCase(700, 393)]
    [TestCase(1000, 784)]
    public void TooManyBucketsAreJoined(int most, int kept)
    {
        float[] values = [.. Enumerable.Range(-20, 50).Select(i => MathF.Pow(i, 3))];
        var histogram = Written(tensor(values), max_bins: most);
        AssertBuckets(histogram, values);
        Assert.That(histogram.Limits, Has.Length.EqualTo(kept));
    }

    [Test]
    public void ValuesOutOfReachAreNotCounted()
    {
        var histogram = Written(tensor([1, float.PositiveInfinity]));
        Assert.That(histogram.Counts, Is.EqualTo(new[] { 0.0, 1.0 }));
        Assert.That((histogram.Max, histogram.Count, histogram.Sum), Is.EqualTo((double.PositiveInfinity, 2.0, double.PositiveInfinity)));
        histogram = Written(tensor([1, float.NaN]));
        Assert.That(histogram.Counts, Is.EqualTo(new[] { 0.0, 1.0 }));
        Assert.That(histogram.Min, Is.NaN);
        // The outermost limits: the last is counted in.
        double outermost = 1e-12;
        while (outermost * 1.1 < 1e20) outermost *= 1.1;
        histogram = Written(tensor([-outermost, outermost]));
        Assert.That(histogram.Counts.Sum(), Is.EqualTo(2));
        Assert.That((histogram.Counts[0], histogram.Counts[1], histogram.Counts[^1]), Is.EqualTo((0.0, 1.0, 1.0)));
    }

    [Test]
    public void NothingToCountIsAnError()
    {
        string folder = TestFiles.NewFolder();
        var writer = utils.tensorboard.SummaryWriter(folder);
        Assert.That(() => writer.add_histogram("a", zeros(0), 0), Throws.ArgumentException.With.Message.Contains("no element"));
        Assert.That(() => writer.add_histogram("a", full(2, float.NaN), 0), Throws.ArgumentException.With.Message.Contains("empty"));
        Assert.That(TensorBoardFile.Read(Directory.GetFiles(folder).Single()), Has.Count.EqualTo(1));
    }

    // An oddity: other ways to choose bins count in integers, which the writer then cannot read.
    [TestCase(HistogramBinSelector.Doane)]
    [TestCase(HistogramBinSelector.Rice)]
    [TestCase(HistogramBinSelector.Scott)]
    [TestCase(HistogramBinSelector.Sqrt)]
    [TestCase(HistogramBinSelector.Stone)]
    [TestCase(HistogramBinSelector.Sturges)]
    public void OnlyTheBinsOfTensorFlowCanBeWritten(HistogramBinSelector bins)
    {
        var writer = utils.tensorboard.SummaryWriter(TestFiles.NewFolder());
        Assert.That(() => writer.add_histogram("a", rand(100), 0, bins), Throws.ArgumentException.With.Message.Contains("Double is not compatible with Int"));
        Assert.That(() => writer.add_histogram("a", zeros(3), 0, bins), Throws.ArgumentException.With.Message.Contains("Double is not compatible with Int"));
        Assert.That(() => writer.add_histogram("a", rand(100), 0, bins, max_bins: 1), Throws.ArgumentException.With.Message.Contains("Double is not compatible with Int"));
    }

    private static TensorBoardHistogram Written(Tensor values, long? max_bins = null)
    {
        string folder = TestFiles.NewFolder();
        utils.tensorboard.SummaryWriter(folder).add_histogram("weights", values, 5, walltime: 8, max_bins: max_bins);
        var written = TensorBoardFile.Read(Directory.GetFiles(folder).Single())[^1];
        Assert.That((written.Tag, written.Step, written.WallTime), Is.EqualTo(("weights", 5, 8.0)));
        return written.Histogram!;
    }

    private static void AssertBuckets(TensorBoardHistogram histogram, float[] values)
    {
        Assert.That(histogram.Limits, Is.Ordered);
        Assert.That(histogram.Counts, Has.Length.EqualTo(histogram.Limits.Length));
        Assert.That(histogram.Counts[0], Is.Zero);
        Assert.That(histogram.Counts[1..], Is.EqualTo(
            histogram.Limits.Zip(histogram.Limits[1..], (low, high) => (double)values.Count(value => value >= low && value < high))));
        Assert.That(histogram.Counts[1], Is.Positive);
        Assert.That(histogram.Counts[^1], Is.Positive);
    }
}
