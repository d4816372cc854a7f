using System.Text.Json;
using FastScnn.Torch.Data;
using FastScnn.Torch.Metrics;

namespace FastScnn.Torch.Tests.Metrics;

/// <summary>A headline says over how many of the classes it is, and what is not defined reaches no serialiser.</summary>
public class ScoreSummaryTests
{
    private static readonly ClassList s_classes = new([new("road", 1, 1, 1), new("car", 2, 2, 2), new("pole", 3, 3, 3)]);

    [TestCase(new byte[] { 0, 1, 2, 2 }, new byte[] { 0, 1, 2, 1 }, "mIoU 66.67 %, pixel accuracy 75.00 %")]
    [TestCase(new byte[] { 0, 0, 1, 255 }, new byte[] { 0, 0, 0, 2 }, "mIoU 33.33 % (2 of 3 classes; never seen: pole), pixel accuracy 66.67 %")]
    [TestCase(new byte[] { 0, 0, 1, 1 }, new byte[] { 0, 0, 1, 2 }, "mIoU 50.00 % (3 of 3 classes; predicted but never labelled: pole), pixel accuracy 75.00 %")]
    [TestCase(new byte[] { 0, 0 }, new byte[] { 0, 2 }, "mIoU 25.00 % (2 of 3 classes; never seen: car; predicted but never labelled: pole), pixel accuracy 50.00 %")]
    [TestCase(new byte[] { 0 }, new byte[] { 0 }, "mIoU 100.00 % (1 of 3 classes; never seen: car, pole), pixel accuracy 100.00 %")]
    [TestCase(new byte[] { 255, 255 }, new byte[] { 0, 1 }, "mIoU and pixel accuracy not defined (no labelled pixel)")]
    public void The_text_names_the_classes_that_are_left_out(byte[] labels, byte[] predictions, string text) =>
        Assert.That(Summary(labels, predictions).ToString(), Is.EqualTo(text));

    [Test]
    public void Classes_that_are_never_labelled_are_told_from_those_that_are_never_seen()
    {
        ScoreSummary summary = Summary([0, 0], [0, 2]);

        Assert.That((summary.Classes, summary.ClassesScored), Is.EqualTo((3, 2)));
        Assert.That(summary.NeverSeen, Is.EqualTo(new[] { "car" }));
        Assert.That(summary.NeverLabelled, Is.EqualTo(new[] { "car", "pole" }));
    }

    [Test]
    public void Many_names_are_cut_short()
    {
        ConfusionCounts counts = new(20);
        counts.Add([0], [0]);

        Assert.That(ScoreSummary.Of(SegmentationScores.From(counts), ClassList.Generic(20)).MeanIoUText, Does.Contain("1 of 20 classes").And.EndsWith(", and 9 more)"));
    }

    [Test]
    public void Undefined_scores_are_null_in_JSON()
    {
        ConfusionCounts counts = new(3);
        counts.Add([255], [0]);
        SegmentationScores scores = SegmentationScores.From(counts);
        using JsonDocument all = JsonDocument.Parse(JsonSerializer.Serialize(scores)), summary = JsonDocument.Parse(JsonSerializer.Serialize(ScoreSummary.Of(scores, s_classes)));

        Assert.That(all.RootElement.GetProperty("MeanIoU").ValueKind, Is.EqualTo(JsonValueKind.Null));
        Assert.That(all.RootElement.GetProperty("PerClassIoU").EnumerateArray().Select(value => value.ValueKind), Is.EqualTo(Enumerable.Repeat(JsonValueKind.Null, 3)));
        Assert.That(summary.RootElement.GetProperty("PixelAccuracy").ValueKind, Is.EqualTo(JsonValueKind.Null));
        ScoreSummary again = JsonSerializer.Deserialize<ScoreSummary>(JsonSerializer.Serialize(Summary([0], [2])))!;
        Assert.That((again.MeanIoU, again.ClassesScored, again.NeverSeen.Single()), Is.EqualTo((0.0, 2, "car")));
    }

    [Test]
    public void Scores_of_other_classes_are_refused()
    {
        ConfusionCounts counts = new(2);
        Assert.That(() => ScoreSummary.Of(SegmentationScores.From(counts), s_classes), Throws.ArgumentException.With.Message.Contains("2 classes").And.Message.Contains("3"));
    }

    private static ScoreSummary Summary(byte[] labels, byte[] predictions)
    {
        ConfusionCounts counts = new(3);
        counts.Add(labels, predictions);
        return ScoreSummary.Of(SegmentationScores.From(counts), s_classes);
    }
}
