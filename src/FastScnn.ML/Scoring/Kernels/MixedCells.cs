using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace FastScnn.ML.Scoring.Kernels;

/// <summary>The pixels between four scores that do not have the same best class.</summary>
/// <remarks>A class can only win there when its largest corner reaches the smallest corner of every other, so most
/// classes are never interpolated: 2.6 of 19 are left on average on images of streets. Those that can win are found for
/// eight cells at a time, and their scores computed for eight rows and eight columns at a time.</remarks>
internal ref struct MixedCells
{
    private const int Lanes = 8;

    // Rows whose classes are packed and stored together.
    private const int RowsAtOnce = 4;

    private readonly UpsampleGrid _grid;
    private readonly int _classes;
    private readonly int _stride;

    // For each class that can win: its number, and for eight rows its score at the left edge of the cell and its rise
    // to the right.
    private readonly Span<float> _lefts;
    private readonly Span<float> _rises;
    private readonly Span<int> _numbers;

    // For each class, and some that there are not, a bit for each of eight cells.
    private readonly Span<byte> _canWin;
    private int _firstCell = -1;

    /// <param name="classes">The number of classes.</param>
    /// <param name="grid">Where pixels lie between scores.</param>
    /// <param name="buffer">Room for <see cref="BufferSize"/> bytes.</param>
    public MixedCells(int classes, UpsampleGrid grid, Span<byte> buffer)
    {
        (_classes, _grid, _stride) = (classes, grid, BandRow.StrideFor(grid.SourceWidth));
        Span<float> floats = MemoryMarshal.Cast<byte, float>(buffer);
        _lefts = floats[..(Lanes * classes)];
        _rises = floats.Slice(Lanes * classes, Lanes * classes);
        _numbers = MemoryMarshal.Cast<byte, int>(buffer).Slice(2 * Lanes * classes, classes);
        _canWin = buffer.Slice(4 * (2 * Lanes + 1) * classes, PaddedTo32(classes));
        _canWin.Clear();
    }

    /// <summary>Bytes of the buffer that the constructor takes.</summary>
    public static int BufferSize(int classes) => 4 * (2 * Lanes + 1) * classes + PaddedTo32(classes);

    /// <summary>Forgets the scores of the last band.</summary>
    public void StartBand() => _firstCell = -1;

    /// <summary>Fills the pixels of one cell, whose corners are all finite. Up to seven pixels to the right of it may
    /// be filled with anything: they must come later.</summary>
    /// <param name="top">The scores above.</param>
    /// <param name="bottom">The scores below.</param>
    /// <param name="column">The column of scores at its left edge.</param>
    /// <param name="ids">The whole map.</param>
    /// <param name="firstRow">The first of its rows in the map.</param>
    /// <param name="endRow">The row after its last.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Fill(ReadOnlySpan<float> top, ReadOnlySpan<float> bottom, int column, Span<byte> ids, int firstRow,
        int endRow)
    {
        if (_firstCell != column / Lanes * Lanes)
            FindWinners(top, bottom, column / Lanes * Lanes);
        (int start, int end, int width) = (_grid.ColumnStarts[column], _grid.ColumnStarts[column + 1], _grid.Width);
        ref float down = ref MemoryMarshal.GetArrayDataReference(_grid.RowFractions);
        ref float across = ref MemoryMarshal.GetArrayDataReference(_grid.ColumnFractions);
        for (int y = firstRow; y < endRow; y += Lanes)
        {
            int count = MixRows(top, bottom, column, Vector256.LoadUnsafe(ref down, (nuint)y));
            for (int lane = 0; lane < Lanes && y + lane < endRow; lane += RowsAtOnce)
            {
                int rows = Math.Min(RowsAtOnce, endRow - y - lane);
                Span<byte> target = ids.Slice((y + lane) * width, rows * width);
                for (int x = start; x < end; x += Lanes)
                    Store(Best(Vector256.LoadUnsafe(ref across, (nuint)x), lane, count), target, width, rows, x);
            }
        }
    }

    private static int PaddedTo32(int classes) => (classes + 31) / 32 * 32;

    // Minima and maxima of finite scores: the instructions' own rules for NaN do not matter.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void FindWinners(ReadOnlySpan<float> top, ReadOnlySpan<float> bottom, int first)
    {
        _firstCell = first;
        ref float upper = ref MemoryMarshal.GetReference(top[..(_classes * _stride)]);
        ref float lower = ref MemoryMarshal.GetReference(bottom[..(_classes * _stride)]);
        Vector256<float> floor = Vector256.Create(float.NegativeInfinity);
        nuint at = (nuint)first;
        for (int k = 0; k < _classes; k++, at += (nuint)_stride)
        {
            Vector256<float> smallest = Vector256.MinNative(
                Vector256.MinNative(Vector256.LoadUnsafe(ref upper, at), Vector256.LoadUnsafe(ref upper, at + 1)),
                Vector256.MinNative(Vector256.LoadUnsafe(ref lower, at), Vector256.LoadUnsafe(ref lower, at + 1)));
            floor = Vector256.MaxNative(floor, smallest);
        }
        at = (nuint)first;
        for (int k = 0; k < _classes; k++, at += (nuint)_stride)
        {
            Vector256<float> largest = Vector256.MaxNative(
                Vector256.MaxNative(Vector256.LoadUnsafe(ref upper, at), Vector256.LoadUnsafe(ref upper, at + 1)),
                Vector256.MaxNative(Vector256.LoadUnsafe(ref lower, at), Vector256.LoadUnsafe(ref lower, at + 1)));
            _canWin[k] = (byte)Vector256.GreaterThanOrEqual(largest, floor).ExtractMostSignificantBits();
        }
    }

    // Computes the edges of the classes that can win in a cell, and gives their number.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly int MixRows(ReadOnlySpan<float> top, ReadOnlySpan<float> bottom, int column, Vector256<float> down)
    {
        ref float upper = ref MemoryMarshal.GetReference(top[..(_classes * _stride)]);
        ref float lower = ref MemoryMarshal.GetReference(bottom[..(_classes * _stride)]);
        ref float lefts = ref MemoryMarshal.GetReference(_lefts), rises = ref MemoryMarshal.GetReference(_rises);
        ref int numbers = ref MemoryMarshal.GetReference(_numbers);
        ref byte canWin = ref MemoryMarshal.GetReference(_canWin);
        Vector256<byte> bit = Vector256.Create((byte)(1 << (column - _firstCell)));
        nuint count = 0;
        for (int first = 0; first < _classes; first += Vector256<byte>.Count)
        {
            uint winners = Vector256.Equals(Vector256.LoadUnsafe(ref canWin, (nuint)first) & bit, bit)
                .ExtractMostSignificantBits();
            for (; winners != 0; winners &= winners - 1, count++)
            {
                int k = first + BitOperations.TrailingZeroCount(winners);
                nuint at = (nuint)(k * _stride + column);
                Vector256<float> topLeft = Vector256.Create(Unsafe.Add(ref upper, at)),
                    topRight = Vector256.Create(Unsafe.Add(ref upper, at + 1));
                Vector256<float> fall = Vector256.Create(Unsafe.Add(ref lower, at)) - topLeft;
                Vector256<float> left = Vector256.FusedMultiplyAdd(down, fall, topLeft);
                fall = Vector256.Create(Unsafe.Add(ref lower, at + 1)) - topRight;
                left.StoreUnsafe(ref lefts, Lanes * count);
                (Vector256.FusedMultiplyAdd(down, fall, topRight) - left).StoreUnsafe(ref rises, Lanes * count);
                Unsafe.Add(ref numbers, count) = k;
            }
        }
        return (int)count;
    }

    // The best classes of eight pixels in each of four rows, row by row.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly Vector256<byte> Best(Vector256<float> across, int lane, int count)
    {
        ref float lefts = ref Unsafe.Add(ref MemoryMarshal.GetReference(_lefts), lane);
        ref float rises = ref Unsafe.Add(ref MemoryMarshal.GetReference(_rises), lane);
        ref int numbers = ref MemoryMarshal.GetReference(_numbers);
        Vector256<float> largest0 = Score(across, ref lefts, ref rises, 0),
            largest1 = Score(across, ref lefts, ref rises, 1);
        Vector256<float> largest2 = Score(across, ref lefts, ref rises, 2),
            largest3 = Score(across, ref lefts, ref rises, 3);
        Vector256<int> ids0 = Vector256.Create(numbers), ids1 = ids0, ids2 = ids0, ids3 = ids0;
        for (int i = 1; i < count; i++)
        {
            Vector256<int> id = Vector256.Create(Unsafe.Add(ref numbers, i));
            Choose(Score(across, ref lefts, ref rises, Lanes * i), id, ref largest0, ref ids0);
            Choose(Score(across, ref lefts, ref rises, Lanes * i + 1), id, ref largest1, ref ids1);
            Choose(Score(across, ref lefts, ref rises, Lanes * i + 2), id, ref largest2, ref ids2);
            Choose(Score(across, ref lefts, ref rises, Lanes * i + 3), id, ref largest3, ref ids3);
        }
        return Vector256.Narrow(
            Vector256.Narrow(ids0.AsUInt32(), ids1.AsUInt32()), Vector256.Narrow(ids2.AsUInt32(), ids3.AsUInt32()));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Score(Vector256<float> across, ref float lefts, ref float rises, int at) =>
        Vector256.FusedMultiplyAdd(across, Vector256.Create(Unsafe.Add(ref rises, at)),
            Vector256.Create(Unsafe.Add(ref lefts, at)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Choose(Vector256<float> score, Vector256<int> id, ref Vector256<float> largest,
        ref Vector256<int> ids)
    {
        ids = Vector256.ConditionalSelect(Vector256.GreaterThan(score, largest).AsInt32(), id, ids);
        largest = Vector256.MaxNative(score, largest);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(Vector256<byte> ids, Span<byte> target, int width, int rows, int x)
    {
        if (rows == RowsAtOnce && x + Lanes <= width)
        {
            ref byte first = ref target[(RowsAtOnce - 1) * width + x + Lanes - 1];
            first = ref Unsafe.Subtract(ref first, (RowsAtOnce - 1) * width + Lanes - 1);
            Vector256<ulong> eights = ids.AsUInt64();
            Unsafe.WriteUnaligned(ref first, eights.GetElement(0));
            Unsafe.WriteUnaligned(ref Unsafe.Add(ref first, width), eights.GetElement(1));
            Unsafe.WriteUnaligned(ref Unsafe.Add(ref first, 2 * width), eights.GetElement(2));
            Unsafe.WriteUnaligned(ref Unsafe.Add(ref first, 3 * width), eights.GetElement(3));
            return;
        }
        for (int row = 0; row < rows; row++)
            for (int i = 0; i < Lanes && x + i < width; i++)
                target[row * width + x + i] = ids[Lanes * row + i];
    }
}
