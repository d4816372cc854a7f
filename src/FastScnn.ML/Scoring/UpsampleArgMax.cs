namespace FastScnn.ML;

/// <summary>
/// Enlarges class scores bilinearly and keeps, for every pixel, the class with the highest score. The enlarged scores are never stored.
/// </summary>
/// <remarks>
/// Positions are computed in double precision. Of equal scores the lowest class wins. A score that is NaN never wins; a pixel
/// whose scores are all NaN or minus infinity gets class 0.
/// </remarks>
internal static class UpsampleArgMax
{
    /// <summary>Fills the rows from <paramref name="firstRow"/> to just before <paramref name="endRow"/> of a class map.</summary>
    /// <param name="logits">Scores of one image: <paramref name="classes"/> planes of <paramref name="sourceHeight"/> rows.</param>
    /// <param name="classes">The number of classes, at most 255.</param>
    /// <param name="sourceWidth">Columns of the scores.</param>
    /// <param name="sourceHeight">Rows of the scores.</param>
    /// <param name="ids">The whole class map, <paramref name="width"/> times <paramref name="height"/> bytes.</param>
    /// <param name="width">Columns of the map.</param>
    /// <param name="height">Rows of the map.</param>
    /// <param name="alignCorners">Whether the corner pixels of both grids coincide (see <see cref="BilinearTap.Along"/>).</param>
    /// <param name="firstRow">The first row to fill.</param>
    /// <param name="endRow">The row after the last one to fill.</param>
    public static void Rows(
        ReadOnlySpan<float> logits, int classes, int sourceWidth, int sourceHeight,
        Span<byte> ids, int width, int height, bool alignCorners, int firstRow, int endRow)
    {
        BilinearTap[] columns = BilinearTap.Along(width, sourceWidth, alignCorners);
        BilinearTap[] rows = BilinearTap.Along(height, sourceHeight, alignCorners);
        var scores = new float[classes * sourceWidth];
        for (int y = firstRow; y < endRow; y++)
        {
            MixRows(logits, classes, sourceWidth, sourceHeight, rows[y], scores);
            Span<byte> row = ids.Slice(y * width, width);
            for (int x = 0; x < width; x++)
                row[x] = BestClass(scores, classes, sourceWidth, columns[x]);
        }
    }

    private static void MixRows(ReadOnlySpan<float> logits, int classes, int sourceWidth, int sourceHeight, BilinearTap row, Span<float> scores)
    {
        for (int k = 0; k < classes; k++)
        {
            ReadOnlySpan<float> plane = logits.Slice(k * sourceHeight * sourceWidth, sourceHeight * sourceWidth);
            ReadOnlySpan<float> top = plane.Slice(row.Low * sourceWidth, sourceWidth);
            ReadOnlySpan<float> bottom = plane.Slice(row.High * sourceWidth, sourceWidth);
            Span<float> mixed = scores.Slice(k * sourceWidth, sourceWidth);
            for (int x = 0; x < mixed.Length; x++)
                mixed[x] = top[x] + row.Fraction * (bottom[x] - top[x]);
        }
    }

    private static byte BestClass(ReadOnlySpan<float> scores, int classes, int sourceWidth, BilinearTap column)
    {
        float best = float.NegativeInfinity;
        int id = 0;
        for (int k = 0, at = 0; k < classes; k++, at += sourceWidth)
        {
            float left = scores[at + column.Low];
            float score = left + column.Fraction * (scores[at + column.High] - left);
            if (score > best)
            {
                best = score;
                id = k;
            }
        }
        return (byte)id;
    }
}
