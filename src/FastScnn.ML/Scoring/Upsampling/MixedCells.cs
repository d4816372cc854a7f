using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace FastScnn.ML;

/// <summary>The pixels between four scores that do not have the same best class.</summary>
/// <remarks>
/// A class can only win there when its largest corner reaches the smallest corner of every other, so most classes are never
/// interpolated: 2.6 of 19 are left on average on photos of streets. Those that can win are found for eight cells at a time, and their
/// scores computed for eight rows and eight columns at a time.
/// </remarks>
internal ref struct MixedCells
{
    private const int Lanes = 8;

    private readonly UpsampleGrid _grid;
    private readonly int _classes;
    private readonly int _stride;

    // For each class that can win: its number, and for eight rows its score at the left edge of the cell and its rise to the right.
    private readonly Span<int> _numbers;
    private readonly Span<Vector256<float>> _lefts;
    private readonly Span<Vector256<float>> _rises;

    // For each class a bit for each of eight cells.
    private readonly Span<byte> _canWin;
    private int _firstCell = -1;

    /// <param name="classes">The number of classes.</param>
    /// <param name="grid">Where pixels lie between scores.</param>
    /// <param name="buffer">Room for <see cref="BufferSize"/> bytes.</param>
    public MixedCells(int classes, UpsampleGrid grid, Span<byte> buffer)
    {
        (_classes, _grid, _stride) = (classes, grid, BandRow.StrideFor(grid.SourceWidth));
        _lefts = MemoryMarshal.Cast<byte, Vector256<float>>(buffer)[..classes];
        _rises = MemoryMarshal.Cast<byte, Vector256<float>>(buffer).Slice(classes, classes);
        _numbers = MemoryMarshal.Cast<byte, int>(buffer).Slice(16 * classes, classes);
        _canWin = buffer.Slice(68 * classes, classes);
    }

    /// <summary>Bytes of the buffer that the constructor takes.</summary>
    public static int BufferSize(int classes) => 69 * classes;

    /// <summary>Forgets the scores of the last band.</summary>
    public void StartBand() => _firstCell = -1;

    /// <summary>
    /// Fills the pixels of one cell, whose corners are all finite. Up to seven pixels to the right of it may be filled with anything: they
    /// must come later.
    /// </summary>
    /// <param name="top">The scores above.</param>
    /// <param name="bottom">The scores below.</param>
    /// <param name="column">The column of scores at its left edge.</param>
    /// <param name="ids">The whole map.</param>
    /// <param name="firstRow">The first of its rows in the map.</param>
    /// <param name="endRow">The row after its last.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Fill(ReadOnlySpan<float> top, ReadOnlySpan<float> bottom, int column, Span<byte> ids, int firstRow, int endRow)
    {
        if (_firstCell != column / Lanes * Lanes)
            FindWinners(top, bottom, column / Lanes * Lanes);
        (int start, int end) = (_grid.ColumnStarts[column], _grid.ColumnStarts[column + 1]);
        ref float down = ref MemoryMarshal.GetArrayDataReference(_grid.RowFractions);
        ref float across = ref MemoryMarshal.GetArrayDataReference(_grid.ColumnFractions);
        for (int y = firstRow; y < endRow; y += Lanes)
        {
            int count = MixRows(top, bottom, column, Vector256.LoadUnsafe(ref down, (nuint)y));
            for (int lane = 0; lane < Lanes && y + lane < endRow; lane++)
            {
                Span<byte> row = ids.Slice((y + lane) * _grid.Width, _grid.Width);
                for (int x = start; x < end; x += Lanes)
                {
                    Vector256<int> best = Best(Vector256.LoadUnsafe(ref across, (nuint)x), lane, count);
                    if (x + Lanes <= row.Length)
                        BandRow.Store(best, row[x..]);
                    else
                        for (int i = 0; x + i < end; i++)
                            row[x + i] = (byte)best[i];
                }
            }
        }
    }

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

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly int MixRows(ReadOnlySpan<float> top, ReadOnlySpan<float> bottom, int column, Vector256<float> down)
    {
        int bit = 1 << (column - _firstCell), count = 0;
        for (int k = 0; k < _canWin.Length; k++)
        {
            if ((_canWin[k] & bit) == 0)
                continue;
            int at = k * _stride + column;
            ReadOnlySpan<float> upper = top.Slice(at, 2), lower = bottom.Slice(at, 2);
            Vector256<float> topLeft = Vector256.Create(upper[0]), topRight = Vector256.Create(upper[1]);
            Vector256<float> left = Vector256.FusedMultiplyAdd(down, Vector256.Create(lower[0]) - topLeft, topLeft);
            _lefts[count] = left;
            _rises[count] = Vector256.FusedMultiplyAdd(down, Vector256.Create(lower[1]) - topRight, topRight) - left;
            _numbers[count++] = k;
        }
        return count;
    }

    // The best class of eight pixels in a row.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly Vector256<int> Best(Vector256<float> across, int lane, int count)
    {
        ref float lefts = ref Unsafe.Add(ref Unsafe.As<Vector256<float>, float>(ref MemoryMarshal.GetReference(_lefts)), lane);
        ref float rises = ref Unsafe.Add(ref Unsafe.As<Vector256<float>, float>(ref MemoryMarshal.GetReference(_rises)), lane);
        ref int numbers = ref MemoryMarshal.GetReference(_numbers);
        Vector256<float> largest = Vector256.FusedMultiplyAdd(across, Vector256.Create(rises), Vector256.Create(lefts));
        Vector256<int> ids = Vector256.Create(numbers);
        for (int i = 1; i < count; i++)
        {
            Vector256<float> score = Vector256.FusedMultiplyAdd(across, Vector256.Create(Unsafe.Add(ref rises, Lanes * i)), Vector256.Create(Unsafe.Add(ref lefts, Lanes * i)));
            Vector256<int> better = Vector256.GreaterThan(score, largest).AsInt32();
            largest = Vector256.MaxNative(score, largest);
            ids = Vector256.ConditionalSelect(better, Vector256.Create(Unsafe.Add(ref numbers, i)), ids);
        }
        return ids;
    }
}
