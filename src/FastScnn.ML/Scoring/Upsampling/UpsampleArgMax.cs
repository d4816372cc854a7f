using System.Buffers;

namespace FastScnn.ML;

/// <summary>
/// Enlarges class scores bilinearly and keeps, for every pixel, the class with the highest score. The enlarged scores are never stored,
/// and most are never computed.
/// </summary>
/// <remarks>
/// <para>Where four neighbouring scores have the same best class, all pixels between them have it too, as bilinear values lie between
/// their corners; <see cref="MixedCell"/> has the other pixels.</para>
/// <para>Positions are computed in double precision, scores in single: first down (<c>top + t (bottom - top)</c> in one rounding), then
/// across. Of equal scores the lowest class wins, and classes whose exact scores differ by less than the rounding may be exchanged.
/// A score that is NaN never wins, nor does one that infinite scores make NaN between them; a pixel with nothing else gets class 0.</para>
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
        if (grid.IsIdentity)
        {
            for (int y = firstRow; y < endRow; y++)
                BestClassRow.Find(logits, classes, plane, y * columns, ids.Slice(y * columns, columns), mark: false);
            return;
        }
        byte[] rented = ArrayPool<byte>.Shared.Rent(2 * columns);
        Span<byte> top = rented.AsSpan(0, columns), bottom = rented.AsSpan(columns, columns);
        var cell = new MixedCell(logits, classes, grid, ids, stackalloc MixedClass[classes]);
        int bottomRow = -1;
        for (int y = firstRow; y < endRow;)
        {
            BilinearTap row = grid.Rows[y];
            int end = Math.Min(grid.RowStarts[row.Low + 1], endRow);
            if (bottomRow == row.Low)
                bottom.CopyTo(top);
            else
                BestClassRow.Find(logits, classes, plane, row.Low * columns, top, mark: true);
            BestClassRow.Find(logits, classes, plane, row.High * columns, bottom, mark: true);
            bottomRow = row.High;
            Band(grid, ids, top, bottom, y, end, ref cell);
            y = end;
        }
        ArrayPool<byte>.Shared.Return(rented);
    }

    // The rows of the map between two rows of scores, which have the same two for all their pixels.
    private static void Band(UpsampleGrid grid, Span<byte> ids, ReadOnlySpan<byte> top, ReadOnlySpan<byte> bottom, int y, int endRow, ref MixedCell cell)
    {
        ReadOnlySpan<int> starts = grid.ColumnStarts;
        for (int column = 0; column < top.Length;)
        {
            int first = column;
            byte id = top[column];
            while (column < top.Length && IsAll(id, top, bottom, column))
                column++;
            if (column > first && id != BestClassRow.NotFinite)
            {
                int start = starts[first], length = starts[column] - start;
                for (int row = y; row < endRow; row++)
                    ids.Slice(row * grid.Width + start, length).Fill(id);
                continue;
            }
            column = first + 1;
            if (starts[column] > starts[first])
                cell.Fill(first, y, endRow, finite: AreFinite(top, bottom, first));
        }
    }

    private static bool IsAll(byte id, ReadOnlySpan<byte> top, ReadOnlySpan<byte> bottom, int column)
    {
        int next = Math.Min(column + 1, top.Length - 1);
        return top[column] == id && bottom[column] == id && top[next] == id && bottom[next] == id;
    }

    private static bool AreFinite(ReadOnlySpan<byte> top, ReadOnlySpan<byte> bottom, int column)
    {
        int next = Math.Min(column + 1, top.Length - 1);
        return top[column] != BestClassRow.NotFinite && bottom[column] != BestClassRow.NotFinite
            && top[next] != BestClassRow.NotFinite && bottom[next] != BestClassRow.NotFinite;
    }
}
