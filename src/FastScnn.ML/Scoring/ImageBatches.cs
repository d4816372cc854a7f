using System.Diagnostics;
using System.Runtime.ExceptionServices;
using FastScnn.ML.Imaging;
using FastScnn.Torch.Data;

namespace FastScnn.ML.Scoring;

/// <summary>An image that waits for its run.</summary>
/// <param name="pixels">Gives the upright pixels, and keeps their memory.</param>
/// <param name="input">The shape in which it goes into the network, alone.</param>
/// <param name="name">Its name in error messages; null for none.</param>
internal sealed class BatchImage(Func<PixelSpan> pixels, InputShape input, string? name) : IDisposable
{
    public Func<PixelSpan> Pixels => pixels;

    public InputShape Input => input;

    public string? Name => name;

    public TimeSpan Decode { get; set; }

    /// <summary>What is disposed with it; null for nothing.</summary>
    public IDisposable? Owner { get; set; }

    /// <summary>Its number in the batch.</summary>
    public int Index { get; set; }

    /// <summary>When work on it began.</summary>
    public long Start { get; set; }

    /// <summary>How long decoding and turning took.</summary>
    public long PreparingTicks { get; set; }

    /// <summary>The pixels that the network sees, or those of the image where they are more.</summary>
    public long Size => Math.Max((long)input.Width * input.Height, (long)pixels().Width * pixels().Height);

    public void Dispose() => Owner?.Dispose();
}

/// <summary>What came of a batch.</summary>
/// <param name="Maps">The maps of the images before the first that failed.</param>
/// <param name="Fault">Why that one failed; null where none did.</param>
internal readonly record struct BatchResult(ArraySegment<SegmentationMap> Maps, ExceptionDispatchInfo? Fault);

/// <summary>Segments lists of images: those that go into the network at one size in one run, and never more at once
/// than the limit of pixels.</summary>
/// <param name="segmenter">The segmenter.</param>
/// <param name="prepare">Decodes an image, from its number in the list and the time at the start.</param>
/// <param name="decoders">How many images are prepared at a time.</param>
internal sealed class ImageBatches<T>(FastScnnSegmenter segmenter,
    Func<FastScnnSegmenter, T, int, long, BatchImage> prepare, int decoders)
{
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    /// <remarks>Throws what the first image that fails throws.</remarks>
    public IReadOnlyList<SegmentationMap> ScoreAll(IReadOnlyList<T> images, CancellationToken cancellationToken)
    {
        BatchResult result = Score(images, cancellationToken);
        result.Fault?.Throw();
        return result.Maps;
    }

    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    public BatchResult Score(IReadOnlyList<T> images, CancellationToken cancellationToken)
    {
        var batch = new Batch(segmenter, images.Count);
        var ready = new BatchImage?[decoders];
        try
        {
            for (int first = 0; first < images.Count && batch.Fault is null; first += decoders)
            {
                cancellationToken.ThrowIfCancellationRequested();
                Prepare(images, first, ready, batch);
                for (int i = 0; i < decoders; i++)
                {
                    if (ready[i] is not { } image)
                        break;
                    ready[i] = null;
                    batch.Add(image, cancellationToken);
                }
            }
            batch.Run(cancellationToken);
            return batch.Result;
        }
        finally
        {
            batch.Dispose();
            foreach (BatchImage? left in ready)
                left?.Dispose();
        }
    }

    // Leaves out the first image that fails.
    private void Prepare(IReadOnlyList<T> images, int first, BatchImage?[] ready, Batch batch)
    {
        int count = Math.Min(decoders, images.Count - first);
        var faults = new (Exception Exception, long Start)?[count];
        if (count == 1)
            PrepareOne(0);
        else
            Parallel.For(0, count, PrepareOne);
        int failed = Array.FindIndex(faults, fault => fault is not null);
        if (failed >= 0)
            batch.Fail(first + failed, faults[failed]!.Value.Exception, faults[failed]!.Value.Start);

        void PrepareOne(int i)
        {
            long start = Stopwatch.GetTimestamp();
            try
            {
                BatchImage image = prepare(segmenter, images[first + i], first + i, start);
                (image.Index, image.Start) = (first + i, start);
                image.PreparingTicks = Stopwatch.GetTimestamp() - start;
                ready[i] = image;
            }
            catch (Exception e)
            {
                faults[i] = (e, start);
            }
        }
    }

    /// <summary>The images of one call: those that wait for their runs, and the maps.</summary>
    private sealed class Batch(FastScnnSegmenter segmenter, int count) : IDisposable
    {
        private readonly SegmentationMap?[] _maps = new SegmentationMap?[count];
        private readonly List<BatchImage> _waiting = [];
        private long _pixels;
        private int _failed = count;

        public ExceptionDispatchInfo? Fault { get; private set; }

        public BatchResult Result => new(new ArraySegment<SegmentationMap>(_maps!, 0, _failed), Fault);

        /// <summary>Takes an image, after it has run those before where all together are too many pixels.</summary>
        public void Add(BatchImage image, CancellationToken cancellationToken)
        {
            if (_waiting.Count > 0 && _pixels + image.Size > segmenter.MostPixelsOfRun)
            {
                try
                {
                    Run(cancellationToken);
                }
                catch
                {
                    image.Dispose();
                    throw;
                }
            }
            _waiting.Add(image);
            _pixels += image.Size;
        }

        /// <summary>Segments the images that wait.</summary>
        public void Run(CancellationToken cancellationToken)
        {
            foreach (IGrouping<InputShape, BatchImage> images in _waiting.GroupBy(image => image.Input))
            {
                cancellationToken.ThrowIfCancellationRequested();
                Run([.. images], cancellationToken);
            }
            Dispose();
        }

        public void Fail(int index, Exception exception, long start, int together = 1)
        {
            ScoringTelemetry.ObserveInBatch(segmenter, null, exception, start, together);
            if (index < _failed)
                (_failed, Fault) = (index, ExceptionDispatchInfo.Capture(exception));
        }

        public void Dispose()
        {
            _waiting.ForEach(image => image.Dispose());
            _waiting.Clear();
            _pixels = 0;
        }

        private void Run(List<BatchImage> images, CancellationToken cancellationToken)
        {
            SegmentationMap[]? maps = null;
            try
            {
                maps = segmenter.SegmentTogether(images);
            }
            catch (Exception e)
            {
                foreach (BatchImage image in images)
                    Fail(image.Index, e, image.Start, images.Count);
                return;
            }
            for (int i = 0; i < images.Count; i++)
            {
                if (maps is not null)
                {
                    Succeed(images[i], maps[i], images.Count);
                    continue;
                }
                cancellationToken.ThrowIfCancellationRequested();
                try
                {
                    Succeed(images[i], segmenter.SegmentAlone(images[i]), 1);
                }
                catch (Exception e)
                {
                    Fail(images[i].Index, Named(e, images[i].Name), images[i].Start);
                }
            }
        }

        private void Succeed(BatchImage image, SegmentationMap map, int together)
        {
            _maps[image.Index] = map;
            ScoringTelemetry.ObserveInBatch(segmenter, map, null, image.Start, together);
        }

        // What scoring says is about the model, and what one image alone fails with is about that image too.
        private static Exception Named(Exception e, string? name) => name is null ? e : e switch
        {
            InvalidDataException => new InvalidDataException($"'{name}': {e.Message}", e),
            ObjectDisposedException => e,
            InvalidOperationException => new InvalidOperationException($"'{name}': {e.Message}", e),
            _ => e,
        };
    }
}
