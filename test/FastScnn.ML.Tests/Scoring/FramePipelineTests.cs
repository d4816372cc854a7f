using System.Collections.Concurrent;
using FastScnn.ML.Imaging;
using FastScnn.ML.Scoring;
using FastScnn.Torch.Data;

namespace FastScnn.ML.Tests.Scoring;

/// <summary>Which frames are taken, kept, dropped and given back, with sources and networks that wait for the
/// test.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public class FramePipelineTests
{
    private const int Many = 1000;

    private readonly FrameSource _source = new();
    private readonly GatedNetwork _network = new();
    private readonly ConcurrentQueue<PixelBuffer> _dropped = new();

    [Test]
    public async Task Every_frame_comes_in_order_whichever_is_done_first()
    {
        PixelBuffer[] frames = _source.Give(200);
        _source.End();
        _network.Finish(Many);
        var random = new Random(1);
        var results = new List<SegmentedFrame>();
        await foreach (SegmentedFrame frame in FramePipeline.Run(_source, new() { MaxConcurrency = 4 }, Begin, default))
            results.Add(frame);
        Assert.That(results.Select(result => result.Image), Is.EqualTo(frames));
        Assert.That(results.Select(result => result.Index), Is.EqualTo(Enumerable.Range(0, 200)));
        Assert.That(results.Select(result => result.Dropped), Is.All.Zero);
        Assert.That(results.Select(result => result.Waited), Is.All.GreaterThanOrEqualTo(TimeSpan.Zero));
        Assert.That((_source.Disposed, _dropped.Count), Is.EqualTo((1, 0)));

        FrameWork Begin()
        {
            FrameWork network = _network.Begin();
            return frame =>
            {
                int milliseconds = random.Next(3);
                Func<CancellationToken, SegmentationMap> work = network(frame);
                return stop =>
                {
                    Thread.Sleep(milliseconds);
                    return work(stop);
                };
            };
        }
    }

    [Test]
    public async Task A_map_comes_as_soon_as_it_is_done_although_the_source_has_no_more_yet()
    {
        await using IAsyncEnumerator<SegmentedFrame> results = Run(new() { MaxConcurrency = 4 });
        PixelBuffer[] frames = _source.Give(1);
        _network.Finish();
        Assert.That(await results.MoveNextAsync(), Is.True);
        Assert.That(results.Current.Image, Is.SameAs(frames[0]));
    }

    [Test]
    public async Task No_more_frames_are_taken_than_may_be_held([Values(1, 3)] int held)
    {
        await using IAsyncEnumerator<SegmentedFrame> results = Run(new() { MaxConcurrency = held });
        _source.Give(20);
        _source.End();
        ValueTask<bool> next = results.MoveNextAsync();
        for (int i = 0; i < 20; i++)
        {
            int taken = Math.Min(i + held, 20);
            await Until(() => _network.Begun.Length == taken);
            _network.Finish();
            Assert.That(await next, Is.True);
            // The caller has the frame now, and it still counts.
            await Task.Delay(2);
            Assert.That(_source.Taken, Has.Length.EqualTo(taken));
            Assert.That(_source.Asked, Is.EqualTo(Math.Min(i + held, 21)), "not even asked");
            next = results.MoveNextAsync();
        }
        Assert.That(await next, Is.False);
    }

    [Test]
    public async Task The_newest_waiting_frame_is_next_and_older_ones_are_dropped_and_counted()
    {
        await using IAsyncEnumerator<SegmentedFrame> results = Run(new() { Policy = FramePolicy.NewestFrame });
        PixelBuffer[] first = _source.Give(1);
        ValueTask<bool> next = results.MoveNextAsync();
        await Until(() => _network.Begun.Length == 1);
        PixelBuffer[] late = _source.Give(4);
        await Until(() => _source.Asked == 6);
        Assert.That(_dropped, Is.EqualTo(late[..3]));
        Assert.That(_network.Begun, Has.Length.EqualTo(1), "the network is busy");
        _network.Finish();
        Assert.That(await next, Is.True);
        AssertIs(results.Current, first[0], index: 0, dropped: 0);
        next = results.MoveNextAsync();
        await Until(() => _network.Begun.Length == 2);
        await Task.Delay(5);
        _network.Finish();
        Assert.That(await next, Is.True);
        AssertIs(results.Current, late[3], index: 4, dropped: 3);
        Assert.That(results.Current.Waited, Is.GreaterThan(TimeSpan.Zero));
        PixelBuffer[] last = _source.Give(1);
        _source.End();
        _network.Finish();
        Assert.That(await results.MoveNextAsync(), Is.True);
        AssertIs(results.Current, last[0], index: 5, dropped: 3);
        Assert.That(await results.MoveNextAsync(), Is.False);
        Assert.That(_dropped, Is.EqualTo(late[..3]));
        Assert.That(_source.Disposed, Is.EqualTo(1));
    }

    [Test]
    public async Task While_the_caller_works_on_a_frame_one_more_is_segmented_and_not_two()
    {
        await using IAsyncEnumerator<SegmentedFrame> results = Run(new() { Policy = FramePolicy.NewestFrame });
        _source.Give(1);
        _network.Finish(Many);
        Assert.That(await results.MoveNextAsync(), Is.True);
        PixelBuffer[] meanwhile = _source.Give(1);
        await Until(() => _network.Ended == 2);
        PixelBuffer[] late = _source.Give(2);
        await Until(() => _source.Asked == 5);
        Assert.That(_network.Begun, Has.Length.EqualTo(2));
        Assert.That(await results.MoveNextAsync(), Is.True);
        AssertIs(results.Current, meanwhile[0], index: 1, dropped: 0);
        Assert.That(await results.MoveNextAsync(), Is.True);
        AssertIs(results.Current, late[1], index: 3, dropped: 1);
    }

    [Test]
    public async Task A_source_that_never_waits_is_read_to_its_end_and_its_last_frame_is_segmented()
    {
        await using IAsyncEnumerator<SegmentedFrame> results = Run(new() { Policy = FramePolicy.NewestFrame });
        PixelBuffer[] frames = _source.Give(Many);
        _source.End();
        ValueTask<bool> next = results.MoveNextAsync();
        await Until(() => _source.Disposed == 1);
        _network.Finish(Many);
        SegmentedFrame? last = null;
        int count = 0;
        for (; await next; next = results.MoveNextAsync(), count++)
            last = results.Current;
        AssertIs(last!, frames[^1], Many - 1, Many - count);
        Assert.That(_dropped, Has.Count.EqualTo(Many - count));
    }

    [Test]
    public async Task A_source_without_frames_gives_none([Values] FramePolicy policy)
    {
        _source.End();
        await using IAsyncEnumerator<SegmentedFrame> results = Run(new() { Policy = policy });
        Assert.That(await results.MoveNextAsync(), Is.False);
        Assert.That((_source.Disposed, _network.Begun.Length), Is.EqualTo((1, 0)));
    }

    [Test]
    public async Task A_fault_of_the_source_comes_as_it_is_after_the_maps_before_it([Values] FramePolicy policy)
    {
        var fault = new IOException("The camera was unplugged.");
        await using IAsyncEnumerator<SegmentedFrame> results = Run(new() { Policy = policy, MaxConcurrency = 4 });
        _source.Give(1);
        _network.Finish(Many);
        Assert.That(await results.MoveNextAsync(), Is.True);
        _source.Give(1);
        _source.End(fault);
        Assert.That(await results.MoveNextAsync(), Is.True);
        Assert.That(results.Current.Index, Is.EqualTo(1));
        Assert.That(Assert.ThrowsAsync<IOException>(async () => await results.MoveNextAsync()), Is.SameAs(fault));
        Assert.That((_source.Disposed, _dropped.Count), Is.EqualTo((1, 0)));
    }

    [Test]
    public async Task A_fault_of_a_frame_comes_when_its_turn_comes_and_the_frames_after_it_are_given_back(
        [Values(1, 3)] int held)
    {
        var fault = new ArgumentException("Too large.");
        PixelBuffer? bad = null;
        GatedNetwork network = new() { Ending = frame => _ = frame == bad ? throw fault : 0 };
        PixelBuffer[] frames = _source.Give(10);
        bad = frames[4];
        network.Finish(Many);
        var results = new List<PixelBuffer>();
        Exception? thrown = Assert.ThrowsAsync<ArgumentException>(async () =>
        {
            await foreach (SegmentedFrame frame in FramePipeline.Run(
                _source, Options(new() { MaxConcurrency = held }), network.Begin, default))
                results.Add(frame.Image);
        });
        Assert.That(thrown, Is.SameAs(fault));
        Assert.That(results, Is.EqualTo(frames[..4]));
        Assert.That(_dropped, Is.EqualTo(_source.Taken[4..]));
        Assert.That(network.Ended, Is.EqualTo(network.Begun.Length));
        Assert.That(_source.Disposed, Is.EqualTo(1));
        await Task.CompletedTask;
    }

    [Test]
    public async Task Cancelling_ends_a_stalled_source([Values] FramePolicy policy, [Values] bool quietly)
    {
        var source = new FrameSource { EndsQuietly = quietly };
        using var stop = new CancellationTokenSource();
        await using IAsyncEnumerator<SegmentedFrame> results = FramePipeline
            .Run(source, Options(new() { Policy = policy }), _network.Begin, stop.Token).GetAsyncEnumerator();
        source.Give(1);
        _network.Finish();
        Assert.That(await results.MoveNextAsync(), Is.True);
        ValueTask<bool> next = results.MoveNextAsync();
        await Until(() => source.Asked == 2);
        await stop.CancelAsync();
        Assert.CatchAsync<OperationCanceledException>(async () => await next);
        Assert.That(source.Disposed, Is.EqualTo(1));
    }

    [Test]
    public async Task Cancelling_waits_for_what_is_under_way_and_gives_it_back([Values] FramePolicy policy)
    {
        using var stop = new CancellationTokenSource();
        await using IAsyncEnumerator<SegmentedFrame> results = FramePipeline
            .Run(_source, Options(new() { Policy = policy, MaxConcurrency = 3 }), _network.Begin, default)
            .GetAsyncEnumerator(stop.Token);
        ValueTask<bool> next = results.MoveNextAsync();
        for (int begun = 1; begun <= 2; begun++)
        {
            _source.Give(1);
            await Until(() => _network.Begun.Length == begun);
        }
        _source.Give(10);
        // Every frame: a third is in the network. Newest: the network is busy with two, and all others were read.
        await Until(() => policy == FramePolicy.EveryFrame ? _network.Begun.Length == 3 : _source.Asked == 13);
        Task<bool> leaving = next.AsTask();
        await stop.CancelAsync();
        Assert.That(await Task.WhenAny(leaving, Task.Delay(20)), Is.Not.SameAs(leaving), "work is under way");
        _network.Finish(Many);
        Assert.CatchAsync<OperationCanceledException>(async () => await leaving);
        Assert.That(_network.Ended, Is.EqualTo(_network.Begun.Length));
        Assert.That(_dropped, Is.EquivalentTo(_source.Taken));
        Assert.That(_source.Disposed, Is.EqualTo(1));
    }

    [Test]
    public async Task A_caller_who_leaves_has_all_other_frames_given_back([Values] FramePolicy policy)
    {
        PixelBuffer[] frames = _source.Give(50);
        _network.Finish(Many);
        var kept = new List<PixelBuffer>();
        await foreach (SegmentedFrame frame in FramePipeline.Run(
            _source, Options(new() { Policy = policy, MaxConcurrency = 3 }), _network.Begin, default))
        {
            kept.Add(frame.Image);
            if (policy == FramePolicy.NewestFrame || kept.Count == 5)
                break;
        }
        Assert.That(_network.Ended, Is.EqualTo(_network.Begun.Length));
        Assert.That(kept.Concat(_dropped), Is.EquivalentTo(_source.Taken));
        Assert.That(_source.Disposed, Is.EqualTo(1));
        Assert.That(_source.Taken, Is.EqualTo(frames[.._source.Taken.Length]));
    }

    [Test]
    public void Nothing_is_read_before_the_first_result_is_asked_for()
    {
        _ = FramePipeline.Run(_source, new(), _network.Begin, default);
        Assert.That(_source.Asked, Is.Zero);
    }

    [Test]
    public void Options_out_of_range_are_refused()
    {
        Assert.That(() => new VideoOptions { MaxConcurrency = -1 },
            Throws.InstanceOf<ArgumentOutOfRangeException>().With.Message.Contains("MaxConcurrency is -1"));
        foreach (double smoothing in new[] { -0.1, 1, double.NaN })
            Assert.That(() => new VideoOptions { Smoothing = smoothing },
                Throws.InstanceOf<ArgumentOutOfRangeException>().With.Message.Contains("Smoothing"));
        Assert.That(() => new VideoOptions { Policy = (FramePolicy)2 },
            Throws.InstanceOf<ArgumentOutOfRangeException>().With.Message.Contains("EveryFrame or NewestFrame"));
    }

    private IAsyncEnumerator<SegmentedFrame> Run(VideoOptions options) =>
        FramePipeline.Run(_source, Options(options), _network.Begin, default).GetAsyncEnumerator();

    private VideoOptions Options(VideoOptions options) => options with { FrameDropped = _dropped.Enqueue };

    private static void AssertIs(SegmentedFrame result, PixelBuffer frame, long index, long dropped)
    {
        Assert.That(result.Image, Is.SameAs(frame));
        Assert.That((result.Index, result.Dropped), Is.EqualTo((index, dropped)));
    }

    private static async Task Until(Func<bool> condition)
    {
        for (long start = Environment.TickCount64; Environment.TickCount64 < start + 20_000 && !condition();)
            await Task.Delay(1);
        Assert.That(condition(), Is.True, "it never came to that");
    }
}
