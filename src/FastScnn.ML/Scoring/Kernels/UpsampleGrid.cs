namespace FastScnn.ML;

/// <summary>Where the pixels of an enlarged (or reduced) map lie between the scores it is made of.</summary>
/// <remarks>Immutable; one serves any number of photos of a size.</remarks>
internal sealed class UpsampleGrid
{
    /// <summary>How many fractions there are beyond the last pixel, so that whole vectors can be read anywhere.</summary>
    public const int Padding = 8;

    public UpsampleGrid(int sourceWidth, int sourceHeight, int width, int height, bool alignCorners)
    {
        (SourceWidth, SourceHeight, Width, Height) = (sourceWidth, sourceHeight, width, height);
        Rows = BilinearTap.Along(height, sourceHeight, alignCorners);
        BilinearTap[] columns = BilinearTap.Along(width, sourceWidth, alignCorners);
        RowFractions = [.. Rows.Select(tap => tap.Fraction), .. new float[Padding]];
        ColumnFractions = [.. columns.Select(tap => tap.Fraction), .. new float[Padding]];
        (RowStarts, ColumnStarts) = (Starts(Rows, sourceHeight), Starts(columns, sourceWidth));
    }

    public int SourceWidth { get; }

    public int SourceHeight { get; }

    public int Width { get; }

    public int Height { get; }

    /// <summary>Whether there is a score for every pixel, at its very place.</summary>
    public bool IsIdentity => (SourceWidth, SourceHeight) == (Width, Height);

    /// <summary>For every row of the map the two rows of scores that it lies between.</summary>
    public BilinearTap[] Rows { get; }

    /// <summary>For each row of scores the first row of the map at or below it, and at the end <see cref="Height"/>.</summary>
    public int[] RowStarts { get; }

    /// <summary>For each column of scores the first column of the map at or right of it, and at the end <see cref="Width"/>.</summary>
    public int[] ColumnStarts { get; }

    /// <summary>For every row of the map how far it lies towards the next row of scores, 0 to below 1.</summary>
    public float[] RowFractions { get; }

    /// <summary>For every column of the map how far it lies towards the next column of scores, 0 to below 1.</summary>
    public float[] ColumnFractions { get; }

    private static int[] Starts(BilinearTap[] taps, int source)
    {
        var starts = new int[source + 1];
        for (int low = 0, at = 0; low <= source; low++)
        {
            while (at < taps.Length && taps[at].Low < low)
                at++;
            starts[low] = at;
        }
        return starts;
    }
}
