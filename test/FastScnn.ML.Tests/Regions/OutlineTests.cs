using FastScnn.ML.Imaging;
using FastScnn.ML.Regions;
using FastScnn.Testing;
using FastScnn.Torch.Data;
using NetTopologySuite.Coverage;
using NetTopologySuite.Geometries;

namespace FastScnn.ML.Tests.Regions;

public class OutlineTests
{
    [TestCase(4)]
    [TestCase(8)]
    public void Outlines_enclose_the_map_again(int connectivity)
    {
        foreach (SegmentationMap map in RegionMaps.Random(500))
            CheckExact(map, connectivity);
    }

    [Test]
    public void Outlines_of_masks_enclose_them_again([Values(4, 8)] int connectivity)
    {
        ClassList classes = ClassList.Load(TestFiles.Shared("camvid", "classes.json"));
        foreach (string file in Directory.GetFiles(TestFiles.Shared("camvid", "masks", "val")).Order().Take(8))
            CheckExact(SegmentationMap.Load(file, classes), connectivity);
    }

    [Test]
    public void One_pixel_is_a_clockwise_square() =>
        Assert.That(RegionMaps.Draw("...", ".a.").FindRegions().Single().Polygons.Single().Outer,
            Is.EqualTo(new PixelPoint[] { new(1, 1), new(2, 1), new(2, 2), new(1, 2) }));

    [Test]
    public void Holes_in_holes_are_regions_of_their_own()
    {
        SegmentationRegions regions =
            RegionMaps.Draw("aaaaa", "abbba", "ababa", "abbba", "aaaaa").FindRegions();
        RegionPolygon[] polygons = [.. regions.Select(region => region.Polygons.Single())];
        Assert.That(polygons.Select(polygon => polygon.Holes.Count), Is.EqualTo(new[] { 1, 0, 1 }));
        Assert.That(polygons[0].Holes[0],
            Is.EqualTo(new PixelPoint[] { new(1, 4), new(4, 4), new(4, 1), new(1, 1) }), "counterclockwise");
    }

    [Test]
    public void Holes_that_touch_by_a_corner_are_two_rings()
    {
        RegionPolygon polygon = RegionMaps.Draw("aaaa", "abaa", "aaba", "aaaa").FindRegions()[0].Polygons.Single();
        Assert.That(polygon.Holes.Select(hole => hole.Count), Is.EqualTo(new[] { 4, 4 }));
    }

    [Test]
    public void A_bay_that_closes_by_a_corner_is_a_hole()
    {
        RegionPolygon polygon = RegionMaps.Draw("aab", "aba", "aaa").FindRegions()[0].Polygons.Single();
        Assert.That(polygon.Holes, Has.Count.EqualTo(1));
        Assert.That(polygon.Holes[0].Intersect(polygon.Outer), Is.EqualTo(new[] { new PixelPoint(2, 1) }));
    }

    [Test]
    public void Parts_that_touch_by_a_corner_are_two_polygons()
    {
        SegmentationMap map = RegionMaps.Draw("a.", ".a");
        Assert.That(map.FindRegions(new() { Connectivity = 8 }).Single().Polygons.Select(polygon => polygon.Outer[0]),
            Is.EqualTo(new PixelPoint[] { new(0, 0), new(1, 1) }));
    }

    [TestCase(0.8)]
    [TestCase(1.5)]
    [TestCase(4)]
    public void Simplified_neighbours_keep_a_common_border(double tolerance)
    {
        foreach (SegmentationMap map in RegionMaps.Random(100).Append(RegionMaps.Blots(120, 90)))
        {
            SegmentationRegions exact = map.FindRegions(), simple = map.FindRegions(new() { Tolerance = tolerance });
            Polygon[] polygons = [.. simple.SelectMany(region => region.Polygons).Select(ToPolygon)];
            Assert.That(polygons.All(polygon => polygon.IsValid));
            Assert.That(CoverageValidator.IsValid(polygons), "no gap and no overlap along a border");
            Assert.That(simple.Select(region => region.Polygons.Single().Holes.Count),
                Is.EqualTo(exact.Select(region => region.Polygons.Single().Holes.Count)));
            Assert.That(simple.Select(region => region.Area), Is.EqualTo(exact.Select(region => region.Area)));
            Assert.That(simple.All(region => OutlineTracer.DoubleArea(region.Polygons[0].Outer) > 0
                && region.Polygons[0].Holes.All(hole => OutlineTracer.DoubleArea(hole) < 0)));
        }
    }

    [Test]
    public void Simplifying_leaves_out_most_corners_and_keeps_the_shape()
    {
        SegmentationMap map = RegionMaps.Blots(240, 180);
        SegmentationRegions exact = map.FindRegions(), simple = map.FindRegions(new() { Tolerance = 1.5 });
        Assert.That(Corners(simple), Is.LessThan(0.25 * Corners(exact)));
        int changed = RegionMaps.FromOutlines(simple).Zip(RegionMaps.Ids(map)).Count(pair => pair.First != pair.Second);
        Assert.That(changed, Is.LessThan(0.04 * map.ClassIds.Length));
    }

    [Test]
    public void A_tolerance_is_0_or_more() => Assert.That(() => new RegionOptions { Tolerance = -1 },
        Throws.InstanceOf<ArgumentOutOfRangeException>().With.Message.Contains("Tolerance is -1"));

    private static int Corners(SegmentationRegions regions) =>
        regions.SelectMany(region => region.Polygons)
            .Sum(polygon => polygon.Outer.Count + polygon.Holes.Sum(hole => hole.Count));

    private static void CheckExact(SegmentationMap map, int connectivity)
    {
        SegmentationRegions regions = map.FindRegions(new() { Connectivity = connectivity });
        Assert.That(RegionMaps.FromOutlines(regions), Is.EqualTo(RegionMaps.Ids(map)));
        foreach (SegmentationRegion region in regions)
        {
            Polygon[] polygons = [.. region.Polygons.Select(ToPolygon)];
            Assert.That(polygons.All(polygon => polygon.IsValid), "valid by the OGC's rules");
            Assert.That(polygons.Sum(polygon => polygon.Area), Is.EqualTo(region.Area));
            if (connectivity == 4)
                Assert.That(polygons, Has.Length.EqualTo(1));
            foreach (RegionPolygon polygon in region.Polygons)
            {
                Assert.That(OutlineTracer.DoubleArea(polygon.Outer), Is.Positive);
                Assert.That(polygon.Holes.Select(OutlineTracer.DoubleArea), Is.All.Negative);
                foreach (IReadOnlyList<PixelPoint> ring in polygon.Holes.Prepend(polygon.Outer))
                    for (int i = 0; i < ring.Count; i++)
                        Assert.That(ring[i].X == ring[(i + 1) % ring.Count].X,
                            Is.Not.EqualTo(ring[(i + 1) % ring.Count].X == ring[(i + 2) % ring.Count].X),
                            "every point is a corner");
            }
        }
    }

    private static Polygon ToPolygon(RegionPolygon polygon)
    {
        return new Polygon(Ring(polygon.Outer), [.. polygon.Holes.Select(Ring)]);

        static LinearRing Ring(IReadOnlyList<PixelPoint> ring) =>
            new([.. ring.Append(ring[0]).Select(point => new Coordinate(point.X, point.Y))]);
    }
}
