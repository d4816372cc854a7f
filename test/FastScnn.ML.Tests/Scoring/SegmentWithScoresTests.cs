using FastScnn.ML.Imaging;
using FastScnn.ML.Scoring;
using FastScnn.Testing;
using FastScnn.Torch.Data;
using Microsoft.ML.Data;

namespace FastScnn.ML.Tests.Scoring;

/// <summary>Scores and confidence, and what averaging and tiles make of them.</summary>
public class SegmentWithScoresTests
{
    private const int Width = 101, Height = 83;

    private static readonly byte[] s_pixels = TestImages.Pixels(Width, Height);
    private static readonly PixelBuffer s_image = new(Width, Height, s_pixels, PixelLayout.Bgra32);

    [Test]
    public void The_map_has_the_largest_scores_and_the_confidence_is_their_probability([Values] ScoreKind kind,
        [Values] bool averaged)
    {
        using FastScnnSegmenter segmenter = Load(new() { Flip = averaged });
        ScoredSegmentation result = segmenter.SegmentWithScores(s_image, kind);
        Assert.That((result.Map.Width, result.Map.Height, result.ScoreKind), Is.EqualTo((Width, Height, kind)));
        Assert.That((result.Scores.Length, result.Confidence.Length),
            Is.EqualTo((11 * Width * Height, Width * Height)));
        for (int i = 0; i < Width * Height; i++)
        {
            float[] scores = At(result, i);
            Assert.That(scores[result.Map.ClassIds.Span[i]], Is.EqualTo(scores.Max()));
            double[] exponentials = [
                .. scores.Select(score => kind == ScoreKind.Logits ? Math.Exp(score - scores.Max()) : score)];
            if (kind == ScoreKind.Probabilities)
                Assert.That(exponentials.Sum(), Is.EqualTo(1).Within(1e-5));
            Assert.That(result.Confidence.Span[i],
                Is.EqualTo(exponentials.Max() / exponentials.Sum()).Within(1e-5).And.InRange(0.09, 1));
        }
    }

    [Test]
    public void A_real_image_gets_the_plain_map_with_scores_or_without()
    {
        using FastScnnSegmenter segmenter = Load(new());
        string file = TestImages.Val(1)[0];
        byte[] plain = segmenter.Segment(file).ClassIds.ToArray();
        using MLImage image = MLImage.CreateFromFile(file);
        using FileStream stream = File.OpenRead(file);
        ScoredSegmentation fromFile = segmenter.SegmentWithScores(file),
            fromImage = segmenter.SegmentWithScores(image, ScoreKind.Logits);
        ScoredSegmentation fromStream = segmenter.SegmentWithScores(stream, null);
        Assert.That(TestImages.Agreement(fromFile.Map.ClassIds.Span, plain), Is.GreaterThan(0.9999));
        Assert.That(fromImage.Map.ClassIds.ToArray(), Is.EqualTo(fromFile.Map.ClassIds.ToArray()));
        Assert.That(fromStream.Confidence.ToArray(), Is.EqualTo(fromFile.Confidence.ToArray()));
        Assert.That((fromStream.ScoreKind, fromStream.Scores.Length), Is.EqualTo(((ScoreKind?)null, 0)));
        Assert.That(fromFile.Map.Timings.Inference, Is.GreaterThan(TimeSpan.Zero));
    }

    [Test]
    public void Flip_averaging_gives_a_mirrored_image_the_mirrored_map()
    {
        using MLImage image = MLImage.CreateFromFile(TestImages.Street);
        using FastScnnSegmenter plain = Load(new()), averaged = Load(new() { Flip = true });
        PixelLayout layout = image.PixelFormat == MLPixelFormat.Bgra32 ? PixelLayout.Bgra32 : PixelLayout.Rgba32;
        byte[] pixels = image.Pixels.ToArray(), mirrored = Mirror(pixels, image.Width, 4);
        byte[] map = Ids(averaged, pixels), ofMirrored = Ids(averaged, mirrored);
        Assert.That(TestImages.Agreement(Mirror(ofMirrored, image.Width, 1), map), Is.GreaterThan(0.9999));
        Assert.That(TestImages.Agreement(Mirror(Ids(plain, mirrored), image.Width, 1), Ids(plain, pixels)),
            Is.LessThan(0.9999), "without averaging");

        byte[] Ids(FastScnnSegmenter segmenter, byte[] bgra) =>
            segmenter.Segment(new PixelBuffer(image.Width, image.Height, bgra, layout)).ClassIds.ToArray();
    }

    [Test]
    public void A_network_that_sees_single_pixels_does_not_notice_flips_and_tiles()
    {
        var classes = new FastScnnSegmenterOptions { Classes = ClassList.Generic(3) };
        using var plain = FastScnnSegmenter.Load(Models.Tiny, classes);
        using var averaged = FastScnnSegmenter.Load(
            Models.Tiny, classes with
            {
                Inference = new() { Flip = true, Scales = [1, 1], TileHeight = 32, TileWidth = 47, TileOverlap = 0.4 }
            });
        ScoredSegmentation expected = plain.SegmentWithScores(s_image);
        ScoredSegmentation found = averaged.SegmentWithScores(s_image);
        AssertClose(found.Scores, expected.Scores);
        AssertClose(found.Confidence, expected.Confidence);
        Assert.That(found.Map.ClassIds.ToArray(), Is.EqualTo(plain.Segment(s_image).ClassIds.ToArray()));
    }

    [Test]
    public void Scales_have_the_same_say_each()
    {
        ScoredSegmentation[] single = [.. new[] { 0.75, 1, 1.25 }.Select(scale => Score(new() { Scales = [scale] }))];
        ScoredSegmentation all = Score(new() { Scales = [0.75, 1, 1.25] });
        var mean = new float[all.Scores.Length];
        for (int i = 0; i < mean.Length; i++)
            mean[i] = single.Sum(result => result.Scores.Span[i]) / 3;
        AssertClose(all.Scores, mean);
        Assert.That(single[0].Scores.ToArray(), Is.Not.EqualTo(single[1].Scores.ToArray()));
        Assert.That(Score(new() { Scales = [1] }).Scores.ToArray(), Is.EqualTo(single[1].Scores.ToArray()));
    }

    [Test]
    public void A_pixel_gets_the_mean_of_the_tiles_that_cover_it()
    {
        using FastScnnSegmenter plain = Load(new()),
            tiled = Load(new() { TileHeight = 48, TileWidth = 56, TileOverlap = 0.5 });
        var sums = new float[11 * Width * Height];
        var counts = new int[Width * Height];
        foreach (Tile rows in Tile.Along(Height, 48, 0.5))
            foreach (Tile columns in Tile.Along(Width, 56, 0.5))
            {
                int start = 4 * (rows.Start * Width + columns.Start);
                float[] tile =
                    plain.SegmentWithScores(new PixelBuffer(56, 48, s_pixels.AsMemory(start), PixelLayout.Bgra32,
                        4 * Width)).Scores.ToArray();
                for (int y = 0; y < 48; y++)
                    for (int x = 0; x < 56; x++)
                    {
                        int pixel = (rows.Start + y) * Width + columns.Start + x;
                        counts[pixel]++;
                        for (int k = 0; k < 11; k++)
                            sums[k * Width * Height + pixel] += tile[(k * 48 + y) * 56 + x];
                    }
            }
        Assert.That(counts, Is.All.GreaterThan(0));
        Assert.That(counts.Max(), Is.GreaterThanOrEqualTo(4));
        ScoredSegmentation found = tiled.SegmentWithScores(s_image);
        AssertClose(found.Scores, sums.Select((sum, i) => sum / counts[i % counts.Length]).ToArray());
        Assert.That(tiled.Segment(s_image).ClassIds.ToArray(), Is.EqualTo(found.Map.ClassIds.ToArray()));
    }

    [TestCase(Height, Width)]
    [TestCase(1000, 2000)]
    [TestCase(Height, null)]
    public void One_tile_that_covers_the_image_changes_nothing(int? height, int? width)
    {
        ScoredSegmentation plain = Score(new(), ScoreKind.Logits),
            tiled = Score(new() { TileHeight = height, TileWidth = width }, ScoreKind.Logits);
        Assert.That(tiled.Scores.ToArray(), Is.EqualTo(plain.Scores.ToArray()));
        Assert.That(tiled.Map.ClassIds.ToArray(), Is.EqualTo(plain.Map.ClassIds.ToArray()));
    }

    [Test]
    public void Averaged_logits_are_the_logarithm_of_the_mean_probability()
    {
        var inference = new InferenceOptions { Flip = true };
        float[] probabilities = Score(inference).Scores.ToArray();
        AssertClose(Score(inference, ScoreKind.Logits).Scores,
            probabilities.Select(p => MathF.Log(Math.Max(p, float.Epsilon))).ToArray());
    }

    [Test]
    public void The_models_own_size_gives_its_own_scores()
    {
        ScoredSegmentation own = Score(new() { OutputSize = SegmentationSize.Model }, ScoreKind.Logits),
            image = Score(new(), ScoreKind.Logits);
        (int width, int height) = (own.Map.Width, own.Map.Height);
        Assert.That((width, height), Is.EqualTo(((Width + 7) / 8, (Height + 7) / 8)));
        // Both grids have the same corners.
        for (int k = 0; k < 11; k++)
        {
            Assert.That(own.Scores.Span[k * width * height], Is.EqualTo(image.Scores.Span[k * Width * Height]));
            Assert.That(own.Scores.Span[(k + 1) * width * height - 1],
                Is.EqualTo(image.Scores.Span[(k + 1) * Width * Height - 1]).Within(1e-4));
        }
    }

    [Test]
    public void The_models_own_size_goes_with_averaging_and_tiles()
    {
        ScoredSegmentation averaged =
            Score(new() { OutputSize = SegmentationSize.Model, Flip = true, Scales = [0.5, 1, 2] });
        ScoredSegmentation tiled =
            Score(new() { OutputSize = SegmentationSize.Model, TileHeight = 32, TileWidth = 40 });
        Assert.That((averaged.Map.Width, averaged.Map.Height), Is.EqualTo(((Width + 7) / 8, (Height + 7) / 8)));
        // A tile of 40 x 32 has 5 x 4 scores.
        Assert.That((tiled.Map.Width, tiled.Map.Height),
            Is.EqualTo(((int)Math.Round(Width * 5 / 40.0), (int)Math.Round(Height * 4 / 32.0))));
        foreach (ScoredSegmentation result in new[] { averaged, tiled })
            for (int i = 0; i < result.Confidence.Length; i++)
                Assert.That(At(result, i).Sum(), Is.EqualTo(1).Within(1e-5));
    }

    [TestCase(1, 1)]
    [TestCase(1, 100)]
    [TestCase(100, 1)]
    [TestCase(33, 31)]
    public void Images_of_any_size_are_averaged_and_tiled(int width, int height)
    {
        using FastScnnSegmenter segmenter =
            Load(new() { Flip = true, Scales = [0.1, 1, 2], TileHeight = 32, TileWidth = 32 });
        ScoredSegmentation result = segmenter.SegmentWithScores(TestImages.Buffer(width, height));
        Assert.That((result.Map.Width, result.Map.Height), Is.EqualTo((width, height)));
        for (int i = 0; i < width * height; i++)
            Assert.That(At(result, i).Sum(), Is.EqualTo(1).Within(1e-5));
    }

    [Test]
    public void A_model_of_one_size_is_flipped_and_tiled_and_refuses_scales()
    {
        byte[] model = Models.TinyOfSize(40, 48);
        var options = new FastScnnSegmenterOptions { Classes = ClassList.Generic(3) };
        using var plain = FastScnnSegmenter.Load(Models.Tiny, options);
        // Tiles of the model's own size are not resized.
        using var tiled = FastScnnSegmenter.Load(model,
            options with { Inference = new() { Flip = true, TileHeight = 40, TileWidth = 48 } });
        using var own = FastScnnSegmenter.Load(model,
            options with { Inference = new() { OutputSize = SegmentationSize.Model } });
        Assert.That(
            tiled.Segment(s_image).ClassIds.ToArray(),
            Is.EqualTo(plain.Segment(s_image).ClassIds.ToArray()));
        SegmentationMap map = own.Segment(s_image);
        Assert.That((map.Width, map.Height), Is.EqualTo((48, 40)));
        Assert.That(
            () => FastScnnSegmenter.Load(model, options with { Inference = new() { Scales = [0.75, 1] } }),
            Throws.InvalidOperationException.With.Message.Contains("40, 48").And.Message.Contains("[0.75, 1]"));
    }

    [Test]
    public void The_image_limit_holds_for_what_the_network_sees_at_once()
    {
        var pixels = new byte[100 * 100];
        using FastScnnSegmenter whole = Load(new() { Scales = [4] }),
            tiled = Load(new() { Scales = [4], TileHeight = 32, TileWidth = 32, TileOverlap = 0 });
        Assert.That(
            () => whole.Segment(new PixelBuffer(100, 100, pixels, PixelLayout.Gray8)),
            Throws.ArgumentException.With.Message.Contains("100 x 100").And.Message.Contains("400 x 400"));
        Assert.That(tiled.Segment(new PixelBuffer(100, 100, pixels, PixelLayout.Gray8)).Width, Is.EqualTo(100));

        static FastScnnSegmenter Load(InferenceOptions inference) =>
            FastScnnSegmenter.Load(Models.Tiny,
                new FastScnnSegmenterOptions
                {
                    Classes = ClassList.Generic(3),
                    MaxPixels = 20_000,
                    Inference = inference
                });
    }

    [Test]
    public void A_score_that_is_no_number_never_wins()
    {
        float[] mixed = [float.NaN, 1, 1], none = [float.NaN, float.NegativeInfinity],
            infinite = [0, float.PositiveInfinity];
        Softmax.Apply(mixed);
        Softmax.Apply(none);
        Softmax.Apply(infinite);
        Assert.That(mixed, Is.EqualTo(new[] { 0, 0.5f, 0.5f }));
        Assert.That(none, Is.EqualTo(new[] { 0.5f, 0.5f }));
        Assert.That(infinite, Is.EqualTo(new[] { 0f, 1f }));
    }

    [Test]
    public void An_unknown_kind_of_scores_and_a_disposed_segmenter_are_refused()
    {
        FastScnnSegmenter segmenter = Load(new());
        Assert.That(
            () => segmenter.SegmentWithScores(s_image, (ScoreKind)5),
            Throws.InstanceOf<ArgumentOutOfRangeException>().With.Message.Contains("Probabilities or Logits"));
        segmenter.Dispose();
        Assert.That(() => segmenter.SegmentWithScores(s_image), Throws.InstanceOf<ObjectDisposedException>());
    }

    private static FastScnnSegmenter Load(InferenceOptions inference) =>
        FastScnnSegmenter.Load(Models.CamVid, new FastScnnSegmenterOptions { Inference = inference });

    private static ScoredSegmentation Score(InferenceOptions inference, ScoreKind kind = ScoreKind.Probabilities)
    {
        using FastScnnSegmenter segmenter = Load(inference);
        return segmenter.SegmentWithScores(s_image, kind);
    }

    private static float[] At(ScoredSegmentation result, int pixel) =>
        [.. Enumerable.Range(0, result.Map.Classes.Count)
            .Select(k => result.Scores.Span[k * result.Confidence.Length + pixel])];

    private static byte[] Mirror(byte[] pixels, int width, int step) =>
        [.. pixels.Chunk(step).Chunk(width).SelectMany(row => row.Reverse()).SelectMany(pixel => pixel)];

    private static void AssertClose(ReadOnlyMemory<float> found, ReadOnlyMemory<float> expected)
    {
        Assert.That(found.Length, Is.EqualTo(expected.Length));
        float worst = 0;
        for (int i = 0; i < found.Length; i++)
            worst = Math.Max(worst, Math.Abs(found.Span[i] - expected.Span[i]));
        Assert.That(worst, Is.LessThan(1e-5f));
    }
}
