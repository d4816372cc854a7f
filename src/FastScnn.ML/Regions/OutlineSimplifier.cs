using NetTopologySuite.Coverage;
using NetTopologySuite.Geometries;

namespace FastScnn.ML.Regions;

/// <summary>Simplifies the outlines of all regions at once, so that neighbours keep a common border.</summary>
internal static class OutlineSimplifier
{
    /// <param name="exact">The outlines, with the points where others meet at them.</param>
    /// <param name="tolerance">See <see cref="RegionOptions.Tolerance"/>.</param>
    public static RegionPolygon[][] Simplify(RegionPolygon[][] exact, double tolerance)
    {
        var factory = new GeometryFactory();
        Geometry[] areas =
        [
            .. exact.SelectMany(region => region).Select(polygon => factory.CreatePolygon(ToRing(polygon.Outer),
                [.. polygon.Holes.Select(ToRing)]))
        ];
        if (areas.Length == 0)
            return exact;
        // A hole that is filled would cover the region in it.
        Geometry[] simple = new CoverageSimplifier(areas) { RemovableRingSizeFactor = 0 }.Simplify(tolerance);
        int next = 0;
        return [.. exact.Select(region => region.Select(_ => FromPolygon((Polygon)simple[next++])).ToArray())];

        LinearRing ToRing(IReadOnlyList<PixelPoint> ring) =>
            factory.CreateLinearRing([.. ring.Append(ring[0]).Select(point => new Coordinate(point.X, point.Y))]);
    }

    private static RegionPolygon FromPolygon(Polygon polygon) => new(FromRing(polygon.ExteriorRing, isOuter: true),
        [.. polygon.InteriorRings.Select(ring => FromRing(ring, isOuter: false))]);

    // Corners are left out and none is moved, so they stay whole numbers. The simplifier may turn a ring around.
    private static PixelPoint[] FromRing(LineString ring, bool isOuter)
    {
        PixelPoint[] points = [.. ring.Coordinates.Skip(1).Select(point => new PixelPoint((int)point.X, (int)point.Y))];
        if (OutlineTracer.DoubleArea(points) > 0 != isOuter)
            Array.Reverse(points);
        return points;
    }
}
