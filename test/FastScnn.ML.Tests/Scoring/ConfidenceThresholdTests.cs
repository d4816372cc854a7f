using FastScnn.ML.Imaging;
using FastScnn.ML.Quantization;
using FastScnn.ML.Scoring;
using FastScnn.Testing;
using FastScnn.Torch.Checkpoints;
using FastScnn.Torch.Data;
using FastScnn.Torch.Onnx;

namespace FastScnn.ML.Tests.Scoring;

/// <summary>Maps in which pixels in doubt are ignored.</summary>
public class ConfidenceThresholdTests
{
    private static readonly InferenceOptions[] s_inference =
    [
        new(), new() { Flip = true, Scales = [0.75, 1.25] }, new() { TileHeight = 64, TileWidth = 64 },
        new() { OutputSize = SegmentationSize.Model },
    ];

    [TestCaseSource(nameof(s_inference))]
    public void Pixels_below_the_threshold_are_ignored_and_all_others_keep_their_class(InferenceOptions inference)
    {
        using FastScnnSegmenter plain = FastScnnSegmenter.Load(Models.CamVid, new() { Inference = inference });
        AssertMasked(plain, threshold => FastScnnSegmenter.Load(Models.CamVid,
            new() { Inference = inference, ConfidenceThreshold = threshold }), TestImages.Buffer(101, 83));
    }

    [Test]
    public void An_int8_model_has_doubts_too()
    {
        using MemoryStream file = new();
        Checkpoint weights = Checkpoint.Load(TestFiles.Shared("reference", "camvid-pytorch-60ep.pth"))
            .WithInfo(new() { Classes = ClassList.CamVid });
        OnnxExporter.Export(weights, file, new OnnxExportOptions
        {
            Precision = OnnxPrecision.Int8,
            Quantization = new() { Ranges = FastScnnQuantizer.Calibrate(weights, [TestImages.Buffer(96, 64)]) },
        });
        using FastScnnSegmenter plain = FastScnnSegmenter.Load(file.ToArray());
        AssertMasked(plain, threshold => FastScnnSegmenter.Load(file.ToArray(),
            new() { ConfidenceThreshold = threshold }), TestImages.Buffer(96, 64));
    }

    [Test]
    public void The_limits_keep_all_and_only_what_is_certain()
    {
        PixelBuffer image = TestImages.Buffer(64, 48);
        using FastScnnSegmenter plain = FastScnnSegmenter.Load(Models.CamVid), all = Load(0), certain = Load(1);
        Assert.That(TestImages.Agreement(all.Segment(image).ClassIds.Span, plain.Segment(image).ClassIds.Span),
            Is.GreaterThan(0.999), "by another way to the same classes");
        Assert.That(certain.Segment(image).ClassFractions.Sum(), Is.LessThan(0.5));
        Assert.That(() => Load(1.01), Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains(
            "ConfidenceThreshold is 1.01; it must be 0 to 1, or null."));
        Assert.That(() => Load(double.NaN), Throws.TypeOf<ArgumentOutOfRangeException>());

        static FastScnnSegmenter Load(double threshold) =>
            FastScnnSegmenter.Load(Models.CamVid, new() { ConfidenceThreshold = threshold });
    }

    [Test]
    public void The_probabilities_of_a_model_that_ends_in_a_softmax_are_read_as_they_are()
    {
        PixelBuffer image = TestImages.Buffer(64, 48);
        FastScnnSegmenterOptions options = new() { Classes = ClassList.Generic(3), ConfidenceThreshold = 0.8 };
        using FastScnnSegmenter logits = FastScnnSegmenter.Load(ForeignModels.Logits, options),
            probabilities = FastScnnSegmenter.Load(ForeignModels.Probabilities, options);
        SegmentationMap expected = logits.Segment(image), found = probabilities.Segment(image);
        Assert.That(expected.ClassFractions.Sum(), Is.InRange(0.1, 0.9));
        Assert.That(TestImages.Agreement(found.ClassIds.Span, expected.ClassIds.Span), Is.GreaterThan(0.999));
        using FastScnnSegmenter broken = FastScnnSegmenter.Load(ForeignModels.NotNumbers, options);
        Assert.That(() => broken.Segment(image), Throws.TypeOf<InvalidDataException>().With.Message.Contains("NaN"));
    }

    private static void AssertMasked(FastScnnSegmenter plain, Func<double, FastScnnSegmenter> load, PixelBuffer image)
    {
        ScoredSegmentation scored = plain.SegmentWithScores(image);
        int plane = scored.Map.Width * scored.Map.Height;
        float[] scores = scored.Scores.ToArray();
        // The largest probability of each pixel, from all of them.
        double[] largest = [.. Enumerable.Range(0, plane).Select(pixel => Enumerable.Range(0, scores.Length / plane)
            .Max(k => (double)scores[k * plane + pixel]))];
        double threshold = largest.Order().ElementAt(plane / 2);
        byte[] expected = [.. largest.Select((probability, pixel) =>
            probability < threshold ? plain.Classes.IgnoreIndex : scored.Map.ClassIds.Span[pixel])];

        using FastScnnSegmenter doubting = load(threshold);
        SegmentationMap map = doubting.Segment(image);

        Assert.That(map.ClassIds.ToArray(), Is.EqualTo(expected));
        Assert.That(map.ClassFractions.Sum(), Is.InRange(0.4, 0.6), "half is kept");
        ScoredSegmentation withScores = doubting.SegmentWithScores(image);
        Assert.That(withScores.Map.ClassIds.ToArray(), Is.EqualTo(expected));
        Assert.That(withScores.Confidence.ToArray(), Is.EqualTo(scored.Confidence.ToArray()));
    }
}
