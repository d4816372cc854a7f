using System.Text.Json;
using FastScnn.Testing;
using FastScnn.Torch.Metrics;

namespace FastScnn.Torch.Tests.Metrics;

/// <summary>Counts and scores against those of NumPy and the reference implementation on the golden label
/// maps.</summary>
public class GoldenMetricTests
{
    private const int Classes = 19;

    private byte[][] _labels = null!;
    private byte[][] _predictions = null!;
    private JsonElement _golden;

    [OneTimeSetUp]
    public void Read()
    {
        _labels = Images("metric_label.npy");
        _predictions = Images("metric_pred.npy");
        _golden = JsonDocument.Parse(File.ReadAllText(TestFiles.Golden("golden.json"))).RootElement.GetProperty(
            "metric");
    }

    [Test]
    public void Counts_equal_the_confusion_matrix()
    {
        ConfusionCounts counts = CountAll();

        long[] expected = Npy.Golden("metric_confusion.npy").As<long>();
        for (int i = 0; i < expected.Length; i++)
            Assert.That(counts[i / Classes, i % Classes], Is.EqualTo(expected[i]),
                $"label {i / Classes}, prediction {i % Classes}");
    }

    [Test]
    public void Scores_equal_the_golden_ones()
    {
        SegmentationScores scores = SegmentationScores.From(CountAll());

        Assert.That(scores.LabelledPixels, Is.EqualTo(_golden.GetProperty("labeled").GetInt64()));
        AssertClose(scores.PixelAccuracy, "cm_pixAcc");
        AssertClose(scores.MeanIoU, "cm_mIoU_over_present_nanmean");
        AssertClose(scores.MeanPixelAccuracy, "mean_class_acc");
        AssertClose(scores.FrequencyWeightedIoU, "fwIoU");
        AssertClose(scores.PerClassIoU.Sum(iou => double.IsNaN(iou) ? 0 : iou) / Classes, "cm_mIoU_absent_as_zero");
        double[] expected =
        [
            .. _golden.GetProperty("cm_iou").EnumerateArray()
                .Select(iou => iou.ValueKind == JsonValueKind.Null ? double.NaN : iou.GetDouble())
        ];
        Assert.That(expected.Count(double.IsNaN), Is.EqualTo(1), "the golden file has one absent class");
        Assert.That(expected[5], Is.Zero, "and one that is predicted only");
        Assert.That(scores.PerClassIoU, Is.EqualTo(expected).Within(1e-12));
    }

    [Test]
    public void Running_scores_equal_the_seed()
    {
        ConfusionCounts counts = new(Classes);
        for (int i = 0; i < _labels.Length; i++)
        {
            counts.Add(_labels[i], _predictions[i]);
            SegmentationScores scores = SegmentationScores.From(counts);
            JsonElement expected = _golden.GetProperty("tramac_running_pixAcc_mIoU")[i];
            Assert.That(scores.PixelAccuracy, Is.EqualTo(expected[0].GetDouble()).Within(1e-12));
            // The reference implementation counts an absent class as 0.
            Assert.That(scores.PerClassIoU.Sum(iou => double.IsNaN(iou) ? 0 : iou) / Classes,
                Is.EqualTo(expected[1].GetDouble()).Within(1e-12));
        }
    }

    [Test]
    public void Merged_counts_equal_counts_in_one_run()
    {
        ConfusionCounts[] parts = [.. _labels.Select(_ => new ConfusionCounts(Classes))];
        Parallel.For(0, _labels.Length, i => parts[i].Add(_labels[i], _predictions[i]));
        ConfusionCounts merged = new(Classes);
        foreach (ConfusionCounts part in parts)
            merged.Add(part);

        ConfusionCounts whole = CountAll();
        for (int label = 0; label < Classes; label++)
            for (int prediction = 0; prediction < Classes; prediction++)
                Assert.That(merged[label, prediction], Is.EqualTo(whole[label, prediction]));
    }

    private ConfusionCounts CountAll()
    {
        ConfusionCounts counts = new(Classes);
        counts.Add([.. _labels.SelectMany(p => p)], [.. _predictions.SelectMany(p => p)]);
        return counts;
    }

    private void AssertClose(double actual, string name) =>
        Assert.That(actual, Is.EqualTo(_golden.GetProperty(name).GetDouble()).Within(1e-12), name);

    // -1, the golden files' ignored label, becomes 255.
    private static byte[][] Images(string name)
    {
        Npy array = Npy.Golden(name);
        return [.. array.As<int>().Select(id => unchecked((byte)id)).Chunk((int)(array.Shape[1] * array.Shape[2]))];
    }
}
