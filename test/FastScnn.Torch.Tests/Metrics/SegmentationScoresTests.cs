using System.Text.Json;
using FastScnn.Torch.Data;
using FastScnn.Torch.Metrics;

namespace FastScnn.Torch.Tests.Metrics;

public class SegmentationScoresTests
{
    private static readonly string[] s_names = ["road", "car", "pole"];

    [Test]
    public void Small_case_by_hand()
    {
        // class:        0 hit 2 missed 1; 1 hit 1; 2 predicted only; 3 absent; one pixel ignored
        SegmentationScores scores = SegmentationScores.From(Count(4, [0, 0, 0, 1, 255], [0, 0, 2, 1, 3]));

        Assert.That(scores.LabelledPixels, Is.EqualTo(4));
        Assert.That(scores.PixelAccuracy, Is.EqualTo(0.75));
        Assert.That(scores.PerClassIoU, Is.EqualTo(new[] { 2 / 3.0, 1, 0, double.NaN }));
        Assert.That(scores.PerClassPrecision, Is.EqualTo(new[] { 1, 1, 0, double.NaN }));
        Assert.That(scores.PerClassRecall, Is.EqualTo(new[] { 2 / 3.0, 1, double.NaN, double.NaN }));
        Assert.That(scores.PerClassF1, Is.EqualTo(new[] { 0.8, 1, 0, double.NaN }));
        Assert.That(scores.MeanIoU, Is.EqualTo((2 / 3.0 + 1) / 3).Within(1e-15));
        Assert.That(scores.MeanPixelAccuracy, Is.EqualTo((2 / 3.0 + 1) / 2).Within(1e-15));
        Assert.That(scores.FrequencyWeightedIoU, Is.EqualTo((3 * (2 / 3.0) + 1) / 4).Within(1e-15));
        Assert.That(scores.ClassesScored, Is.EqualTo(3));
        Assert.That(scores.NeverSeen, Is.EqualTo(new[] { "class 3" }));
        Assert.That(scores.NeverLabelled, Is.EqualTo(new[] { "class 2", "class 3" }));
    }

    [Test]
    public void Prediction_that_is_no_class_is_a_miss()
    {
        ConfusionCounts counts = Count(2, [0, 0, 1, 1, 255], [0, 255, 2, 1, 255]);
        SegmentationScores scores = SegmentationScores.From(counts);

        Assert.That(scores.LabelledPixels, Is.EqualTo(4));
        Assert.That(scores.PixelAccuracy, Is.EqualTo(0.5));
        Assert.That(scores.PerClassIoU, Is.EqualTo(new[] { 0.5, 0.5 }));
        Assert.That(scores.PerClassPrecision, Is.EqualTo(new[] { 1.0, 1.0 }));
        Assert.That(counts.PixelsWithoutPrediction(0), Is.EqualTo(1));
        Assert.That((scores.PerClassLabelledPixels[1], scores.PerClassPredictedPixels[1],
            scores.PerClassCorrectPixels[1]), Is.EqualTo((2L, 1L, 1L)));
    }

    [TestCase(new byte[] { 0, 1, 2, 2 }, new byte[] { 0, 1, 2, 1 }, "mIoU 66.67 %, pixel accuracy 75.00 %")]
    [TestCase(new byte[] { 0, 0, 1, 255 }, new byte[] { 0, 0, 0, 2 },
        "mIoU 33.33 % (2 of 3 classes; never seen: pole), pixel accuracy 66.67 %")]
    [TestCase(new byte[] { 0, 0, 1, 1 }, new byte[] { 0, 0, 1, 2 },
        "mIoU 50.00 % (3 of 3 classes; predicted but never labelled: pole), pixel accuracy 75.00 %")]
    [TestCase(new byte[] { 0, 0 }, new byte[] { 0, 2 },
        "mIoU 25.00 % (2 of 3 classes; never seen: car; predicted but never labelled: pole), pixel accuracy 50.00 %")]
    [TestCase(new byte[] { 0 }, new byte[] { 0 },
        "mIoU 100.00 % (1 of 3 classes; never seen: car, pole), pixel accuracy 100.00 %")]
    [TestCase(new byte[] { 255, 255 }, new byte[] { 0, 1 }, "mIoU and pixel accuracy not defined (no labelled pixel)")]
    public void The_text_names_the_classes_that_are_left_out(byte[] labels, byte[] predictions, string text) =>
        Assert.That(SegmentationScores.From(Count(3, labels, predictions), s_names).ToString(), Is.EqualTo(text));

    [Test]
    public void Many_names_are_cut_short() => Assert.That(
        SegmentationScores.From(Count(20, [0], [0]), ClassList.Generic(20).Names).MeanIoUText,
        Does.Contain("1 of 20 classes").And.EndsWith(", and 9 more)"));

    [Test]
    public void Undefined_scores_are_NaN_and_null_in_JSON()
    {
        SegmentationScores scores = SegmentationScores.From(Count(3, [255], [0]));
        using JsonDocument json = JsonDocument.Parse(JsonSerializer.Serialize(scores));

        Assert.That(scores.LabelledPixels, Is.Zero);
        Assert.That(new[] { scores.PixelAccuracy, scores.MeanIoU, scores.MeanPixelAccuracy,
            scores.FrequencyWeightedIoU }, Is.All.NaN);
        Assert.That(scores.PerClassIoU, Is.All.NaN);
        Assert.That(json.RootElement.GetProperty("MeanIoU").ValueKind, Is.EqualTo(JsonValueKind.Null));
        Assert.That(json.RootElement.GetProperty("PerClassIoU").EnumerateArray().Select(value => value.ValueKind),
            Is.EqualTo(Enumerable.Repeat(JsonValueKind.Null, 3)));
    }

    [Test]
    public void Scores_are_read_back_from_JSON()
    {
        string json = JsonSerializer.Serialize(SegmentationScores.From(Count(3, [0, 0, 1], [0, 2, 1]), s_names));

        SegmentationScores again = JsonSerializer.Deserialize<SegmentationScores>(json)!;

        Assert.That(JsonSerializer.Serialize(again), Is.EqualTo(json));
        Assert.That(again.ToString(), Does.StartWith("mIoU 50.00 % (3 of 3 classes"));
    }

    [Test]
    public void An_ignore_index_that_is_a_class_is_honoured()
    {
        ConfusionCounts counts = new(3);
        counts.Add([0, 1, 1, 2], [0, 1, 2, 1], ignoreIndex: 1);
        Assert.That((counts[0, 0], counts.LabelledPixels(1), counts[2, 1]), Is.EqualTo((1L, 0L, 1L)));
    }

    [Test]
    public void Another_ignore_index_is_honoured()
    {
        ConfusionCounts counts = new(11);
        counts.Add([11, 3], [0, 3], ignoreIndex: 11);

        Assert.That(SegmentationScores.From(counts).LabelledPixels, Is.EqualTo(1));
    }

    [Test]
    public void Label_that_is_no_class_is_an_error_and_counts_nothing()
    {
        ConfusionCounts counts = new(11);

        Assert.That(() => counts.Add([0, 14, 14], [0, 0, 0]), Throws.ArgumentException
            .With.Message.Contains("label 14").And.Message.Contains("2 pixels").And.Message.Contains(
                "0 to 10").And.Message.Contains("255 is ignored"));
        Assert.That(counts[0, 0], Is.Zero);
    }

    [Test]
    public void Misuse_is_named()
    {
        ConfusionCounts counts = new(2);

        Assert.That(() => counts.Add([0, 1], [0]),
            Throws.ArgumentException.With.Message.Contains("2 labels but 1 predictions"));
        Assert.That(() => counts.Add(new ConfusionCounts(4)),
            Throws.ArgumentException.With.Message.Contains("4 classes"));
        Assert.That(() => counts[2, 0], Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => new ConfusionCounts(0), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => new ConfusionCounts(256), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => SegmentationScores.From(counts, s_names),
            Throws.ArgumentException.With.Message.Contains("2 classes").And.Message.Contains("3"));
    }

    private static ConfusionCounts Count(int classes, byte[] labels, byte[] predictions)
    {
        ConfusionCounts counts = new(classes);
        counts.Add(labels, predictions);
        return counts;
    }
}
