using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using FastScnn.ML.Imaging;
using FastScnn.Torch.Data;

namespace FastScnn.ML.Scoring;

/// <summary>Called for the frames in their order; what it returns is called once for each, on any thread and for
/// several frames at once, with a token that is cancelled when its result is no longer wanted.</summary>
internal delegate Func<CancellationToken, SegmentationMap> FrameWork(PixelBuffer frame);

/// <summary>Takes frames from a source, works on several at once, and gives the results in order.</summary>
/// <remarks>Every frame that the source gave comes in one result or goes to
/// <see cref="VideoOptions.FrameDropped"/>, and never both.</remarks>
internal static class FramePipeline
{
    public static async IAsyncEnumerable<SegmentedFrame> Run(
        IAsyncEnumerable<PixelBuffer> frames, VideoOptions options, Func<FrameWork> begin,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var leaving = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using SemaphoreSlim held = new(options.FramesHeld), inWork = new(options.FramesInWork);
        Channel<FrameInWork> begun = Channel.CreateUnbounded<FrameInWork>();
        IAsyncEnumerable<Arrival> arrivals = options.Policy == FramePolicy.NewestFrame
            ? Newest(frames, options.FrameDropped, leaving.Token) : Every(frames, leaving.Token);
        Task reading = Task.Run(() => BeginAll(arrivals, begin(), held, inWork, begun.Writer, leaving.Token),
            CancellationToken.None);
        long count = 0;
        try
        {
            while (await begun.Reader.WaitToReadAsync(cancellationToken).ConfigureAwait(false))
            {
                // It stays in the queue while it is waited for, as it must not be left behind when the wait fails.
                if (!begun.Reader.TryPeek(out FrameInWork? frame))
                    continue;
                (SegmentationMap map, TimeSpan waited) = await frame.Result.WaitAsync(cancellationToken)
                    .ConfigureAwait(false);
                _ = begun.Reader.TryRead(out _);
                Arrival arrival = frame.Arrival;
                yield return new SegmentedFrame(arrival.Index, arrival.Image, map)
                {
                    Dropped = arrival.Index - count++,
                    Waited = waited,
                };
                held.Release();
            }
            // A source that was cancelled may simply end.
            cancellationToken.ThrowIfCancellationRequested();
            await reading.ConfigureAwait(false);
        }
        finally
        {
            await leaving.CancelAsync().ConfigureAwait(false);
            await reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            while (begun.Reader.TryRead(out FrameInWork? left))
            {
                // Faults of frames that are no longer waited for are nobody's.
                await ((Task)left.Result).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                options.FrameDropped?.Invoke(left.Arrival.Image);
            }
        }
    }

    private static async Task BeginAll(
        IAsyncEnumerable<Arrival> arrivals, FrameWork begin, SemaphoreSlim held, SemaphoreSlim inWork,
        ChannelWriter<FrameInWork> begun, CancellationToken stop)
    {
        try
        {
            IAsyncEnumerator<Arrival> source = arrivals.GetAsyncEnumerator(CancellationToken.None);
            await using ConfiguredAsyncDisposable _ = source.ConfigureAwait(false);
            while (true)
            {
                await held.WaitAsync(stop).ConfigureAwait(false);
                await inWork.WaitAsync(stop).ConfigureAwait(false);
                if (!await source.MoveNextAsync().ConfigureAwait(false))
                    break;
                Arrival arrival = source.Current;
                Func<CancellationToken, SegmentationMap> work = begin(arrival.Image);
                // Begun in order, so that a frame that waits for the ones before it cannot keep them from a thread.
                begun.TryWrite(new FrameInWork(arrival, Task.Factory.StartNew(() => Do(arrival, work),
                    CancellationToken.None, TaskCreationOptions.PreferFairness | TaskCreationOptions.DenyChildAttach,
                    TaskScheduler.Default)));
            }
        }
        finally
        {
            begun.Complete();
        }

        (SegmentationMap, TimeSpan) Do(Arrival arrival, Func<CancellationToken, SegmentationMap> work)
        {
            TimeSpan waited = Stopwatch.GetElapsedTime(arrival.Time);
            try
            {
                return (work(stop), waited);
            }
            finally
            {
                inWork.Release();
            }
        }
    }

    private static async IAsyncEnumerable<Arrival> Every(
        IAsyncEnumerable<PixelBuffer> frames, [EnumeratorCancellation] CancellationToken stop)
    {
        long index = 0;
        await foreach (PixelBuffer frame in frames.WithCancellation(stop).ConfigureAwait(false))
            yield return new Arrival(index++, frame, Stopwatch.GetTimestamp());
    }

    // Reads the source as fast as it gives frames, and has the newest of them that was not taken yet.
    private static async IAsyncEnumerable<Arrival> Newest(
        IAsyncEnumerable<PixelBuffer> frames, Action<PixelBuffer>? dropped,
        [EnumeratorCancellation] CancellationToken stop)
    {
        var waiting = Channel.CreateBounded<Arrival>(
            new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropOldest },
            replaced => dropped?.Invoke(replaced.Image));
        using var leaving = CancellationTokenSource.CreateLinkedTokenSource(stop);
        // On a thread of the pool, as a source may never wait.
        Task reading = Task.Run(() => Read(leaving.Token), CancellationToken.None);
        try
        {
            while (await waiting.Reader.WaitToReadAsync(stop).ConfigureAwait(false))
                if (waiting.Reader.TryRead(out Arrival newest))
                    yield return newest;
            await reading.ConfigureAwait(false);
        }
        finally
        {
            await leaving.CancelAsync().ConfigureAwait(false);
            await reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (waiting.Reader.TryRead(out Arrival left))
                dropped?.Invoke(left.Image);
        }

        async Task Read(CancellationToken stop)
        {
            try
            {
                await foreach (Arrival frame in Every(frames, stop).ConfigureAwait(false))
                    waiting.Writer.TryWrite(frame);
            }
            finally
            {
                waiting.Writer.Complete();
            }
        }
    }

    private readonly record struct Arrival(long Index, PixelBuffer Image, long Time);

    private sealed record FrameInWork(Arrival Arrival, Task<(SegmentationMap Map, TimeSpan Waited)> Result);
}
