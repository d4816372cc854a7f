using FastScnn.Torch.Data.Augmentation;

namespace FastScnn.Torch.Data.Loading;

/// <summary>Reads a data set in batches, decoding and augmenting on threads of its own ahead of the training step.</summary>
/// <remarks>
/// <para>The batches of an epoch depend on the data, the options of the augmentation, <see cref="LoaderOptions.Seed"/> and the number of the
/// epoch, not on the number of workers nor on timing.</para>
/// <para>While an epoch is enumerated at most <see cref="LoaderOptions.QueuedBatches"/> batches exist beside those that the caller holds, and each
/// worker holds one decoded sample. Threads run from the first batch asked for until the enumeration ends or is disposed (as <c>foreach</c> does), and no longer.</para>
/// </remarks>
public sealed class BatchLoader
{
    private readonly SegmentationDataset _dataset;
    private readonly PhotoDecoder _decoder;
    private readonly Augmenter? _augmenter;
    private readonly SampleCache _cache;

    /// <summary>Makes a loader.</summary>
    /// <param name="dataset">The photos and labels.</param>
    /// <param name="decoder">The codec for the photos; it is called from several threads at once.</param>
    /// <param name="augmenter">Makes the crops; null: whole photos as they are, in batches of 1, as for validation.</param>
    /// <param name="options">How to load; null: the defaults.</param>
    /// <exception cref="ArgumentException">The data set is empty or makes no full batch; a batch would not fit an array; or whole photos are wanted in batches above 1.</exception>
    public BatchLoader(SegmentationDataset dataset, PhotoDecoder decoder, Augmenter? augmenter, LoaderOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        ArgumentNullException.ThrowIfNull(decoder);
        Options = options ?? new LoaderOptions();
        (_dataset, _decoder, _augmenter, _cache) = (dataset, decoder, augmenter, new SampleCache(Options.CacheBytes));
        int samples = dataset.Samples.Count, size = Options.BatchSize;
        if (samples == 0) throw Errors.NoSamples();
        if (augmenter is null && size > 1) throw Errors.WholePhotosInBatches(size);
        if (augmenter?.Options is { } crop && (long)PixelBuffer.Channels * size * crop.CropWidth * crop.CropHeight > Array.MaxLength)
            throw Errors.BatchTooLarge(size, crop.CropWidth, crop.CropHeight);
        BatchesPerEpoch = Options.DropLast ? samples / size : (samples - 1) / size + 1;
        if (BatchesPerEpoch == 0) throw Errors.NoFullBatch(samples, size);
    }

    /// <summary>How it loads.</summary>
    public LoaderOptions Options { get; }

    /// <summary>The batches of an epoch.</summary>
    public int BatchesPerEpoch { get; }

    /// <summary>The batches of an epoch, in order. Each enumeration starts over with threads of its own.</summary>
    /// <param name="epoch">The epoch, which decides the order and the augmentation.</param>
    /// <param name="skipBatches">Batches at the start that are left out, as after a resume; their samples are not read.</param>
    /// <param name="cancellationToken">Ends the enumeration with an <see cref="OperationCanceledException"/>.</param>
    /// <returns>
    /// The batches. Where a sample cannot be loaded the enumeration throws an <see cref="InvalidDataException"/> that names its files, after
    /// the batches before it.
    /// </returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="skipBatches"/> is negative or above <see cref="BatchesPerEpoch"/>.</exception>
    public IEnumerable<SegmentationBatch> ReadEpoch(int epoch, int skipBatches = 0, CancellationToken cancellationToken = default)
    {
        if (skipBatches < 0 || skipBatches > BatchesPerEpoch) throw Errors.SkippedBatches(skipBatches, BatchesPerEpoch);
        return Enumerate(epoch, skipBatches, cancellationToken);
    }

    private IEnumerable<SegmentationBatch> Enumerate(int epoch, int skipBatches, CancellationToken cancellationToken)
    {
        int count = _dataset.Samples.Count;
        int[] order = Options.Shuffle ? EpochOrder.Shuffled(count, Options.Seed, epoch) : EpochOrder.InSequence(count);
        BatchPlan[] plans = [.. Enumerable.Range(skipBatches, BatchesPerEpoch - skipBatches).Select(number => Plan(order, number))];
        using var run = new EpochRun(plans, (plan, position) => Load(plan, position, epoch), Options, cancellationToken);
        while (run.Next() is { } batch) yield return batch;
    }

    private BatchPlan Plan(int[] order, int number)
    {
        int start = number * Options.BatchSize;
        return new BatchPlan(number, order[start..Math.Min(start + Options.BatchSize, order.Length)], _dataset.Samples);
    }

    private void Load(BatchPlan plan, int position, int epoch)
    {
        int index = plan.Indices[position];
        (PixelBuffer photo, LabelMap labels) = _cache.GetOrRead(index, wanted => _dataset.Read(wanted, _decoder));
        if (_augmenter is null)
        {
            SegmentationBatch whole = plan.Batch(photo.Width, photo.Height);
            ToPlanes(photo.Rgb.Span, whole.PhotoAt(position));
            labels.Ids.Span.CopyTo(whole.LabelsAt(position));
            return;
        }
        SegmentationBatch batch = plan.Batch(_augmenter.Options.CropWidth, _augmenter.Options.CropHeight);
        _augmenter.Apply(photo, labels, Options.Seed, epoch, index, batch.PhotoAt(position), batch.LabelsAt(position));
    }

    private static void ToPlanes(ReadOnlySpan<byte> pixels, Span<byte> planes)
    {
        int plane = planes.Length / PixelBuffer.Channels;
        Span<byte> red = planes[..plane], green = planes.Slice(plane, plane), blue = planes[(2 * plane)..];
        for (int i = 0, from = 0; i < plane; i++, from += PixelBuffer.Channels)
            (red[i], green[i], blue[i]) = (pixels[from], pixels[from + 1], pixels[from + 2]);
    }
}
