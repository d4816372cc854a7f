using System.Diagnostics;
using System.Runtime.CompilerServices;
using FastScnn.ML.Imaging;
using FastScnn.ML.Scoring;
using FastScnn.Testing;
using FastScnn.Torch.Data;

namespace FastScnn.ML.Tests.Scoring;

/// <summary>Streams of frames through a real network.</summary>
[NonParallelizable]
public class SegmentVideoTests
{
    private const int Width = 101, Height = 83;

    private static readonly PixelBuffer[] s_frames =
        [.. Enumerable.Range(1, 6).Select(seed => TestImages.Buffer(Width, Height, seed))];

    [Test]
    public async Task Maps_are_those_of_single_images_also_where_the_size_changes([Values(0, 1, 3)] int held)
    {
        using FastScnnSegmenter segmenter = Load(new());
        PixelBuffer[] frames = [s_frames[0], TestImages.Buffer(64, 48), TestImages.Buffer(64, 48, 2), s_frames[1],
            TestImages.Buffer(20, 70)];
        List<SegmentedFrame> results = await Segment(segmenter, frames, new() { MaxConcurrency = held });
        Assert.That(results.Select(result => result.Image), Is.EqualTo(frames));
        AssertMaps(results, frames.Select(segmenter.Segment));
        Assert.That(results.Select(result => (result.Map.Width, result.Map.Height)),
            Is.EqualTo(frames.Select(frame => (frame.Width, frame.Height))));
        Assert.That(results.Select(result => result.Map.Timings.Inference), Is.All.GreaterThan(TimeSpan.Zero));
    }

    [Test]
    public async Task Smoothed_maps_are_the_best_classes_of_averaged_scores_enlarged(
        [Values(0.5, 0.8)] double smoothing)
    {
        using FastScnnSegmenter segmenter = Load(new()), scorer = Load(new() { OutputSize = SegmentationSize.Model });
        List<SegmentedFrame> results = await Segment(segmenter, s_frames, new() { Smoothing = smoothing });
        double[]? average = null;
        int different = 0;
        for (int i = 0; i < s_frames.Length; i++)
        {
            ScoredSegmentation own = scorer.SegmentWithScores(s_frames[i], ScoreKind.Logits);
            float[] scores = own.Scores.ToArray();
            average = average is null ? [.. scores.Select(score => (double)score)]
                : [.. average.Zip(scores, (old, score) => smoothing * old + (1 - smoothing) * score)];
            byte[] expected = ScalarUpsampleArgMax.Run([.. average.Select(score => (float)score)], 11, own.Map.Width,
                own.Map.Height, Width, Height, alignCorners: true);
            Assert.That(TestImages.Agreement(results[i].Map.ClassIds.Span, expected), Is.GreaterThan(0.9995), $"{i}");
            different += results[i].Map.ClassIds.Span.SequenceEqual(segmenter.Segment(s_frames[i]).ClassIds.Span)
                ? 0 : 1;
        }
        Assert.That(different, Is.EqualTo(s_frames.Length - 1), "all but the first frame have a past");
    }

    [Test]
    public async Task Smoothing_goes_in_the_order_of_the_frames_however_many_are_worked_on([Values] bool averaged)
    {
        using FastScnnSegmenter segmenter = Load(new() { Flip = averaged, Scales = averaged ? [1, 1.5] : [1] });
        PixelBuffer[] frames = [.. Enumerable.Range(0, averaged ? 12 : 60).Select(i => s_frames[i % 6])];
        List<SegmentedFrame> one = await Segment(segmenter, frames, new() { Smoothing = 0.7, MaxConcurrency = 1 });
        List<SegmentedFrame> many = await Segment(segmenter, frames, new() { Smoothing = 0.7, MaxConcurrency = 8 });
        AssertMaps(many, one.Select(result => result.Map));
    }

    [Test]
    public async Task Each_run_of_a_frame_has_its_own_average()
    {
        using FastScnnSegmenter segmenter = Load(new() { Flip = true }),
            scorer = Load(new() { OutputSize = SegmentationSize.Model });
        List<SegmentedFrame> results = await Segment(segmenter, s_frames[..2], new() { Smoothing = 0.6 });
        float[] straight = Average(frame => frame), mirrored = Average(Mirror);
        (int columns, int rows) = ((Width + 7) / 8, (Height + 7) / 8);
        var taps = (X: ML.Scoring.Kernels.BilinearTap.Along(Width, columns, true),
            Y: ML.Scoring.Kernels.BilinearTap.Along(Height, rows, true));
        var expected = new byte[Width * Height];
        for (int y = 0; y < Height; y++)
            for (int x = 0; x < Width; x++)
            {
                float[] first = At(straight, x, y), second = At(mirrored, Width - 1 - x, y);
                Softmax.Apply(first);
                Softmax.Apply(second);
                expected[y * Width + x] = (byte)Softmax.ArgMax([.. first.Zip(second, (a, b) => a + b)]);
            }
        Assert.That(TestImages.Agreement(results[1].Map.ClassIds.Span, expected), Is.GreaterThan(0.9995));
        Assert.That(results[1].Map.ClassIds.ToArray(),
            Is.Not.EqualTo(segmenter.Segment(s_frames[1]).ClassIds.ToArray()));

        float[] Average(Func<PixelBuffer, PixelBuffer> change)
        {
            float[][] scores = [.. s_frames[..2].Select(frame =>
                scorer.SegmentWithScores(change(frame), ScoreKind.Logits).Scores.ToArray())];
            return [.. scores[0].Zip(scores[1], (old, score) => 0.6f * old + 0.4f * score)];
        }

        float[] At(float[] scores, int x, int y) => [.. Enumerable.Range(0, 11).Select(k =>
            ScalarUpsampleArgMax.Score(scores.AsSpan(k * columns * rows), columns, taps.X[x], taps.Y[y]))];
    }

    [Test]
    public async Task A_change_of_size_starts_smoothing_afresh_and_so_does_a_new_enumeration()
    {
        using FastScnnSegmenter segmenter = Load(new());
        PixelBuffer other = TestImages.Buffer(64, 48, 5);
        IAsyncEnumerable<SegmentedFrame> stream = segmenter.SegmentVideoAsync(
            Frames([s_frames[0], other, s_frames[1], s_frames[2]]), new() { Smoothing = 0.9 });
        for (int run = 0; run < 2; run++)
        {
            List<SegmentedFrame> results = await ToList(stream);
            AssertMaps(results[..3], new[] { s_frames[0], other, s_frames[1] }.Select(segmenter.Segment));
            Assert.That(results[3].Map.ClassIds.ToArray(),
                Is.Not.EqualTo(segmenter.Segment(s_frames[2]).ClassIds.ToArray()));
        }
    }

    [Test]
    public void A_score_that_is_no_number_does_not_stay()
    {
        var average = new ScoreAverage(0.5, classes: 1);
        float[][] frames = [[1, float.NaN], [float.PositiveInfinity, 4], [3, 2]];
        foreach (float[] frame in frames)
        {
            ScoreAverage.Turn turn = average.Next((8, 8));
            turn.Blend(frame);
            turn.End();
        }
        Assert.That(frames, Is.EqualTo(new[] { [1, float.NaN], [float.PositiveInfinity, 4], new[] { 3f, 3f } }));
    }

    [TestCase(3, false)]
    [TestCase(4, true)]
    public void Where_more_than_a_third_changes_class_the_average_starts_afresh(int changed, bool isCut)
    {
        var average = new ScoreAverage(0.5, classes: 2);
        // Nine places of two classes: first the second class is the best at all, then the first at some.
        float[] before = [.. Enumerable.Repeat(0f, 9), .. Enumerable.Repeat(1f, 9)];
        float[] after = [.. Enumerable.Repeat(8f, changed), .. Enumerable.Repeat(0f, 9 - changed), .. before[9..]];
        float[] expected = [.. after.Select((score, i) => isCut ? score : (score + before[i]) / 2)];
        foreach (float[] frame in new[] { before, after })
        {
            ScoreAverage.Turn turn = average.Next((8, 8));
            turn.Blend(frame);
            turn.End();
        }
        Assert.That(after, Is.EqualTo(expected));
    }

    [Test]
    public async Task A_cut_to_another_street_leaves_no_ghost_and_the_drive_itself_is_no_cut()
    {
        using FastScnnSegmenter segmenter = Load(new());
        string cut = Directory.GetFiles(TestFiles.Shared("camvid", "images", "train"), "0001TP_*")
            .Order(StringComparer.Ordinal).First();
        PixelBuffer[] frames = [.. TestImages.Val(3).Append(cut)
            .Select(path => ImageDecoder.Decode(new MemoryStream(File.ReadAllBytes(path))))];
        List<SegmentedFrame> results = await Segment(segmenter, frames, new() { Smoothing = 0.8 });
        bool[] isOwn = [.. results.Select(result =>
            result.Map.ClassIds.Span.SequenceEqual(segmenter.Segment(result.Image).ClassIds.Span))];
        Assert.That(isOwn, Is.EqualTo(new[] { true, false, false, true }));
    }

    [Test]
    public async Task A_frame_that_fails_does_not_keep_those_after_it_waiting()
    {
        using FastScnnSegmenter segmenter = Load(new(), maxPixels: Width * Height);
        PixelBuffer[] frames = [s_frames[0], TestImages.Buffer(Width + 1, Height), .. s_frames];
        var results = new List<SegmentedFrame>();
        Assert.That(async () =>
        {
            await foreach (SegmentedFrame frame in segmenter.SegmentVideoAsync(Frames(frames),
                new() { Smoothing = 0.5, MaxConcurrency = 4 }))
                results.Add(frame);
        }, Throws.ArgumentException.With.Message.Contains("102 x 83"));
        Assert.That(results, Has.Count.EqualTo(1));
        await Task.CompletedTask;
    }

    [Test]
    public async Task Frames_lying_on_their_side_come_upright()
    {
        using FastScnnSegmenter segmenter = Load(new());
        var turned = new PixelBuffer(Width, Height, s_frames[0].Pixels, PixelLayout.Bgra32)
        {
            Orientation = ImageOrientation.RightTop
        };
        List<SegmentedFrame> results = await Segment(segmenter, [turned], new() { Smoothing = 0.5 });
        Assert.That((results[0].Map.Width, results[0].Map.Height), Is.EqualTo((Height, Width)));
        AssertMaps(results, [segmenter.Segment(turned)]);
    }

    [Test]
    public async Task Frames_are_scored_as_the_segmenters_options_say([Values] bool smoothed)
    {
        using FastScnnSegmenter segmenter = Load(new() { RegionOfInterest = new(0, 0.3, 1, 0.9), WorkingSide = 64 });
        List<SegmentedFrame> results = await Segment(segmenter, s_frames[..2],
            new() { Smoothing = smoothed ? 0.5 : 0 });
        AssertMaps(results[..1], [segmenter.Segment(s_frames[0])]);
        Assert.That(results[1].Map.ClassIds.Span.SequenceEqual(segmenter.Segment(s_frames[1]).ClassIds.Span),
            Is.EqualTo(!smoothed));
        Assert.That(results[1].Map.ClassIds.Span[..(Width * 24)].ToArray(),
            Is.All.EqualTo(segmenter.Classes.IgnoreIndex));
    }

    [Test]
    public async Task A_disposed_segmenter_and_null_are_refused()
    {
        FastScnnSegmenter segmenter = Load(new());
        Assert.That(() => segmenter.SegmentVideoAsync(null!), Throws.ArgumentNullException);
        segmenter.Dispose();
        Assert.That(async () => await Segment(segmenter, s_frames, new()),
            Throws.InstanceOf<ObjectDisposedException>());
        await Task.CompletedTask;
    }

    [Test]
    public async Task Ten_thousand_frames_of_a_pool_take_no_more_memory_than_one_thousand(
        [Values] FramePolicy policy)
    {
        using FastScnnSegmenter segmenter = Load(new());
        const int Count = 10_000, Held = 3;
        (int width, int height) = (64, 48);
        byte[] pixels = TestImages.Pixels(width, height);
        int buffers = Held + (policy == FramePolicy.NewestFrame ? 2 : 0);
        var free = new Stack<byte[]>(Enumerable.Range(0, buffers).Select(_ => new byte[pixels.Length]));
        (long heap, long process) before = default;
        int results = 0, given = 0;
        await foreach (SegmentedFrame frame in segmenter.SegmentVideoAsync(Read(), new()
        {
            Policy = policy,
            MaxConcurrency = Held,
            Smoothing = 0.5,
            FrameDropped = Return,
        }))
        {
            Assert.That(BitConverter.ToInt64(frame.Image.Pixels.Span), Is.EqualTo(frame.Index),
                "its memory is its own");
            results++;
            Return(frame.Image);
        }
        (long heap, long process) after = Memory();
        TestContext.Out.WriteLine($"{results} of {given}: heap {before.heap} -> {after.heap}, "
            + $"process {before.process} -> {after.process}");
        Assert.That(given, Is.EqualTo(Count));
        Assert.That(free, Has.Count.EqualTo(buffers), "all came back");
        // A map kept for each frame would be 27 MB.
        Assert.That(after.heap - before.heap, Is.LessThan(1 << 20));
        Assert.That(after.process - before.process, Is.LessThan(32 << 20));

        async IAsyncEnumerable<PixelBuffer> Read([EnumeratorCancellation] CancellationToken stop = default)
        {
            for (; given < Count; given++)
            {
                if (given == Count / 10)
                    before = Memory();
                byte[] memory;
                lock (free)
                    memory = free.Pop();
                pixels.CopyTo(memory, 0);
                BitConverter.TryWriteBytes(memory, (long)given);
                yield return new PixelBuffer(width, height, memory, PixelLayout.Bgra32);
                if (given % 4 == 0)
                    await (policy == FramePolicy.NewestFrame ? Task.Delay(1) : Task.CompletedTask);
            }
        }

        void Return(PixelBuffer frame)
        {
            System.Runtime.InteropServices.MemoryMarshal.TryGetArray(frame.Pixels, out ArraySegment<byte> memory);
            lock (free)
                free.Push(memory.Array!);
        }

        static (long, long) Memory()
        {
            long heap = GC.GetTotalMemory(forceFullCollection: true);
            using var process = Process.GetCurrentProcess();
            return (heap, process.WorkingSet64);
        }
    }

    private static FastScnnSegmenter Load(InferenceOptions inference, long maxPixels = 1 << 20) =>
        FastScnnSegmenter.Load(Models.CamVid, new() { Inference = inference, MaxPixels = maxPixels });

    private static Task<List<SegmentedFrame>> Segment(FastScnnSegmenter segmenter, PixelBuffer[] frames,
        VideoOptions options) => ToList(segmenter.SegmentVideoAsync(Frames(frames), options));

    private static async Task<List<SegmentedFrame>> ToList(IAsyncEnumerable<SegmentedFrame> stream)
    {
        var results = new List<SegmentedFrame>();
        await foreach (SegmentedFrame frame in stream)
            results.Add(frame);
        return results;
    }

    private static async IAsyncEnumerable<PixelBuffer> Frames(IEnumerable<PixelBuffer> frames)
    {
        foreach (PixelBuffer frame in frames)
        {
            await Task.Yield();
            yield return frame;
        }
    }

    private static PixelBuffer Mirror(PixelBuffer image)
    {
        byte[] pixels = image.Pixels.ToArray();
        return new PixelBuffer(image.Width, image.Height,
            pixels.Chunk(4).Chunk(image.Width).SelectMany(row => row.Reverse()).SelectMany(pixel => pixel).ToArray(),
            image.Layout);
    }

    private static void AssertMaps(IEnumerable<SegmentedFrame> results, IEnumerable<SegmentationMap> expected) =>
        Assert.That(results.Select(result => result.Map.ClassIds.ToArray()),
            Is.EqualTo(expected.Select(map => map.ClassIds.ToArray())));
}
