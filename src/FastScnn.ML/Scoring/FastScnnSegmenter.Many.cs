using System.Runtime.CompilerServices;
using FastScnn.ML.Imaging;
using Microsoft.ML.Data;

namespace FastScnn.ML.Scoring;

public sealed partial class FastScnnSegmenter
{
    /// <summary>Segments image files one after the other, as the result is enumerated.</summary>
    /// <param name="paths">The files.</param>
    /// <param name="cancellationToken">Looked at before every image.</param>
    /// <returns>One map a file, in the same order.</returns>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    public IEnumerable<SegmentationMap> SegmentMany(IEnumerable<string> paths,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(paths);
        return Each(paths, Segment, cancellationToken);
    }

    /// <summary>Segments decoded images one after the other, as the result is enumerated.</summary>
    /// <param name="images">The images; they stay the caller's.</param>
    /// <param name="cancellationToken">Looked at before every image.</param>
    /// <returns>One map an image, in the same order.</returns>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    public IEnumerable<SegmentationMap> SegmentMany(IEnumerable<MLImage> images,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(images);
        return Each(images, Segment, cancellationToken);
    }

    /// <summary>Segments image files several at a time: while one goes through the network, others are decoded and
    /// finished.</summary>
    /// <param name="paths">The files; read as the result is enumerated.</param>
    /// <param name="maxConcurrency">
    /// How many images are held at once, being worked on or waiting to be fetched, 1 or more; each takes about 130
    /// bytes a pixel. 0 for the default: half the processor cores, in 2..4, or twice <see
    /// cref="FastScnnSegmenterOptions.BatchSize"/> where that is more. No batch has more images than are held.
    /// </param>
    /// <param name="cancellationToken">Stops between images; those under way are finished first.</param>
    /// <returns>One map a file, in the same order; the same maps as <see cref="Segment(string)"/> gives.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="maxConcurrency"/> is negative.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    /// <remarks>What <see cref="Segment(string)"/> throws for a file is thrown when its turn comes, and ends the
    /// enumeration. What <paramref name="paths"/> itself throws ends it at once, also before maps that were still under
    /// way. With a <see cref="FastScnnSegmenterOptions.BatchSize"/> above 1, work on an image begins when as many were
    /// read, or at the end of <paramref name="paths"/>.</remarks>
    /// <example><code>
    /// await foreach (SegmentationMap map in segmenter.SegmentManyAsync(Directory.EnumerateFiles("images", "*.jpg")))
    ///     Console.WriteLine(map.ClassFractions[0]);
    /// </code></example>
    public IAsyncEnumerable<SegmentationMap> SegmentManyAsync(IEnumerable<string> paths, int maxConcurrency = 0,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(paths);
        return _options.BatchSize > 1
            ? Grouped(paths, Batch<string>(static (self, path, _, start) => self.Prepare(path, start), decoders: true),
                Count(maxConcurrency), cancellationToken)
            : InFlight.Each(paths, Segment, Count(maxConcurrency), cancellationToken);
    }

    /// <summary>Segments decoded images several at a time.</summary>
    /// <param name="images">The images; they stay the caller's, who may dispose each once its map has come.</param>
    /// <param name="maxConcurrency">As <see cref="SegmentManyAsync(IEnumerable{string}, int, CancellationToken)"/>
    /// takes it.</param>
    /// <param name="cancellationToken">Stops between images; those under way are finished first.</param>
    /// <returns>One map an image, in the same order.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="maxConcurrency"/> is negative.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    public IAsyncEnumerable<SegmentationMap> SegmentManyAsync(IEnumerable<MLImage> images, int maxConcurrency = 0,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(images);
        return _options.BatchSize > 1
            ? Grouped(images, Batch<MLImage>(static (self, image, _, _) => self.Prepare(image, null)),
                Count(maxConcurrency), cancellationToken)
            : InFlight.Each(images, Segment, Count(maxConcurrency), cancellationToken);
    }

    internal static int DefaultConcurrency => Math.Clamp(Environment.ProcessorCount / 2, 2, 4);

    private async IAsyncEnumerable<SegmentationMap> Grouped<T>(IEnumerable<T> images, ImageBatches<T> batches, int held,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        int size = Math.Min(_options.BatchSize, held);
        await foreach (BatchResult done in InFlight.Each(images.Chunk(size),
            batch => batches.Score(batch, cancellationToken), held / size, cancellationToken).ConfigureAwait(false))
        {
            foreach (SegmentationMap map in done.Maps)
                yield return map;
            done.Fault?.Throw();
        }
    }

    private int Count(int maxConcurrency) => maxConcurrency switch
    {
        < 0 => throw new ArgumentOutOfRangeException(
            nameof(maxConcurrency), maxConcurrency,
            "The number of images at once must be 0 (the default number) or more."),
        0 => Math.Max(DefaultConcurrency, _options.BatchSize > 1 ? 2 * _options.BatchSize : 0),
        _ => maxConcurrency,
    };

    private static IEnumerable<SegmentationMap> Each<T>(IEnumerable<T> images, Func<T, SegmentationMap> segment,
        CancellationToken cancellationToken)
    {
        foreach (T image in images)
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return segment(image);
        }
    }
}

/// <summary>Works on several items at once and gives the results in the items' order.</summary>
internal static class InFlight
{
    /// <summary>At most <paramref name="count"/> items are being worked on or wait to be fetched, however slowly the
    /// caller fetches. An item that fails throws when its turn comes. Leaving early, by a fault, by cancellation or by
    /// the caller, first waits for what is under way.</summary>
    public static async IAsyncEnumerable<TResult> Each<T, TResult>(
        IEnumerable<T> items, Func<T, TResult> work, int count,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var running = new Queue<Task<TResult>>();
        using var leaving = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        CancellationToken stop = leaving.Token;
        try
        {
            foreach (T item in items)
            {
                cancellationToken.ThrowIfCancellationRequested();
                running.Enqueue(Task.Run(
                    () =>
                    {
                        stop.ThrowIfCancellationRequested();
                        return work(item);
                    },
                    CancellationToken.None));
                if (running.Count == count)
                    yield return await Next().ConfigureAwait(false);
            }
            while (running.Count > 0)
                yield return await Next().ConfigureAwait(false);
        }
        finally
        {
            await leaving.CancelAsync().ConfigureAwait(false);
            // Faults of images that are no longer waited for are nobody's.
            await ((Task)Task.WhenAll(running)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        // It stays in the queue while it is waited for, as it must not be left behind when the wait is cancelled.
        async Task<TResult> Next()
        {
            TResult result = await running.Peek().WaitAsync(cancellationToken).ConfigureAwait(false);
            _ = running.Dequeue();
            return result;
        }
    }
}
