using System.Diagnostics;
using FastScnn.ML.Imaging;
using FastScnn.Torch.Data;
using Microsoft.ML.Data;
using static System.FormattableString;

namespace FastScnn.ML.Scoring;

public sealed partial class FastScnnSegmenter
{
    /// <summary>Segments several image files, those of one size in one run of the network.</summary>
    /// <param name="paths">The files, in any sizes: those that go into the network at one size share a run. They are
    /// decoded several at a time.</param>
    /// <param name="cancellationToken">Looked at before every image and every run.</param>
    /// <returns>One map a file, in the same order: the same maps as <see cref="Segment(string)"/> gives.</returns>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">A file is no image that is read, is cut short or damaged; the message
    /// names it.</exception>
    /// <exception cref="ArgumentException">An image is larger than
    /// <see cref="FastScnnSegmenterOptions.MaxPixels"/>; the message names its file. Or a path is empty.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    /// <exception cref="ObjectDisposedException">The segmenter was disposed.</exception>
    /// <remarks>
    /// <para>All images that are given form the batch, whatever
    /// <see cref="FastScnnSegmenterOptions.BatchSize"/> says. A run takes no more pixels than
    /// <see cref="FastScnnSegmenterOptions.MaxPixels"/> in all, and a larger batch is divided, so that memory has a bound:
    /// about 130 bytes a pixel of a run. Give a few images here, and many to <see
    /// cref="SegmentManyAsync(IEnumerable{string}, int, CancellationToken)"/>.</para>
    /// <para>One bad image fails the call, after the images before it, with the exception of the first bad image. What
    /// <see cref="FastScnnSegmenterOptions.Inference"/> or <see cref="FastScnnSegmenterOptions.ConfidenceThreshold"/>
    /// asks several runs or scores for goes one image at a time, and so do images for a model that takes one at a
    /// time, because its file says so or because a run of several failed once.</para>
    /// <para>The timings of a map have its own decoding, preparing and finishing, and its share of the run.</para>
    /// </remarks>
    /// <example><code>
    /// IReadOnlyList&lt;SegmentationMap&gt; maps = segmenter.SegmentBatch(["left.jpg", "right.jpg"]);
    /// </code></example>
    public IReadOnlyList<SegmentationMap> SegmentBatch(IReadOnlyList<string> paths,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(paths);
        return Batch<string>(static (self, path, _, start) => self.Prepare(path, start), decoders: true)
            .ScoreAll(paths, cancellationToken);
    }

    /// <summary>Segments several encoded images (JPEG, PNG and so on), those of one size in one run of the
    /// network.</summary>
    /// <param name="streams">The encoded images, each from its current position; read one after the other to their
    /// ends, not closed.</param>
    /// <param name="cancellationToken">Looked at before every image and every run.</param>
    /// <returns>One map a stream, in the same order.</returns>
    /// <exception cref="InvalidDataException">A stream cannot be decoded; the message has its number, counted from 0,
    /// as <c>streams[2]</c>.</exception>
    /// <exception cref="ArgumentException">An image is larger than
    /// <see cref="FastScnnSegmenterOptions.MaxPixels"/>, or a stream is null; the message has its number.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    /// <exception cref="ObjectDisposedException">The segmenter was disposed.</exception>
    /// <remarks>As <see cref="SegmentBatch(IReadOnlyList{string}, CancellationToken)"/>.</remarks>
    public IReadOnlyList<SegmentationMap> SegmentBatch(IReadOnlyList<Stream> streams,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(streams);
        return Batch<Stream>(static (self, stream, index, start) =>
            self.Prepare(stream, Given(stream, nameof(streams), index), start)).ScoreAll(streams, cancellationToken);
    }

    /// <summary>Segments several decoded images, those of one size in one run of the network.</summary>
    /// <param name="images">The images; they stay the caller's.</param>
    /// <param name="cancellationToken">Looked at before every image and every run.</param>
    /// <returns>One map an image, in the same order.</returns>
    /// <exception cref="ArgumentException">An image is larger than
    /// <see cref="FastScnnSegmenterOptions.MaxPixels"/>, or null; the message has its number, counted from 0,
    /// as <c>images[2]</c>.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    /// <exception cref="ObjectDisposedException">The segmenter was disposed.</exception>
    /// <remarks>As <see cref="SegmentBatch(IReadOnlyList{string}, CancellationToken)"/>.</remarks>
    public IReadOnlyList<SegmentationMap> SegmentBatch(IReadOnlyList<MLImage> images,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(images);
        return Batch<MLImage>(static (self, image, index, _) =>
            self.Prepare(image, Given(image, nameof(images), index))).ScoreAll(images, cancellationToken);
    }

    /// <summary>Segments pixels of several images in memory, those of one size in one run of the network.</summary>
    /// <param name="images">The pixels; turned upright as their orientation says, unless the options say
    /// otherwise.</param>
    /// <param name="cancellationToken">Looked at before every image and every run.</param>
    /// <returns>One map an image, in the same order.</returns>
    /// <exception cref="ArgumentException">An image is larger than
    /// <see cref="FastScnnSegmenterOptions.MaxPixels"/>, or null; the message has its number, counted from 0,
    /// as <c>images[2]</c>.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    /// <exception cref="ObjectDisposedException">The segmenter was disposed.</exception>
    /// <remarks>As <see cref="SegmentBatch(IReadOnlyList{string}, CancellationToken)"/>.</remarks>
    public IReadOnlyList<SegmentationMap> SegmentBatch(IReadOnlyList<PixelBuffer> images,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(images);
        return Batch<PixelBuffer>(static (self, image, index, _) =>
            self.Prepare(image, Given(image, nameof(images), index))).ScoreAll(images, cancellationToken);
    }

    private ImageBatches<T> Batch<T>(Func<FastScnnSegmenter, T, int, long, BatchImage> prepare,
        bool decoders = false) => new(this, prepare, decoders ? DefaultConcurrency : 1);

    // The name of an image in error messages.
    private static string Given(object? image, string list, int index) => image is not null
        ? Invariant($"{list}[{index}]")
        : throw new ArgumentException(Invariant($"{list}[{index}] is null; expected an image."), list);

    private BatchImage Prepare(string path, long start) => Prepare(Open(path), path, start);

    private BatchImage Prepare(Stream stream, string name, long start) =>
        Prepare(ImageDecoder.Open(stream, name, _decoding, (width, height) => CheckSize(width, height, name)), name,
            start);

    private BatchImage Prepare(DecodedImage image, string name, long start)
    {
        TimeSpan decode = Stopwatch.GetElapsedTime(start);
        try
        {
            BatchImage prepared = Prepare(() => image.Span, image.Orientation, name);
            (prepared.Decode, prepared.Owner) = (decode, image);
            return prepared;
        }
        catch
        {
            image.Dispose();
            throw;
        }
    }

    // The span's memory is the image's own, which the closure keeps.
    private BatchImage Prepare(MLImage image, string? name)
    {
        ArgumentNullException.ThrowIfNull(image);
        try
        {
            return Prepare(image.Span, ImageOrientation.TopLeft, name);
        }
        catch (NotSupportedException e) when (name is not null)
        {
            throw new NotSupportedException($"'{name}': {e.Message}", e);
        }
    }

    private BatchImage Prepare(PixelBuffer image, string name) => Prepare(() => image.Span, OrientationOf(image), name);

    private BatchImage Prepare(Func<PixelSpan> pixels, ImageOrientation orientation, string? name)
    {
        if (orientation != ImageOrientation.TopLeft)
        {
            PixelSpan upright = Upright(pixels(), orientation);
            (byte[] turned, int columns, int rows, PixelLayout layout) =
                (upright.Pixels.ToArray(), upright.Width, upright.Height, upright.Layout);
            pixels = () => new PixelSpan(turned, columns, rows, layout);
        }
        (int width, int height) = (pixels().Width, pixels().Height);
        CheckSize(width, height, name);
        (int inputWidth, int inputHeight) = LargestInput(width, height);
        return new BatchImage(pixels, new InputShape(inputWidth, inputHeight), name);
    }

    /// <summary>Segments one image of a batch in a run of its own.</summary>
    internal SegmentationMap SegmentAlone(BatchImage image) =>
        Segment(image.Pixels(), ImageOrientation.TopLeft, Stopwatch.GetTimestamp() - image.PreparingTicks,
            image.Decode);

    /// <summary>Segments images that go into the network at one size, in one run.</summary>
    /// <returns>The maps; null where they have to be segmented one by one.</returns>
    internal SegmentationMap[]? SegmentTogether(IReadOnlyList<BatchImage> images)
    {
        if (images.Count == 1 || !_options.IsPlain)
            return null;
        SegmentationModel model = Use();
        try
        {
            if (!model.TakesSeveral)
                return null;
            ImagePart[] parts = [.. images.Select(image => PartOf(image.Pixels()))];
            var finished = new (byte[] Ids, TimeSpan Time)[images.Count];
            SegmentationTimings timings = default;
            bool isRun = model.TryRunSeveral(images[0].Input with { Images = images.Count }, (images, parts),
                static (buffers, given) =>
                {
                    for (int i = 0; i < given.images.Count; i++)
                        buffers.Fill(given.parts[i].Of(given.images[i].Pixels()), mirrored: false, i);
                },
                ref timings,
                buffers =>
                {
                    for (int i = 0; i < images.Count; i++)
                    {
                        long start = Stopwatch.GetTimestamp();
                        byte[] ids = buffers.ClassIds(parts[i].Width, parts[i].Height, i);
                        ids = parts[i].Place(ids, Classes.IgnoreIndex);
                        finished[i] = (ids, Stopwatch.GetElapsedTime(start));
                    }
                });
            return isRun ? [.. images.Select(MapOf)] : null;

            SegmentationMap MapOf(BatchImage image, int i)
            {
                PixelSpan pixels = image.Pixels();
                var own = new SegmentationTimings(
                    Stopwatch.GetElapsedTime(0, image.PreparingTicks) + timings.PreProcess / images.Count,
                    timings.Inference / images.Count, finished[i].Time)
                {
                    Decode = image.Decode,
                };
                return new SegmentationMap(new LabelMap(pixels.Width, pixels.Height, finished[i].Ids), Classes, own);
            }
        }
        finally
        {
            _model.Release();
        }
    }

    private ImagePart PartOf(PixelSpan image) => new(image.Width, image.Height, _options.Inference.RegionOfInterest);

    /// <summary>The most pixels of the images of one run, which also keep their scores within an array.</summary>
    internal long MostPixelsOfRun => Math.Min(_options.MaxPixels, int.MaxValue / Classes.Count);

    /// <summary>Why images go one by one although the file of the model says that it takes several; otherwise
    /// null.</summary>
    internal string? WhyNotSeveral => _model.Value.WhyNotSeveral;
}
