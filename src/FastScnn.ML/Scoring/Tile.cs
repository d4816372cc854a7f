namespace FastScnn.ML;

/// <summary>What a tile covers of one side of a photo, in pixels.</summary>
internal readonly record struct Tile(int Start, int Length)
{
    public int End => Start + Length;

    /// <summary>
    /// Tiles from the start to the end of a side, in order. All have the same length and lie as evenly as whole pixels allow, so that
    /// neighbours share at least the overlap; a side that is no longer than a tile is one tile.
    /// </summary>
    /// <param name="side">The length of the side.</param>
    /// <param name="length">The length of a tile; null for the side's.</param>
    /// <param name="overlap">The part of a tile that the next one covers too, below 1.</param>
    public static Tile[] Along(int side, int? length, double overlap)
    {
        if (length is not { } tile || tile >= side)
            return [new Tile(0, side)];
        int step = Math.Max(1, (int)(tile * (1 - overlap)));
        int last = (side - tile + step - 1) / step;
        return [.. Enumerable.Range(0, last + 1).Select(i => new Tile((int)((long)i * (side - tile) / last), tile))];
    }
}
