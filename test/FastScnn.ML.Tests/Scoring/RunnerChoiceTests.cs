using System.Collections.Concurrent;
using FastScnn.ML.Scoring;
using FastScnn.Torch.Data;
using Microsoft.ML.OnnxRuntime;

namespace FastScnn.ML.Tests.Scoring;

/// <summary>Which session serves which image, and what is kept from image to image.</summary>
public class RunnerChoiceTests
{
    [Test]
    public void A_size_that_comes_often_gets_a_session_and_the_masks_stay_the_same([Values] bool interop)
    {
        using var segmenter = FastScnnSegmenter.Load(interop ? Models.CamVidInterop : Models.CamVid);
        byte[] first = Ids(segmenter, Scene(64, 48, 1), 64, 48);
        for (int i = 1; i < RunnerChoice.UsesForSession; i++)
        {
            Assert.That(segmenter.SizedSessions, Is.Zero);
            Ids(segmenter, Scene(64, 48, i), 64, 48);
        }
        for (int i = 0; i < 3; i++)
        {
            Assert.That(Ids(segmenter, Scene(64, 48, 1), 64, 48), Is.EqualTo(first));
            Assert.That(segmenter.SizedSessions, Is.EqualTo(1));
        }
    }

    [Test]
    public void Settings_of_the_context_are_used_for_one_session_alone()
    {
        using var segmenter = FastScnnSegmenter.Create(Models.Tiny, "tiny", Rgb,
            () => new SessionOptions { EnableCpuMemArena = false });
        for (int i = 0; i < RunnerChoice.UsesForSession + 2; i++)
            Ids(segmenter, Scene(40, 40, i), 40, 40);
        Assert.That(segmenter.SizedSessions, Is.Zero);
    }

    [Test]
    public void Mixed_sizes_share_one_session()
    {
        using var segmenter = FastScnnSegmenter.Load(Models.Tiny, Rgb);
        for (int i = 0; i < 60; i++)
            Ids(segmenter, Scene(40 + i % 7, 40, i), 40 + i % 7, 40);
        Assert.That(segmenter.SizedSessions, Is.Zero);
    }

    [Test]
    public void Few_sizes_get_sessions_and_those_that_come_no_more_lose_them()
    {
        using var segmenter = FastScnnSegmenter.Load(Models.Tiny, Rgb);
        for (int i = 0; i < 3 * RunnerChoice.UsesForSession; i++)
            Ids(segmenter, Scene(40 + i % 3, 40, i), 40 + i % 3, 40);
        Assert.That(segmenter.SizedSessions, Is.EqualTo(RunnerChoice.MaxSessions));
        for (int i = 0; i < 4; i++)
            Ids(segmenter, Scene(60 + i, 40, i), 60 + i, 40);
        Assert.That(segmenter.SizedSessions, Is.Zero);
    }

    [Test]
    public void Threads_that_take_turns_of_sizes_get_their_own_masks()
    {
        using var segmenter = FastScnnSegmenter.Load(Models.Tiny, Rgb);
        (int Width, int Height)[] sizes = [(40, 40), (33, 57), (64, 32), (50, 41), (90, 35), (10, 10)];
        Parallel.For(0, 400, new ParallelOptions { MaxDegreeOfParallelism = 6 }, i =>
        {
            (int width, int height) = sizes[i / 20 % sizes.Length];
            byte[] pixels = Scene(width, height, i);
            byte[] expected =
            [
                .. Enumerable.Range(0, width * height)
                    .Select(p => (byte)Array.IndexOf(pixels[(3 * p)..(3 * p + 3)], pixels[(3 * p)..(3 * p + 3)].Max()))
            ];
            byte[] ids = Ids(segmenter, pixels, width, height);
            // A small image is enlarged for the network, which moves its borders.
            if (width >= 32)
                Assert.That(ids, Is.EqualTo(expected), $"{width}x{height}");
        });
    }

    [Test]
    public void A_steady_stream_allocates_its_masks_and_next_to_nothing_else([Values(1, 2)] int threads)
    {
        const int Width = 256, Height = 128, Frames = 50;
        using var segmenter = FastScnnSegmenter.Load(Models.CamVid,
            new FastScnnSegmenterOptions { IntraOpThreads = threads });
        byte[] pixels = Scene(Width, Height, 1);
        for (int i = 0; i < RunnerChoice.UsesForSession + 8; i++)
            Ids(segmenter, pixels, Width, Height);
        // What helping threads do allocates nothing; other threads of the test run would count in the process's total.
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < Frames; i++)
            segmenter.Segment(new PixelBuffer(Width, Height, pixels, PixelLayout.Rgb24));
        long each = (GC.GetAllocatedBytesForCurrentThread() - before) / Frames;
        Assert.That(each - Width * Height, Is.LessThan(1024));
    }

    [Test]
    public void A_replay_that_fails_is_closed_when_its_last_image_is_done_and_is_not_made_again()
    {
        using var session = new InferenceSession(Models.CamVid);
        var model = new ModelDescription(session, "camvid", new());
        using var buffers = new BufferPool(shape => new ScoringBuffers(model, shape, 1, model.ScoresShape(shape)));
        var anySize = new Runner(buffers, isReplay: false);
        var made = new List<Runner>();
        var choice = new RunnerChoice(anySize, new Runner(buffers, isReplay: false), _ =>
        {
            made.Add(new Runner(buffers, isReplay: true));
            return new SizedRunner(made[^1], null);
        });
        for (int i = 0; i < RunnerChoice.UsesForSession; i++)
            Use(choice, _ => { });
        Assert.That((made.Count, choice.Sessions), Is.EqualTo((1, 1)));
        Use(choice, failing =>
        {
            Use(choice, beside =>
            {
                Assert.That(beside, Is.SameAs(failing));
                choice.GiveUp(failing);
                choice.GiveUp(failing);
                Assert.That((choice.Sessions, made[0].Closed), Is.EqualTo((0, 0)), "it is in use");
            });
        });
        Assert.That(made[0].Closed, Is.EqualTo(1));
        for (int i = 0; i < RunnerChoice.UsesForSession; i++)
            Use(choice, runner => Assert.That(runner.Value, Is.SameAs(anySize)));
        Assert.That((made.Count, choice.Sessions), Is.EqualTo((1, 0)));
        choice.Dispose();
        Assert.That((anySize.Closed, made[0].Closed), Is.EqualTo((1, 1)));
    }

    [Test]
    public void Every_runner_is_closed_once_whatever_sizes_threads_take()
    {
        using var session = new InferenceSession(Models.CamVid);
        var model = new ModelDescription(session, "camvid", new());
        using var buffers = new BufferPool(shape => new ScoringBuffers(model, shape, 1, model.ScoresShape(shape)));
        var made = new ConcurrentBag<Runner>();
        var choice = new RunnerChoice(new Runner(buffers, isReplay: false), new Runner(buffers, isReplay: false),
            _ =>
        {
            var runner = new Runner(buffers, isReplay: true);
            made.Add(runner);
            return new SizedRunner(runner, null);
        });
        Parallel.For(0, 4000, new ParallelOptions { MaxDegreeOfParallelism = 6 }, i => Use(
            choice,
            runner =>
            {
                Assert.That(((Runner)runner.Value).Closed, Is.Zero);
                Assert.That(choice.Sessions, Is.LessThanOrEqualTo(RunnerChoice.MaxSessions));
                if (i % 97 == 0)
                    choice.GiveUp(runner);
            },
            32 + i / 40 % 7));
        choice.Dispose();
        Assert.That(made, Is.Not.Empty);
        Assert.That(made.Select(runner => runner.Closed), Is.All.EqualTo(1));
    }

    private static void Use(RunnerChoice choice, Action<Shared<IModelRunner>> use, int width = 40)
    {
        (Shared<IModelRunner> runner, ScoringBuffers buffers) = choice.Rent(new(width, 40));
        use(runner);
        runner.Value.Buffers.Return(buffers);
        runner.Release();
    }

    private sealed class Runner(BufferPool buffers, bool isReplay) : IModelRunner
    {
        private int _closed;

        public int Closed => _closed;

        public BufferPool Buffers => buffers;

        public bool IsReplay => isReplay;

        public void Run(ScoringBuffers buffers)
        {
        }

        public void Dispose() => Interlocked.Increment(ref _closed);
    }

    private static FastScnnSegmenterOptions Rgb { get; } = new() { Classes = ClassList.Generic(3) };

    // Blocks of eight pixels, each of one colour.
    private static byte[] Scene(int width, int height, int seed)
    {
        var pixels = new byte[width * height * 3];
        for (int i = 0; i < pixels.Length; i++)
            pixels[i] =
                (byte)(((i / 3 % width / 8 * 37 + i / 3 / width / 8 * 101 + seed * 53) * (i % 3 + 7) * 29 + i % 3)
                    % 251);
        return pixels;
    }

    private static byte[] Ids(FastScnnSegmenter segmenter, byte[] pixels, int width, int height) =>
        segmenter.Segment(new PixelBuffer(width, height, pixels, PixelLayout.Rgb24)).ClassIds.ToArray();
}
