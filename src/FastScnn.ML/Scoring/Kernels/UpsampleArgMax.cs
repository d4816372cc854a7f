using System.Buffers;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace FastScnn.ML.Scoring.Kernels;

/// <summary>Enlarges class scores bilinearly and keeps, for every pixel, the class with the highest score. The enlarged
/// scores are never stored, and most are never computed.</summary>
/// <remarks>
/// <para>Where four neighbouring scores have the same best class, all pixels between them have it too, as bilinear
/// values lie between their corners; <see cref="MixedCells"/> has the other pixels.</para>
/// <para>Positions are computed in double precision, scores in single: first down (<c>top + t (bottom - top)</c> in one
/// rounding), then across. Of equal scores the lowest class wins, and classes whose exact scores differ by less than
/// the rounding may be exchanged. A score that is NaN never wins, nor does one that infinite scores make NaN between
/// them; a pixel with nothing else gets class 0.</para>
/// <para>The loops are compiled for good at once: in a program that segments one image they would otherwise take longer
/// than the network.</para>
/// </remarks>
internal static class UpsampleArgMax
{
    /// <summary>Fills the rows from <paramref name="firstRow"/> to just before <paramref name="endRow"/> of a class
    /// map.</summary>
    /// <param name="logits">Scores of one image: a plane of <c>grid.SourceHeight</c> rows for each class.</param>
    /// <param name="classes">The number of classes, 1..255.</param>
    /// <param name="grid">Where the pixels of the map lie between the scores.</param>
    /// <param name="ids">The whole class map, <c>grid.Width</c> times <c>grid.Height</c> bytes.</param>
    /// <param name="firstRow">The first row to fill.</param>
    /// <param name="endRow">The row after the last one to fill.</param>
    public static void Rows(ReadOnlySpan<float> logits, int classes, UpsampleGrid grid, Span<byte> ids, int firstRow,
        int endRow)
    {
        int columns = grid.SourceWidth, plane = columns * grid.SourceHeight;
        int floats = BandRow.FloatsFor(classes, columns), bytes = BandRow.BytesFor(columns);
        float[] scores = ArrayPool<float>.Shared.Rent(2 * floats);
        byte[] best = ArrayPool<byte>.Shared.Rent(2 * bytes + MixedCells.BufferSize(classes));
        var top = new BandRow(scores.AsSpan(0, floats), best.AsSpan(0, bytes), classes, columns);
        var bottom = new BandRow(scores.AsSpan(floats, floats), best.AsSpan(bytes, bytes), classes, columns);
        var mixed = new MixedCells(classes, grid, best.AsSpan(2 * bytes));
        int bottomRow = -1;
        for (int y = firstRow; y < endRow;)
        {
            BilinearTap row = grid.Rows[y];
            if (grid.IsIdentity)
            {
                top.Read(logits, plane, row.Low * columns, mark: false);
                top.Best[..columns].CopyTo(ids[(y++ * columns)..]);
                continue;
            }
            int end = Math.Min(grid.RowStarts[row.Low + 1], endRow);
            BandRow last = bottom;
            bottom = top;
            top = last;
            if (bottomRow != row.Low)
                top.Read(logits, plane, row.Low * columns, mark: true);
            bottom.Read(logits, plane, row.High * columns, mark: true);
            bottomRow = row.High;
            mixed.StartBand();
            Band(classes, grid, ids, top, bottom, y, end, ref mixed);
            y = end;
        }
        ArrayPool<float>.Shared.Return(scores);
        ArrayPool<byte>.Shared.Return(best);
    }

    // The rows of the map between two rows of scores, which have the same two for all their pixels.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Band(int classes, UpsampleGrid grid, Span<byte> ids, BandRow top, BandRow bottom, int y,
        int endRow, ref MixedCells mixed)
    {
        ReadOnlySpan<int> starts = grid.ColumnStarts;
        for (int first = 0; first < grid.SourceWidth; first += BandRow.Together)
        {
            uint calm = BandRow.Calm(top, bottom, first);
            int end = Math.Min(first + BandRow.Together, grid.SourceWidth);
            for (int column = first; column < end;)
            {
                uint bits = calm >> (column - first);
                int length = Math.Min(BitOperations.TrailingZeroCount(~bits), end - column);
                if (length > 0)
                {
                    FillRun(ids, grid.Width, y, endRow, starts[column], starts[column + length], top.Best[column]);
                    column += length;
                    continue;
                }
                if (starts[column + 1] > starts[column])
                {
                    if (BandRow.AreFinite(top, bottom, column))
                        mixed.Fill(top.Scores, bottom.Scores, column, ids, y, endRow);
                    else
                        InfiniteCell.Fill(top.Scores, bottom.Scores, classes, grid, column, ids, y, endRow);
                }
                column++;
            }
        }
    }

    // Like MixedCells, up to 31 pixels further than the end, which must come later.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void FillRun(Span<byte> ids, int width, int y, int endRow, int start, int end, byte id)
    {
        int padded = (end - start + Vector256<byte>.Count - 1) / Vector256<byte>.Count * Vector256<byte>.Count;
        if (start + padded > width)
        {
            for (; y < endRow; y++)
                ids[(y * width + start)..(y * width + end)].Fill(id);
            return;
        }
        Vector256<byte> many = Vector256.Create(id);
        for (; y < endRow; y++)
        {
            ref byte row = ref MemoryMarshal.GetReference(ids.Slice(y * width + start, padded));
            for (int x = 0; x < padded; x += Vector256<byte>.Count)
                many.StoreUnsafe(ref row, (nuint)x);
        }
    }
}

/// <summary>The pixels between four scores of which one is NaN or infinite, class by class and pixel by
/// pixel.</summary>
internal static class InfiniteCell
{
    /// <param name="top">The scores above.</param>
    /// <param name="bottom">The scores below.</param>
    /// <param name="classes">The number of classes.</param>
    /// <param name="grid">Where pixels lie between scores.</param>
    /// <param name="column">The column of scores at its left edge.</param>
    /// <param name="ids">The whole map.</param>
    /// <param name="firstRow">The first of its rows in the map.</param>
    /// <param name="endRow">The row after its last.</param>
    public static void Fill(
        ReadOnlySpan<float> top, ReadOnlySpan<float> bottom, int classes, UpsampleGrid grid, int column, Span<byte> ids,
        int firstRow, int endRow)
    {
        int stride = BandRow.StrideFor(grid.SourceWidth);
        for (int y = firstRow; y < endRow; y++)
            for (int x = grid.ColumnStarts[column]; x < grid.ColumnStarts[column + 1]; x++)
            {
                float best = float.NegativeInfinity;
                int id = 0;
                for (int k = 0, at = column; k < classes; k++, at += stride)
                {
                    float left = Mix(top[at], bottom[at], grid.RowFractions[y]),
                        right = Mix(top[at + 1], bottom[at + 1], grid.RowFractions[y]);
                    float score = Mix(left, right, grid.ColumnFractions[x]);
                    if (score > best)
                        (best, id) = (score, k);
                }
                ids[y * grid.Width + x] = (byte)id;
            }
    }

    // A score at the very place of a pixel is taken as it is, whatever lies beside it: nothing times infinity is NaN.
    private static float Mix(float from, float to, float fraction) =>
        fraction == 0 ? from : MathF.FusedMultiplyAdd(fraction, to - from, from);
}
