namespace FastScnn.ML;

/// <summary>The pixels between four scores of which one is NaN or infinite, class by class and pixel by pixel.</summary>
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
        ReadOnlySpan<float> top, ReadOnlySpan<float> bottom, int classes, UpsampleGrid grid, int column, Span<byte> ids, int firstRow, int endRow)
    {
        int stride = BandRow.StrideFor(grid.SourceWidth);
        for (int y = firstRow; y < endRow; y++)
            for (int x = grid.ColumnStarts[column]; x < grid.ColumnStarts[column + 1]; x++)
            {
                float best = float.NegativeInfinity;
                int id = 0;
                for (int k = 0, at = column; k < classes; k++, at += stride)
                {
                    float left = Mix(top[at], bottom[at], grid.RowFractions[y]), right = Mix(top[at + 1], bottom[at + 1], grid.RowFractions[y]);
                    float score = Mix(left, right, grid.ColumnFractions[x]);
                    if (score > best)
                        (best, id) = (score, k);
                }
                ids[y * grid.Width + x] = (byte)id;
            }
    }

    // A score at the very place of a pixel is taken as it is, whatever lies beside it: nothing times infinity is NaN.
    private static float Mix(float from, float to, float fraction) => fraction == 0 ? from : MathF.FusedMultiplyAdd(fraction, to - from, from);
}
