using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace FastScnn.Torch.Metrics;

/// <summary>Counts what the Boundary IoU of each class is made of: the pixels of the class near its boundary, in labels
/// and in predictions, summed over images.</summary>
/// <remarks>
/// <para>Cheng, Girshick, Dollar, Berg, Kirillov: Boundary IoU, CVPR 2021, arXiv:2103.16562. The boundary region of a
/// class is its pixels within a distance of pixels of another class, in the same map; the distance is a share of the
/// image's diagonal, at least one pixel, along rows, columns and both, as the authors' code takes it (erosion by a
/// square).</para>
/// <para>A pixel whose label is ignored is in no region, and belongs to no class in either map: the boundary of two
/// classes with ignored pixels between them counts where they are within the distance of each other. The border of the
/// image is no boundary, because the class may go on behind it; for the authors' masks of single objects it is
/// one.</para>
/// <para>Not thread-safe; see <see cref="ConfusionCounts"/>.</para>
/// </remarks>
internal sealed class BoundaryCounts
{
    /// <summary>The paper's distance for COCO and LVIS, as a share of the diagonal.</summary>
    public const double DefaultDistance = 0.02;

    private const int Ids = 256;
    private const int CacheBytes = 16384;

    private readonly double _distance;
    private readonly int _classCount;
    private readonly long[] _labelled = new long[Ids], _predicted = new long[Ids], _both = new long[Ids];

    // Kept from image to image: the smallest id near each pixel, the complement of the largest one, and the regions.
    private byte[] _least = [], _rest = [], _labelRegion = [], _predictionRegion = [];

    /// <summary>Starts with no pixels.</summary>
    /// <param name="classCount">The number of classes, 1..<see cref="ConfusionCounts.MaxClassCount"/>.</param>
    /// <param name="distance">The distance as a share of the image's diagonal, 0..1.</param>
    public BoundaryCounts(int classCount, double distance = DefaultDistance) =>
        (_classCount, _distance) = (classCount, Check.Range(distance, 0, 1, nameof(distance)));

    /// <summary>The Boundary IoU of a class; NaN where no counted pixel is in a boundary region of it.</summary>
    public double IoU(int id)
    {
        long union = _labelled[id] + _predicted[id] - _both[id];
        return union > 0 ? (double)_both[id] / union : double.NaN;
    }

    /// <summary>Counts the pixels of one image.</summary>
    /// <param name="labels">Classes, or <paramref name="ignoreIndex"/>, row by row.</param>
    /// <param name="predictions">As many ids; what is no class has no region, and is another class than its
    /// neighbours.</param>
    /// <param name="width">Columns.</param>
    /// <param name="ignoreIndex">The label of pixels that do not count.</param>
    public void Add(ReadOnlySpan<byte> labels, ReadOnlySpan<byte> predictions, int width, byte ignoreIndex)
    {
        int reach = Pixels(width, labels.Length / width);
        Find(labels, labels, width, reach, ignoreIndex, ref _labelRegion);
        Find(predictions, labels, width, reach, ignoreIndex, ref _predictionRegion);
        Count(labels, predictions);
    }

    /// <summary>Adds the counts of another thread or image.</summary>
    public void Add(BoundaryCounts other)
    {
        for (int id = 0; id < _classCount; id++)
        {
            _labelled[id] += other._labelled[id];
            _predicted[id] += other._predicted[id];
            _both[id] += other._both[id];
        }
    }

    /// <summary>The distance in an image of a size, in pixels.</summary>
    public int Pixels(int width, int height) => Math.Max(1,
        (int)Math.Round(_distance * Math.Sqrt((double)width * width + (double)height * height)));

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Count(ReadOnlySpan<byte> labels, ReadOnlySpan<byte> predictions)
    {
        ReadOnlySpan<byte> inLabels = _labelRegion.AsSpan(0, labels.Length),
            inPredictions = _predictionRegion.AsSpan(0, labels.Length);
        for (int i = 0; i < labels.Length; i++)
        {
            int inLabel = inLabels[i], inPrediction = inPredictions[i];
            if ((inLabel | inPrediction) == 0) continue;
            byte label = labels[i], prediction = predictions[i];
            _labelled[label] += inLabel;
            _predicted[prediction] += inPrediction;
            if (label == prediction) _both[label] += inLabel & inPrediction;
        }
    }

    // A pixel is near another class where the smallest and the largest id within the square around it differ. Both come
    // from the smallest of growing runs, first along rows and then along columns, so the time hardly depends on the
    // distance. Ignored pixels and those outside hold 255 in both arrays, which changes no minimum.
    private void Find(ReadOnlySpan<byte> ids, ReadOnlySpan<byte> labels, int width, int reach, byte ignoreIndex,
        ref byte[] region)
    {
        int height = ids.Length / width;
        // Further away there is no pixel.
        reach = Math.Min(reach, Math.Max(width, height));
        // The columns to the right of a row lie to the left of the next one too.
        int stride = width + reach, length = (height + 2 * reach) * stride + reach;
        Span<byte> least = Room(ref _least, length), rest = Room(ref _rest, length);
        least.Fill(byte.MaxValue);
        rest.Fill(byte.MaxValue);
        for (int y = 0; y < height; y++)
            Spread(ids.Slice(y * width, width), labels.Slice(y * width, width), ignoreIndex,
                least[((y + reach) * stride + reach)..], rest[((y + reach) * stride + reach)..]);
        // As many rows at once as the fastest cache holds.
        for (int y = 0, rows = Math.Max(1, CacheBytes / stride); y < height; y += rows)
        {
            int start = (y + reach) * stride, run = Math.Min(rows, height - y) * stride + reach;
            SlideMinimum(least.Slice(start, run), 1, 2 * reach + 1);
            SlideMinimum(rest.Slice(start, run), 1, 2 * reach + 1);
        }
        SlideMinimum(least[..^reach], stride, 2 * reach + 1);
        SlideMinimum(rest[..^reach], stride, 2 * reach + 1);
        Span<byte> found = Room(ref region, ids.Length);
        for (int y = 0; y < height; y++)
            Compare(least.Slice(y * stride, width), rest.Slice(y * stride, width), labels.Slice(y * width, width),
                ignoreIndex, found.Slice(y * width, width));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Spread(ReadOnlySpan<byte> ids, ReadOnlySpan<byte> labels, byte ignoreIndex, Span<byte> least,
        Span<byte> rest)
    {
        ref byte id = ref MemoryMarshal.GetReference(ids), label = ref MemoryMarshal.GetReference(labels);
        ref byte low = ref MemoryMarshal.GetReference(least), high = ref MemoryMarshal.GetReference(rest);
        Vector<byte> ignored = new(ignoreIndex);
        int x = 0;
        for (; x <= ids.Length - Vector<byte>.Count; x += Vector<byte>.Count)
        {
            Vector<byte> skip = Vector.Equals(Vector.LoadUnsafe(ref label, (nuint)x), ignored),
                values = Vector.LoadUnsafe(ref id, (nuint)x);
            (values | skip).StoreUnsafe(ref low, (nuint)x);
            (~values | skip).StoreUnsafe(ref high, (nuint)x);
        }
        for (; x < ids.Length; x++)
            if (labels[x] != ignoreIndex) (least[x], rest[x]) = (ids[x], (byte)~ids[x]);
    }

    // Each value becomes the smallest of itself and those at the next multiples of a step. Two runs that overlap or
    // touch make a longer one.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void SlideMinimum(Span<byte> values, int step, int count)
    {
        ref byte first = ref MemoryMarshal.GetReference(values);
        for (int run = 1; run < count;)
        {
            int more = Math.Min(run, count - run), ahead = more * step, end = values.Length - ahead, i = 0;
            for (; i <= end - Vector<byte>.Count; i += Vector<byte>.Count)
                Vector.Min(Vector.LoadUnsafe(ref first, (nuint)i), Vector.LoadUnsafe(ref first, (nuint)(i + ahead)))
                    .StoreUnsafe(ref first, (nuint)i);
            for (; i < end; i++)
                values[i] = Math.Min(values[i], values[i + ahead]);
            run += more;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Compare(ReadOnlySpan<byte> least, ReadOnlySpan<byte> rest, ReadOnlySpan<byte> labels,
        byte ignoreIndex, Span<byte> found)
    {
        ref byte label = ref MemoryMarshal.GetReference(labels), target = ref MemoryMarshal.GetReference(found);
        ref byte low = ref MemoryMarshal.GetReference(least), high = ref MemoryMarshal.GetReference(rest);
        Vector<byte> ignored = new(ignoreIndex);
        int x = 0;
        for (; x <= found.Length - Vector<byte>.Count; x += Vector<byte>.Count)
        {
            Vector<byte> none = Vector.Equals(Vector.LoadUnsafe(ref label, (nuint)x), ignored)
                | Vector.Equals(Vector.LoadUnsafe(ref low, (nuint)x), ~Vector.LoadUnsafe(ref high, (nuint)x));
            Vector.AndNot(Vector<byte>.One, none).StoreUnsafe(ref target, (nuint)x);
        }
        for (; x < found.Length; x++)
            found[x] = labels[x] != ignoreIndex && least[x] != (byte)~rest[x] ? (byte)1 : (byte)0;
    }

    private static Span<byte> Room(ref byte[] array, int length)
    {
        if (array.Length < length) array = new byte[length];
        return array.AsSpan(0, length);
    }
}
