using FastScnn.Torch.Data.Augmentation;
using FastScnn.Torch.Training;

namespace FastScnn.Torch.Data.Loading;

/// <summary>Reads a data set in batches, decoding and augmenting on threads of its own ahead of the training
/// step.</summary>
/// <remarks>
/// <para>The batches of an epoch depend on the data, the options of the augmentation, <see cref="LoaderOptions.Seed"/>
/// and the number of the epoch, not on the number of workers nor on timing.</para>
/// <para>While an epoch is enumerated at most <see cref="LoaderOptions.QueuedBatches"/> batches exist beside those that
/// the caller holds, and each worker holds one decoded sample at a time, also where others are mixed into it. Threads run
/// from the first batch asked for until the enumeration ends or is disposed (as <c>foreach</c> does), and no
/// longer.</para>
/// </remarks>
internal sealed class BatchLoader
{
    private readonly SegmentationDataset _dataset;
    private readonly Func<Stream, PixelBuffer> _decoder;
    private readonly Augmenter? _augmenter;
    private readonly CropTeaching? _teaching;
    private readonly Mixer? _mixer;
    private readonly SampleCache _cache;

    /// <summary>Makes a loader; without an augmenter it gives whole images as they are, in batches of 1, as for
    /// validation. With <paramref name="teaching"/> the crops come with what the teacher says of them.</summary>
    public BatchLoader(SegmentationDataset dataset, Func<Stream, PixelBuffer> decoder, Augmenter? augmenter,
        LoaderOptions? options = null, CropTeaching? teaching = null)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        ArgumentNullException.ThrowIfNull(decoder);
        Options = options ?? new LoaderOptions();
        (_dataset, _decoder, _augmenter, _teaching) = (dataset, decoder, augmenter, teaching);
        _cache = new SampleCache(Options.CacheBytes);
        int samples = dataset.Samples.Count, size = Options.BatchSize;
        if (augmenter is not null && new Mixer(augmenter, samples) is { IsNeeded: true } mixer) _mixer = mixer;
        if (samples == 0) throw new ArgumentException("The data set has no samples to load.", nameof(dataset));
        if (augmenter is null && size > Options.Slices)
            throw new ArgumentException("Without augmentation images keep their sizes, which may differ, so "
                + $"{nameof(LoaderOptions.BatchSize)} must be {Options.Slices}, not {size}.", nameof(options));
        int slice = (size - 1) / Options.Slices + 1;
        if (augmenter?.Options is { } crop
            && (long)PixelBuffer.Channels * slice * crop.CropWidth * crop.CropHeight > Array.MaxLength)
            throw new ArgumentException($"{slice} crops of {crop.CropWidth} x {crop.CropHeight} pixels need "
                + $"{3L * slice * crop.CropWidth * crop.CropHeight} bytes in one array, whose limit is "
                + $"{Array.MaxLength}.", nameof(options));
        BatchesPerEpoch = Options.DropLast ? samples / size : (samples - 1) / size + 1;
        if (BatchesPerEpoch == 0)
            throw new ArgumentException($"{samples} samples make no batch of {size}, and a last, smaller batch is "
                + $"dropped: give a {nameof(LoaderOptions.BatchSize)} of {samples} or less.", nameof(options));
    }

    public LoaderOptions Options { get; }

    public int BatchesPerEpoch { get; }

    /// <summary>The batches of an epoch, in order, without the first <paramref name="skipBatches"/>, whose samples are
    /// not read. Each enumeration starts over with threads of its own. Where a sample cannot be loaded it throws an
    /// <see cref="InvalidDataException"/> that names the files, after the batches before it.</summary>
    public IEnumerable<SegmentationBatch> ReadEpoch(int epoch, int skipBatches = 0,
        CancellationToken cancellationToken = default)
    {
        if (skipBatches < 0 || skipBatches > BatchesPerEpoch)
            throw new ArgumentOutOfRangeException(nameof(skipBatches), skipBatches, $"skipBatches is {skipBatches}; "
                + $"the epoch has {BatchesPerEpoch} batches, so it must be 0 to {BatchesPerEpoch}.");
        return Enumerate(epoch, skipBatches, cancellationToken);
    }

    private IEnumerable<SegmentationBatch> Enumerate(int epoch, int skipBatches, CancellationToken cancellationToken)
    {
        int count = _dataset.Samples.Count;
        int[] order = Options.Shuffle ? EpochOrder.Shuffled(count, Options.Seed, epoch) : EpochOrder.InSequence(count);
        BatchPlan[] plans =
        [
            .. Enumerable.Range(skipBatches, BatchesPerEpoch - skipBatches).Select(number => Plan(order, number))
                .Where(plan => plan.Indices.Length > 0)
        ];
        using var run = new EpochRun(plans, (plan, position) => Load(plan, position, epoch), Options,
            cancellationToken);
        while (run.Next() is { } batch) yield return batch;
    }

    private BatchPlan Plan(int[] order, int number)
    {
        int start = number * Options.BatchSize;
        int[] whole = order[start..Math.Min(start + Options.BatchSize, order.Length)];
        return new BatchPlan(number, whole, Part(whole.Length, Options.Slice, Options.Slices), _dataset.Samples);
    }

    /// <summary>One of so many parts of a row, which differ by one in length at most.</summary>
    internal static Range Part(int length, int index, int count) =>
        (int)((long)length * index / count)..(int)((long)length * (index + 1) / count);

    private void Load(BatchPlan plan, int position, int epoch)
    {
        int index = plan.Indices[position];
        if (_augmenter is null)
        {
            (PixelBuffer image, LabelMap labels) = Read(index);
            SegmentationBatch whole = plan.Batch(image.Width, image.Height);
            ToPlanes(image.Rgb.Span, whole.ImageAt(position));
            labels.Ids.Span.CopyTo(whole.LabelsAt(position));
            return;
        }
        SegmentationBatch batch = plan.Batch(_augmenter.Options.CropWidth, _augmenter.Options.CropHeight, _teaching);
        Span<byte> planes = batch.ImageAt(position), ids = batch.LabelsAt(position);
        Crop(_augmenter, index, Options.Seed, epoch, planes, ids);
        _mixer?.Apply(Options.Seed, epoch, index, planes, ids, (partner, seed, partnerPlanes, partnerIds) =>
        {
            try
            {
                Crop(_augmenter, partner, seed, epoch, partnerPlanes, partnerIds);
            }
            catch (Exception exception)
            {
                throw new PartnerException(partner, exception);
            }
        });
        if (batch.Taught is { } taught) taught.Places[position] = _teaching!.Teach(planes, ids, taught.At(position));
    }

    private void Crop(Augmenter augmenter, int index, int seed, int epoch, Span<byte> planes, Span<byte> ids)
    {
        (PixelBuffer image, LabelMap labels) = Read(index);
        augmenter.Apply(image, labels, seed, epoch, index, planes, ids);
    }

    private (PixelBuffer Image, LabelMap Labels) Read(int index) =>
        _cache.GetOrRead(index, wanted => _dataset.Read(wanted, _decoder));

    private static void ToPlanes(ReadOnlySpan<byte> pixels, Span<byte> planes)
    {
        int plane = planes.Length / PixelBuffer.Channels;
        Span<byte> red = planes[..plane], green = planes.Slice(plane, plane), blue = planes[(2 * plane)..];
        for (int i = 0, from = 0; i < plane; i++, from += PixelBuffer.Channels)
            (red[i], green[i], blue[i]) = (pixels[from], pixels[from + 1], pixels[from + 2]);
    }
}

/// <summary>Images and labels of one size, as bytes.</summary>
internal sealed class SegmentationBatch
{
    internal SegmentationBatch(int number, IReadOnlyList<SamplePair> samples, int width, int height,
        IReadOnlyList<SamplePair>? whole = null, CropTeaching? teaching = null)
    {
        (Number, Samples, Width, Height, Whole) = (number, samples, width, height, whole ?? samples);
        Labels = GC.AllocateUninitializedArray<byte>(samples.Count * width * height);
        Images = GC.AllocateUninitializedArray<byte>(PixelBuffer.Channels * Labels.Length);
        Taught = teaching is null ? null : new TaughtBatch(teaching, samples.Count);
    }

    /// <summary>The place in the epoch, from 0: an epoch is taken up after this batch by skipping <see cref="Number"/>
    /// + 1 batches.</summary>
    public int Number { get; }

    /// <summary>The samples that are here.</summary>
    public IReadOnlyList<SamplePair> Samples { get; }

    /// <summary>The samples of the batch, those of other slices among them.</summary>
    public IReadOnlyList<SamplePair> Whole { get; }

    public int Width { get; }

    public int Height { get; }

    /// <summary>[N, 3, height, width], planes of red, green and blue, 0..255. The loader keeps no hold of the
    /// array.</summary>
    public byte[] Images { get; }

    /// <summary>Class ids [N, height, width], the ignore index where a pixel counts for no class. The loader keeps no
    /// hold of the array.</summary>
    public byte[] Labels { get; }

    /// <summary>The teacher's class probabilities; null in a training without a teacher.</summary>
    public TaughtBatch? Taught { get; }

    internal Span<byte> ImageAt(int position, int count = 1) =>
        Images.AsSpan(position * PixelBuffer.Channels * Width * Height, count * PixelBuffer.Channels * Width * Height);

    internal Span<byte> LabelsAt(int position, int count = 1) =>
        Labels.AsSpan(position * Width * Height, count * Width * Height);
}

/// <summary>How a <see cref="BatchLoader"/> loads; see the properties of <see cref="TrainingOptions"/> with these names.
/// Of each batch one of <c>Slices</c> slices is loaded, by its number from 0; the others are with other
/// processes.</summary>
internal sealed record LoaderOptions(
    int BatchSize = 8, int Seed = 0, bool Shuffle = true, bool DropLast = true, int Workers = 2, int QueuedBatches = 2,
    long CacheBytes = 0, int Slice = 0, int Slices = 1);

/// <summary>The order of the samples in an epoch.</summary>
internal static class EpochOrder
{
    /// <summary>All numbers below <paramref name="count"/>, shuffled (Fisher and Yates) by seed and epoch
    /// alone.</summary>
    public static int[] Shuffled(int count, int seed, int epoch)
    {
        int[] order = InSequence(count);
        // No sample has the number -1, so the order shares its random numbers with no augmentation.
        var random = new SampleRandom(seed, epoch, -1);
        for (int i = count - 1; i > 0; i--)
        {
            int j = random.NextInteger(0, i);
            (order[i], order[j]) = (order[j], order[i]);
        }
        return order;
    }

    public static int[] InSequence(int count)
    {
        var order = new int[count];
        for (int i = 0; i < count; i++) order[i] = i;
        return order;
    }
}

/// <summary>Decoded samples up to a number of bytes. What is in stays in: every epoch uses every sample once, so to
/// drop the oldest would drop each one just before it is needed again.</summary>
internal sealed class SampleCache(long capacity)
{
    private readonly Dictionary<int, (PixelBuffer Image, LabelMap Labels)> _samples = [];
    private readonly Lock _lock = new();

    public long Bytes { get; private set; }

    /// <summary>The sample, read if it is not held, and from then on held if there is room. Two threads may read the
    /// same sample at once; one of the equal results is kept.</summary>
    public (PixelBuffer Image, LabelMap Labels) GetOrRead(int index,
        Func<int, (PixelBuffer Image, LabelMap Labels)> read)
    {
        lock (_lock)
        {
            if (_samples.TryGetValue(index, out (PixelBuffer Image, LabelMap Labels) held)) return held;
        }
        (PixelBuffer Image, LabelMap Labels) sample = read(index);
        long bytes = (long)sample.Image.Rgb.Length + sample.Labels.Ids.Length;
        lock (_lock)
        {
            if (bytes <= capacity - Bytes && _samples.TryAdd(index, sample)) Bytes += bytes;
        }
        return sample;
    }
}
