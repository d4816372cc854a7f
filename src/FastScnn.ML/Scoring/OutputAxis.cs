namespace FastScnn.ML;

/// <summary>Where the positions of one side of the result lie in the photo and in the scores of its tiles.</summary>
internal sealed class OutputAxis(int photo, int output, bool alignCorners)
{
    public int Length => output;

    /// <summary>The first position whose nearest photo pixel is <paramref name="pixel"/> or later; <see cref="Length"/> where there is none.</summary>
    public int FirstFrom(int pixel)
    {
        if (output == photo || pixel >= photo)
            return Math.Min(pixel, photo) == photo ? output : pixel;
        int first = 0;
        while (first < output && Math.Round(Position(first)) < pixel)
            first++;
        return first;
    }

    /// <summary>What each position that a tile covers lies between in the tile's <paramref name="source"/> scores.</summary>
    public BilinearTap[] Taps(Tile tile, int source)
    {
        // The whole side in one step: scores that are as many as the positions are then taken as they are.
        if (tile.Length == photo)
            return BilinearTap.Along(output, source, alignCorners);
        int first = FirstFrom(tile.Start);
        var taps = new BilinearTap[FirstFrom(tile.End) - first];
        for (int i = 0; i < taps.Length; i++)
        {
            double pixel = Math.Clamp(Position(first + i) - tile.Start, 0, tile.Length - 1);
            taps[i] = BilinearTap.At(
                alignCorners ? pixel * (source - 1.0) / (tile.Length - 1) : Math.Max(0, (pixel + 0.5) * source / tile.Length - 0.5), source);
        }
        return taps;
    }

    private double Position(int i) =>
        output == photo ? i
        : !alignCorners ? (i + 0.5) * photo / output - 0.5
        : output > 1 ? i * (photo - 1.0) / (output - 1) : 0;
}
