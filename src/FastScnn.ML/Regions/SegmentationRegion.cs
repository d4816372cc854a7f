using FastScnn.Torch.Data;

namespace FastScnn.ML.Regions;

/// <summary>Pixels of one class that touch.</summary>
/// <remarks>Coordinates count from the top left corner of the map: the pixel in column x and row y is the square from
/// (x, y) to (x + 1, y + 1), and its centre is (x + 0.5, y + 0.5).</remarks>
public sealed class SegmentationRegion
{
    private readonly SegmentationRegions _owner;
    private readonly int _index;

    internal SegmentationRegion(SegmentationRegions owner, int index, RegionCounts counts, bool hasConfidence)
    {
        (_owner, _index) = (owner, index);
        ClassId = counts.ClassId;
        Area = counts.Area;
        Box = new PixelBox(counts.Left, counts.Top, counts.Right - counts.Left + 1, counts.Bottom - counts.Top + 1);
        CenterX = counts.SumX / (double)Area + 0.5;
        CenterY = counts.SumY / (double)Area + 0.5;
        MeanConfidence = hasConfidence ? counts.SumConfidence / Area : null;
    }

    /// <summary>The id of its class.</summary>
    public byte ClassId { get; }

    /// <summary>Its class.</summary>
    public SegmentationClass Class => _owner.Classes[ClassId];

    /// <summary>How many pixels it has.</summary>
    public int Area { get; }

    /// <summary>The smallest box around it.</summary>
    public PixelBox Box { get; }

    /// <summary>The column of its centre: the mean of the centres of its pixels.</summary>
    public double CenterX { get; }

    /// <summary>The row of its centre.</summary>
    public double CenterY { get; }

    /// <summary>The mean over its pixels of the probability of their class, 0..1; null where only a map was given, and
    /// no <see cref="Imaging.ScoredSegmentation"/>.</summary>
    public double? MeanConfidence { get; }

    /// <summary>Its outlines, simplified where <see cref="RegionOptions.Tolerance"/> is above 0. One polygon where
    /// pixels touch by edges; with <see cref="RegionOptions.Connectivity"/> 8 one for each part that hangs together by
    /// edges.</summary>
    public IReadOnlyList<RegionPolygon> Polygons => _owner.Outlines[_index];

    /// <summary>Its pixels as COCO writes them.</summary>
    public RunLengths RunLengths => _owner.Runs[_index];
}

/// <summary>A box of pixels.</summary>
/// <param name="X">The column of its left edge.</param>
/// <param name="Y">The row of its top edge.</param>
/// <param name="Width">Columns.</param>
/// <param name="Height">Rows.</param>
public readonly record struct PixelBox(int X, int Y, int Width, int Height);

/// <summary>A corner of pixels, counted from the top left corner of the map.</summary>
/// <param name="X">How many columns are to the left of it.</param>
/// <param name="Y">How many rows are above it.</param>
public readonly record struct PixelPoint(int X, int Y);

/// <summary>An outline and the outlines of its holes.</summary>
/// <remarks>Rings do not repeat their first point at the end. No ring meets itself, and two rings of a polygon meet in
/// single points at most: polygons are valid by the OGC's rules. The outer ring is clockwise as one sees it on the map,
/// with y downwards, and holes are counterclockwise, so the region is always on the right.</remarks>
public sealed class RegionPolygon
{
    internal RegionPolygon(IReadOnlyList<PixelPoint> outer, IReadOnlyList<IReadOnlyList<PixelPoint>> holes) =>
        (Outer, Holes) = (outer, holes);

    /// <summary>The outer ring.</summary>
    public IReadOnlyList<PixelPoint> Outer { get; }

    /// <summary>The rings of its holes.</summary>
    public IReadOnlyList<IReadOnlyList<PixelPoint>> Holes { get; }

    internal IEnumerable<IReadOnlyList<PixelPoint>> Rings => Holes.Prepend(Outer);
}
