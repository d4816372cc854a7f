using System.Buffers;
using System.Runtime.CompilerServices;

namespace FastScnn.ML;

/// <summary>
/// Enlarges class scores bilinearly and keeps, for every pixel, the class with the highest score. The enlarged scores are never stored,
/// and most are never computed.
/// </summary>
/// <remarks>
/// <para>Where four neighbouring scores have the same best class, all pixels between them have it too, as bilinear values lie between
/// their corners; <see cref="MixedCells"/> has the other pixels.</para>
/// <para>Positions are computed in double precision, scores in single: first down (<c>top + t (bottom - top)</c> in one rounding), then
/// across. Of equal scores the lowest class wins, and classes whose exact scores differ by less than the rounding may be exchanged.
/// A score that is NaN never wins, nor does one that infinite scores make NaN between them; a pixel with nothing else gets class 0.</para>
/// <para>The loops are compiled for good at once: in a program that segments one photo they would otherwise take longer than the network.</para>
/// </remarks>
internal static class UpsampleArgMax
{
    /// <summary>Fills the rows from <paramref name="firstRow"/> to just before <paramref name="endRow"/> of a class map.</summary>
    /// <param name="logits">Scores of one image: a plane of <c>grid.SourceHeight</c> rows for each class.</param>
    /// <param name="classes">The number of classes, 1..255.</param>
    /// <param name="grid">Where the pixels of the map lie between the scores.</param>
    /// <param name="ids">The whole class map, <c>grid.Width</c> times <c>grid.Height</c> bytes.</param>
    /// <param name="firstRow">The first row to fill.</param>
    /// <param name="endRow">The row after the last one to fill.</param>
    public static void Rows(ReadOnlySpan<float> logits, int classes, UpsampleGrid grid, Span<byte> ids, int firstRow, int endRow)
    {
        int columns = grid.SourceWidth, plane = columns * grid.SourceHeight;
        int floats = BandRow.FloatsFor(classes, columns), bytes = BandRow.StrideFor(columns);
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
    private static void Band(int classes, UpsampleGrid grid, Span<byte> ids, BandRow top, BandRow bottom, int y, int endRow, ref MixedCells mixed)
    {
        ReadOnlySpan<int> starts = grid.ColumnStarts;
        ReadOnlySpan<byte> above = top.Best, below = bottom.Best;
        for (int column = 0; column < grid.SourceWidth;)
        {
            int first = column;
            byte id = above[column];
            if (id != BandRow.NotFinite)
                while (column < grid.SourceWidth && IsAll(id, above, below, column))
                    column++;
            if (column > first)
            {
                int start = starts[first], length = starts[column] - start;
                for (int row = y; row < endRow; row++)
                    ids.Slice(row * grid.Width + start, length).Fill(id);
                continue;
            }
            column++;
            if (starts[column] == starts[first])
                continue;
            if (AreFinite(above, below, first))
                mixed.Fill(top.Scores, bottom.Scores, first, ids, y, endRow);
            else
                InfiniteCell.Fill(top.Scores, bottom.Scores, classes, grid, first, ids, y, endRow);
        }
    }

    // What lies beyond the last position repeats it.
    private static bool IsAll(byte id, ReadOnlySpan<byte> above, ReadOnlySpan<byte> below, int column) =>
        above[column] == id && below[column] == id && above[column + 1] == id && below[column + 1] == id;

    private static bool AreFinite(ReadOnlySpan<byte> above, ReadOnlySpan<byte> below, int column) =>
        above[column] != BandRow.NotFinite && below[column] != BandRow.NotFinite
        && above[column + 1] != BandRow.NotFinite && below[column + 1] != BandRow.NotFinite;
}
