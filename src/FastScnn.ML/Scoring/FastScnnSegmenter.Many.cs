using Microsoft.ML.Data;

namespace FastScnn.ML;

public sealed partial class FastScnnSegmenter
{
    /// <summary>Segments photo files one after the other, as the result is enumerated.</summary>
    /// <param name="paths">The files.</param>
    /// <param name="cancellation">Looked at before every photo.</param>
    /// <returns>One map a file, in the same order.</returns>
    /// <exception cref="OperationCanceledException"><paramref name="cancellation"/> was cancelled.</exception>
    public IEnumerable<SegmentationMap> SegmentMany(IEnumerable<string> paths, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(paths);
        return Each(paths, Segment, cancellation);
    }

    /// <summary>Segments decoded photos one after the other, as the result is enumerated.</summary>
    /// <param name="images">The photos; they stay the caller's.</param>
    /// <param name="cancellation">Looked at before every photo.</param>
    /// <returns>One map a photo, in the same order.</returns>
    /// <exception cref="OperationCanceledException"><paramref name="cancellation"/> was cancelled.</exception>
    public IEnumerable<SegmentationMap> SegmentMany(IEnumerable<MLImage> images, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(images);
        return Each(images, Segment, cancellation);
    }

    /// <summary>Segments photo files several at a time: while one goes through the network, others are decoded and finished.</summary>
    /// <param name="paths">The files; read as the result is enumerated.</param>
    /// <param name="photosInFlight">
    /// How many photos are held at once, being worked on or waiting to be fetched, 1 or more; each takes about 130 bytes a pixel. 0 for the
    /// default: half the processor cores, in 2..4.
    /// </param>
    /// <param name="cancellation">Stops between photos; those under way are finished first.</param>
    /// <returns>One map a file, in the same order; the same maps as <see cref="Segment(string)"/> gives.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="photosInFlight"/> is negative.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellation"/> was cancelled.</exception>
    /// <remarks>What <see cref="Segment(string)"/> throws for a file is thrown when its turn comes, and ends the enumeration. What <paramref name="paths"/> itself
    /// throws ends it at once, also before maps that were still under way.</remarks>
    /// <example><code>
    /// await foreach (SegmentationMap map in segmenter.SegmentManyAsync(Directory.EnumerateFiles("photos", "*.jpg")))
    ///     Console.WriteLine(map.Shares[0]);
    /// </code></example>
    public IAsyncEnumerable<SegmentationMap> SegmentManyAsync(IEnumerable<string> paths, int photosInFlight = 0, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(paths);
        return InFlight.Each(paths, Segment, Count(photosInFlight), cancellation);
    }

    /// <summary>Segments decoded photos several at a time.</summary>
    /// <param name="images">The photos; they stay the caller's, who may dispose each once its map has come.</param>
    /// <param name="photosInFlight">As <see cref="SegmentManyAsync(IEnumerable{string}, int, CancellationToken)"/> takes it.</param>
    /// <param name="cancellation">Stops between photos; those under way are finished first.</param>
    /// <returns>One map a photo, in the same order.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="photosInFlight"/> is negative.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellation"/> was cancelled.</exception>
    public IAsyncEnumerable<SegmentationMap> SegmentManyAsync(IEnumerable<MLImage> images, int photosInFlight = 0, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(images);
        return InFlight.Each(images, Segment, Count(photosInFlight), cancellation);
    }

    private static int Count(int photosInFlight) => photosInFlight switch
    {
        < 0 => throw Errors.NegativePhotosInFlight(photosInFlight),
        0 => Math.Clamp(Environment.ProcessorCount / 2, 2, 4),
        _ => photosInFlight,
    };

    private static IEnumerable<SegmentationMap> Each<T>(IEnumerable<T> photos, Func<T, SegmentationMap> segment, CancellationToken cancellation)
    {
        foreach (T photo in photos)
        {
            cancellation.ThrowIfCancellationRequested();
            yield return segment(photo);
        }
    }
}
