using FastScnn.Torch.Metrics;

namespace FastScnn.Torch.Tests.Metrics;

public class SegmentationScoresTests
{
    [Test]
    public void Small_case_by_hand()
    {
        // class:        0 hit 2 missed 1; 1 hit 1; 2 predicted only; 3 absent; one pixel ignored
        SegmentationScores scores = Score(4, [0, 0, 0, 1, 255], [0, 0, 2, 1, 3]);

        Assert.That(scores.LabelledPixels, Is.EqualTo(4));
        Assert.That(scores.PixelAccuracy, Is.EqualTo(0.75));
        Assert.That(scores.PerClassIoU, Is.EqualTo(new[] { 2 / 3.0, 1, 0, double.NaN }));
        Assert.That(scores.PerClassPrecision, Is.EqualTo(new[] { 1, 1, 0, double.NaN }));
        Assert.That(scores.PerClassRecall, Is.EqualTo(new[] { 2 / 3.0, 1, double.NaN, double.NaN }));
        Assert.That(scores.PerClassF1, Is.EqualTo(new[] { 0.8, 1, 0, double.NaN }));
        Assert.That(scores.MeanIoU, Is.EqualTo((2 / 3.0 + 1) / 3).Within(1e-15));
        Assert.That(scores.MeanPixelAccuracy, Is.EqualTo((2 / 3.0 + 1) / 2).Within(1e-15));
        Assert.That(scores.FrequencyWeightedIoU, Is.EqualTo((3 * (2 / 3.0) + 1) / 4).Within(1e-15));
    }

    [Test]
    public void Prediction_that_is_no_class_is_a_miss()
    {
        ConfusionCounts counts = new(2);
        counts.Add([0, 0, 1, 1, 255], [0, 255, 2, 1, 255]);
        SegmentationScores scores = SegmentationScores.From(counts);

        Assert.That(scores.LabelledPixels, Is.EqualTo(4));
        Assert.That(scores.PixelAccuracy, Is.EqualTo(0.5));
        Assert.That(scores.PerClassIoU, Is.EqualTo(new[] { 0.5, 0.5 }));
        Assert.That(scores.PerClassPrecision, Is.EqualTo(new[] { 1.0, 1.0 }));
        Assert.That(counts.PixelsWithoutPrediction(0), Is.EqualTo(1));
        Assert.That(counts.LabelledPixels(1), Is.EqualTo(2));
        Assert.That(counts.PredictedPixels(1), Is.EqualTo(1));
    }

    [Test]
    public void Without_labelled_pixels_every_score_is_NaN()
    {
        SegmentationScores scores = Score(2, [255, 255], [0, 1]);

        Assert.That(scores.LabelledPixels, Is.Zero);
        Assert.That(new[] { scores.PixelAccuracy, scores.MeanIoU, scores.MeanPixelAccuracy, scores.FrequencyWeightedIoU }, Is.All.NaN);
        Assert.That(scores.PerClassIoU, Is.All.NaN);
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
            .With.Message.Contains("label 14").And.Message.Contains("2 pixels").And.Message.Contains("0 to 10").And.Message.Contains("255 is ignored"));
        Assert.That(counts[0, 0], Is.Zero);
    }

    [Test]
    public void Misuse_is_named()
    {
        ConfusionCounts counts = new(3);

        Assert.That(() => counts.Add([0, 1], [0]), Throws.ArgumentException.With.Message.Contains("2 labels but 1 predictions"));
        Assert.That(() => counts.Add(new ConfusionCounts(4)), Throws.ArgumentException.With.Message.Contains("4 classes"));
        Assert.That(() => counts[3, 0], Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => new ConfusionCounts(0), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => new ConfusionCounts(256), Throws.TypeOf<ArgumentOutOfRangeException>());
    }

    private static SegmentationScores Score(int classes, byte[] labels, byte[] predictions)
    {
        ConfusionCounts counts = new(classes);
        counts.Add(labels, predictions);
        return SegmentationScores.From(counts);
    }
}
