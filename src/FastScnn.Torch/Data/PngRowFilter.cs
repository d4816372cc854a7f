namespace FastScnn.Torch.Data;

/// <summary>How a row of a PNG was made easier to compress (PNG specification, 9).</summary>
internal enum PngRowFilter : byte
{
    None = 0,
    Sub = 1,
    Up = 2,
    Average = 3,
    Paeth = 4,
}

/// <summary>Undoes row filters.</summary>
internal static class PngRowFilters
{
    /// <summary>Restores a row in place.</summary>
    /// <param name="filter">One of the five filters.</param>
    /// <param name="row">The filtered row.</param>
    /// <param name="above">The restored row above, as long as the row; zeros for the first row.</param>
    /// <param name="step">Bytes to the pixel on the left, 1 where a pixel is smaller than a byte.</param>
    public static void Undo(PngRowFilter filter, Span<byte> row, ReadOnlySpan<byte> above, int step)
    {
        if (filter == PngRowFilter.None)
            return;
        for (int i = 0; i < row.Length; i++)
        {
            int left = i >= step ? row[i - step] : 0;
            int up = above[i];
            row[i] += (byte)(filter switch
            {
                PngRowFilter.Sub => left,
                PngRowFilter.Up => up,
                PngRowFilter.Average => (left + up) / 2,
                _ => Paeth(left, up, i >= step ? above[i - step] : 0),
            });
        }
    }

    private static int Paeth(int left, int up, int upLeft)
    {
        int estimate = left + up - upLeft;
        int toLeft = Math.Abs(estimate - left), toUp = Math.Abs(estimate - up), toUpLeft = Math.Abs(estimate - upLeft);
        return toLeft <= toUp && toLeft <= toUpLeft ? left : toUp <= toUpLeft ? up : upLeft;
    }
}
