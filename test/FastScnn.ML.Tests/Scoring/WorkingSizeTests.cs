using FastScnn.ML.Imaging;
using FastScnn.ML.Scoring;
using FastScnn.ML.Scoring.Kernels;
using FastScnn.Torch.Data;

namespace FastScnn.ML.Tests.Scoring;

/// <summary>Regions of interest and shrunk images, against what they stand for.</summary>
public class WorkingSizeTests
{
    private const int Width = 202, Height = 166, Left = 20, Top = 66, PartWidth = 151, PartHeight = 83;

    // Its edges, 20.2, 66.4, 171.0 and 149.4, lie between pixels.
    private static readonly RegionOfInterest s_region = new(0.1, 0.4, 0.8465, 0.9);
    private static readonly PixelBuffer s_image = TestImages.Buffer(Width, Height);
    private static readonly PixelBuffer s_part = Crop(s_image, Left, Top, PartWidth, PartHeight);

    private static readonly InferenceOptions[] s_ways =
    [
        new(), new() { Flip = true, Scales = [0.75, 1] }, new() { TileHeight = 48, TileWidth = 64 },
        new() { WorkingSide = 80 },
    ];

    [TestCaseSource(nameof(s_ways))]
    public void A_region_has_the_map_of_an_image_of_its_own_and_all_else_is_of_no_class(InferenceOptions way)
    {
        using FastScnnSegmenter segmenter = Load(way with { RegionOfInterest = s_region }), plain = Load(way);
        SegmentationMap map = segmenter.Segment(s_image), part = plain.Segment(s_part);
        Assert.That((map.Width, map.Height), Is.EqualTo((Width, Height)));
        AssertPlaced(map.ClassIds, part.ClassIds, 1, map.Classes.IgnoreIndex);
        Assert.That(map.ClassFractions.Sum(),
            Is.EqualTo((double)PartWidth * PartHeight / (Width * Height)).Within(1e-9));
    }

    [TestCaseSource(nameof(s_ways))]
    public void Scores_and_confidence_are_those_of_the_region_and_zero_around_it(InferenceOptions way)
    {
        using FastScnnSegmenter segmenter = Load(way with { RegionOfInterest = s_region }), plain = Load(way);
        ScoredSegmentation scored = segmenter.SegmentWithScores(s_image), part = plain.SegmentWithScores(s_part);
        AssertPlaced(scored.Map.ClassIds, part.Map.ClassIds, 1, scored.Map.Classes.IgnoreIndex);
        AssertPlaced(scored.Confidence, part.Confidence, 1, 0);
        AssertPlaced(scored.Scores, part.Scores, 11, 0);
        Assert.That(segmenter.SegmentWithScores(s_image, null).Scores.Length, Is.Zero);
    }

    [Test]
    public void A_region_of_all_is_the_whole_image()
    {
        using FastScnnSegmenter segmenter = Load(new() { RegionOfInterest = new(0, 0, 1, 1) }), plain = Load(new());
        Assert.That(segmenter.Segment(s_image).ClassIds.ToArray(),
            Is.EqualTo(plain.Segment(s_image).ClassIds.ToArray()));
    }

    [TestCase(120)]
    [TestCase(64)]
    public void A_shrunk_image_gets_the_scores_of_a_smaller_one_enlarged_to_its_size(int side)
    {
        using FastScnnSegmenter segmenter = Load(new() { WorkingSide = side }),
            scorer = Load(new() { OutputSize = SegmentationSize.Model });
        int shorter = (int)Math.Round(Height * (double)side / Width);
        ScoredSegmentation small = scorer.SegmentWithScores(Shrink(s_image, side, shorter), ScoreKind.Logits);
        byte[] expected = ScalarUpsampleArgMax.Run(small.Scores.ToArray(), 11, small.Map.Width, small.Map.Height, Width,
            Height, alignCorners: true);
        Assert.That(TestImages.Agreement(segmenter.Segment(s_image).ClassIds.Span, expected),
            Is.GreaterThan(0.9995));
        Assert.That(TestImages.Agreement(segmenter.SegmentWithScores(s_image).Map.ClassIds.Span, expected),
            Is.GreaterThan(0.9995));
        using FastScnnSegmenter plain = Load(new());
        Assert.That(TestImages.Agreement(plain.Segment(s_image).ClassIds.Span, expected), Is.LessThan(0.999));
    }

    [Test]
    public void The_side_is_that_of_the_region()
    {
        using FastScnnSegmenter segmenter = Load(new() { RegionOfInterest = s_region, WorkingSide = PartWidth }),
            whole = Load(new() { RegionOfInterest = s_region });
        Assert.That(segmenter.Segment(s_image).ClassIds.ToArray(),
            Is.EqualTo(whole.Segment(s_image).ClassIds.ToArray()), "nothing to shrink");
    }

    [TestCase(Width)]
    [TestCase(5000)]
    public void Images_that_are_small_enough_are_left_as_they_are(int side)
    {
        using FastScnnSegmenter segmenter = Load(new() { WorkingSide = side }), plain = Load(new());
        Assert.That(segmenter.Segment(s_image).ClassIds.ToArray(),
            Is.EqualTo(plain.Segment(s_image).ClassIds.ToArray()));
    }

    [Test]
    public void Tiles_are_shrunk_each_as_an_image_of_its_own()
    {
        PixelBuffer wide = TestImages.Buffer(192, 96);
        var shrunk = new InferenceOptions { WorkingSide = 48 };
        using FastScnnSegmenter tiled = Load(shrunk with { TileHeight = 96, TileWidth = 96, TileOverlap = 0 }),
            plain = Load(shrunk);
        byte[] map = tiled.Segment(wide).ClassIds.ToArray();
        for (int tile = 0; tile < 2; tile++)
        {
            byte[] own = plain.Segment(Crop(wide, 96 * tile, 0, 96, 96)).ClassIds.ToArray();
            byte[] found = [.. map.Chunk(192).SelectMany(row => row.Skip(96 * tile).Take(96))];
            Assert.That(TestImages.Agreement(found, own), Is.GreaterThan(0.9995));
        }
    }

    [Test]
    public void At_the_models_size_a_map_has_the_scores_of_the_shrunk_image()
    {
        PixelBuffer image = TestImages.Buffer(256, 192);
        using FastScnnSegmenter segmenter =
            Load(new() { WorkingSide = 128, OutputSize = SegmentationSize.Model, Scales = [0.5, 1] });
        SegmentationMap map = segmenter.Segment(image);
        Assert.That((map.Width, map.Height), Is.EqualTo((16, 12)));
    }

    [Test]
    public void Scales_count_from_the_working_side_and_so_does_the_limit_of_pixels()
    {
        PixelBuffer image = TestImages.Buffer(200, 100);
        using FastScnnSegmenter both = Load(new() { WorkingSide = 100, Scales = [2] }), plain = Load(new()),
            limited = FastScnnSegmenter.Load(Models.CamVid, new()
            {
                Inference = new() { WorkingSide = 100, Scales = [4] },
                MaxPixels = 200 * 100,
            });
        Assert.That(TestImages.Agreement(both.Segment(image).ClassIds.Span, plain.Segment(image).ClassIds.Span),
            Is.GreaterThan(0.9995));
        Assert.That(() => limited.Segment(image), Throws.ArgumentException.With.Message.Contains("400 x 200"));
    }

    [Test]
    public void What_cannot_be_combined_is_refused()
    {
        var options = new FastScnnSegmenterOptions { Classes = ClassList.Generic(3) };
        Assert.That(
            () => FastScnnSegmenter.Load(Models.TinyOfSize(40, 48),
                options with { Inference = new() { WorkingSide = 40 } }),
            Throws.InvalidOperationException.With.Message.Contains("40, 48").And.Message.Contains("WorkingSide"));
        Assert.That(
            () => Load(new() { RegionOfInterest = s_region, OutputSize = SegmentationSize.Model }),
            Throws.InvalidOperationException.With.Message.Contains("RegionOfInterest")
                .And.Message.Contains("OutputSize"));
    }

    [Test]
    public void A_model_of_one_size_takes_a_region()
    {
        var options = new FastScnnSegmenterOptions { Classes = ClassList.Generic(3) };
        using var segmenter = FastScnnSegmenter.Load(Models.TinyOfSize(40, 48),
            options with { Inference = new() { RegionOfInterest = s_region } });
        using var plain = FastScnnSegmenter.Load(Models.TinyOfSize(40, 48), options);
        AssertPlaced(segmenter.Segment(s_image).ClassIds, plain.Segment(s_part).ClassIds, 1, (byte)255);
    }

    private static FastScnnSegmenter Load(InferenceOptions inference) =>
        FastScnnSegmenter.Load(Models.CamVid, new() { Inference = inference });

    private static void AssertPlaced<T>(ReadOnlyMemory<T> image, ReadOnlyMemory<T> part, int planes, T outside)
        where T : IEquatable<T>
    {
        Assert.That((image.Length, part.Length),
            Is.EqualTo((planes * Width * Height, planes * PartWidth * PartHeight)));
        for (int plane = 0; plane < planes; plane++)
            for (int y = 0; y < Height; y++)
                for (int x = 0; x < Width; x++)
                {
                    bool isInside = x is >= Left and < Left + PartWidth && y is >= Top and < Top + PartHeight;
                    T expected = isInside
                        ? part.Span[(plane * PartHeight + y - Top) * PartWidth + x - Left] : outside;
                    if (!image.Span[(plane * Height + y) * Width + x].Equals(expected))
                        Assert.Fail($"plane {plane}, {x}, {y}: expected {expected}");
                }
    }

    private static PixelBuffer Crop(PixelBuffer image, int left, int top, int width, int height) =>
        new(width, height, image.Pixels[(top * image.Stride + 4 * left)..].ToArray(), image.Layout, image.Stride);

    // As PlaneResize says: pixel centres, first down and then across, to the nearest byte.
    private static PixelBuffer Shrink(PixelBuffer image, int width, int height)
    {
        BilinearTap[] rows = BilinearTap.Along(height, image.Height, false),
            columns = BilinearTap.Along(width, image.Width, false);
        var pixels = new byte[4 * width * height];
        for (int y = 0; y < height; y++)
            for (int x = 0; x < width; x++)
                for (int c = 0; c < 4; c++)
                {
                    float left = Down(columns[x].Low), right = Down(columns[x].High);
                    pixels[4 * (y * width + x) + c] =
                        (byte)(MathF.FusedMultiplyAdd(columns[x].Fraction, right - left, left) + 0.5f);

                    float Down(int column)
                    {
                        float from = At(rows[y].Low), to = At(rows[y].High);
                        return MathF.FusedMultiplyAdd(rows[y].Fraction, to - from, from);

                        byte At(int row) => image.Pixels.Span[4 * (row * image.Width + column) + c];
                    }
                }
        return new PixelBuffer(width, height, pixels, image.Layout);
    }
}
