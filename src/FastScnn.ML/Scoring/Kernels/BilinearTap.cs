namespace FastScnn.ML;

/// <summary>The two source positions that one target position lies between, and how far it lies towards the second.</summary>
internal readonly record struct BilinearTap(int Low, int High, float Fraction)
{
    /// <summary>
    /// The taps of every target position, as PyTorch's bilinear <c>interpolate</c> places them. With aligned corners the first and
    /// last positions of both grids coincide; without, pixel centres do, and positions outside the source are moved to its edge.
    /// </summary>
    public static BilinearTap[] Along(int target, int source, bool alignCorners)
    {
        double scale = !alignCorners ? (double)source / target : target > 1 ? (source - 1.0) / (target - 1) : 0;
        var taps = new BilinearTap[target];
        for (int i = 0; i < target; i++)
            taps[i] = At(alignCorners ? i * scale : Math.Max(0, (i + 0.5) * scale - 0.5), source);
        return taps;
    }

    /// <summary>The tap of one position in the source, 0 or above.</summary>
    public static BilinearTap At(double position, int source)
    {
        int low = Math.Min((int)position, source - 1);
        return new BilinearTap(low, Math.Min(low + 1, source - 1), (float)(position - low));
    }
}
