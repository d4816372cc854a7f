using FastScnn.ML.Imaging;
using FastScnn.Torch;
using static System.FormattableString;

namespace FastScnn.ML.Regions;

/// <summary>How <see cref="SegmentationMap.FindRegions"/> finds regions and draws their outlines.</summary>
public sealed record RegionOptions
{
    /// <summary>Which pixels touch: 4 for those that share an edge, 8 for those that share an edge or a corner. With 4
    /// each region is one polygon. Default: 4.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is neither 4 nor 8.</exception>
    public int Connectivity
    {
        get;
        init => field = value is 4 or 8 ? value : throw new ArgumentOutOfRangeException(nameof(Connectivity), value,
            Invariant($"{nameof(Connectivity)} is {value}; it must be 4 or 8."));
    } = 4;

    /// <summary>The fewest pixels of a region; smaller ones are left out, and their pixels are in no region. Default:
    /// 1, which keeps all.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is below 1.</exception>
    public int MinArea { get; init => field = Check.AtLeast(value, 1); } = 1;

    /// <summary>About how many pixels an outline may move when it is simplified; 0 keeps the edges of the pixels.
    /// Default: 0.</summary>
    /// <remarks>Corners are removed in the order of the area of the triangle that each makes with its two neighbours,
    /// as long as that is below the square of this value (Visvalingam and Whyatt, 1993). Neighbours keep a common
    /// border, points where three regions or two and the rest meet stay, and no hole is lost.</remarks>
    /// <exception cref="ArgumentOutOfRangeException">The value is negative or not finite.</exception>
    public double Tolerance { get; init => field = Check.AtLeast(value, 0.0); }
}
