using FastScnn.ML.Imaging;
using FastScnn.ML.Regions;
using FastScnn.Testing;
using FastScnn.Torch.Data;

namespace FastScnn.ML.Tests.Regions;

public class FindRegionsTests
{
    [Test]
    public void Regions_have_class_area_box_and_centre()
    {
        SegmentationRegions regions = RegionMaps.Draw("aab", "abb", "..a").FindRegions();
        Assert.That(
            regions.Select(region => (region.ClassId, region.Class.Name, region.Area, region.Box, region.CenterX,
                region.CenterY, region.MeanConfidence)),
            Is.EqualTo(new (byte, string, int, PixelBox, double, double, double?)[]
            {
                (0, "road", 3, new(0, 0, 2, 2), 1 / 3.0 + 0.5, 1 / 3.0 + 0.5, null),
                (0, "road", 1, new(2, 2, 1, 1), 2.5, 2.5, null),
                (1, "a \"b\", <c>", 3, new(1, 0, 2, 2), 5 / 3.0 + 0.5, 2 / 3.0 + 0.5, null),
            }));
    }

    [Test]
    public void Pixels_touch_by_edges_or_also_by_corners()
    {
        SegmentationMap map = RegionMaps.Draw("ab", "ba");
        Assert.That(map.FindRegions().Select(region => region.Area), Is.EqualTo(new[] { 1, 1, 1, 1 }));
        Assert.That(map.FindRegions(new() { Connectivity = 8 }).Select(region => (region.ClassId, region.Area)),
            Is.EqualTo(new[] { ((byte)0, 2), ((byte)1, 2) }));
        Assert.That(() => new RegionOptions { Connectivity = 6 },
            Throws.InstanceOf<ArgumentOutOfRangeException>().With.Message.Contains("Connectivity is 6"));
    }

    [TestCase(4)]
    [TestCase(8)]
    public void Regions_are_those_that_filling_finds(int connectivity)
    {
        foreach (SegmentationMap map in RegionMaps.Random(300))
        {
            SegmentationRegions regions = map.FindRegions(new() { Connectivity = connectivity });
            List<(byte, int[])> found =
            [
                .. regions.Select(region => (region.ClassId, Pixels(region.RunLengths.ToMask())))
            ];
            Assert.That(found, Is.EqualTo(Flood(map, connectivity)));
            foreach (SegmentationRegion region in regions)
                Assert.That(region.RunLengths.Area, Is.EqualTo(region.Area));
        }
    }

    [Test]
    public void Small_regions_are_left_out()
    {
        SegmentationMap map = RegionMaps.Draw("aab", "aac", "dcc");
        SegmentationRegions regions = map.FindRegions(new() { MinArea = 3 });
        Assert.That(regions.Select(region => (region.ClassId, region.Area)),
            Is.EqualTo(new[] { ((byte)0, 4), ((byte)2, 3) }));
        Assert.That(RegionMaps.FromOutlines(regions), Is.EqualTo(RegionMaps.Ids(RegionMaps.Draw("aa.", "aac", ".cc"))));
        Assert.That(map.FindRegions(new() { MinArea = 5 }), Is.Empty);
        Assert.That(() => new RegionOptions { MinArea = 0 },
            Throws.InstanceOf<ArgumentOutOfRangeException>().With.Message.Contains("MinArea is 0"));
    }

    [Test]
    public void Confidence_is_the_mean_over_the_pixels()
    {
        SegmentationMap map = RegionMaps.Draw("aab", "abb");
        var scored = new ScoredSegmentation(map, null, default, new float[] { 0.5f, 0.75f, 1, 0.25f, 0, 0.5f });
        Assert.That(scored.FindRegions().Select(region => region.MeanConfidence), Is.EqualTo(new[] { 0.5, 0.5 }));
        scored = new ScoredSegmentation(map, null, default, new float[] { 1, 1, 0, 1, 0.75f, 0.75f });
        Assert.That(scored.FindRegions().Select(region => region.MeanConfidence), Is.EqualTo(new[] { 1, 0.5 }));
    }

    [Test]
    public void A_map_without_a_class_has_no_region()
    {
        SegmentationRegions regions = RegionMaps.Draw("..", "..").FindRegions(new() { Tolerance = 1 });
        Assert.That((regions.Count, regions.Width, regions.Height), Is.EqualTo((0, 2, 2)));
        Assert.That(regions.ToGeoJson(), Is.EqualTo("""{"type":"FeatureCollection","features":[]}"""));
    }

    // A comb joins its teeth at the very end, and a chessboard has as many parts as can be: neither may be slow.
    [Test]
    public void The_worst_maps_take_their_pixels_alone()
    {
        const int Side = 2000, Board = 600;
        byte[] comb = [.. Enumerable.Range(0, Side * Side).Select(i =>
            (byte)(i / Side == Side - 1 ? 0 : i % Side % 2))];
        byte[] board = [.. Enumerable.Range(0, Board * Board).Select(i => (byte)((i % Board + i / Board) % 2))];
        SegmentationRegions one = new SegmentationMap(new LabelMap(Side, Side, comb), RegionMaps.Classes).FindRegions();
        Assert.That((one.Count, one[0].Area), Is.EqualTo((1001, Side * Side / 2 + Side / 2)));
        Assert.That(one[0].Polygons.Single().Outer, Has.Count.EqualTo(2 * Side + 2));
        SegmentationRegions many = new SegmentationMap(new LabelMap(Board, Board, board), RegionMaps.Classes)
            .FindRegions(new() { Connectivity = 8 });
        Assert.That(many, Has.Count.EqualTo(2));
        Assert.That(many[0].Polygons, Has.Count.EqualTo(Board * Board / 2));
    }

    private static int[] Pixels(bool[] mask) => [.. Enumerable.Range(0, mask.Length).Where(i => mask[i])];

    private static List<(byte, int[])> Flood(SegmentationMap map, int connectivity)
    {
        var regions = new List<(byte Id, int[] Pixels)>();
        var seen = new HashSet<int>();
        for (int i = 0; i < map.ClassIds.Length; i++)
        {
            byte id = map.ClassIds.Span[i];
            if (id == 255 || !seen.Add(i))
                continue;
            List<int> region = [i];
            for (int next = 0; next < region.Count; next++)
                for (int dy = -1; dy <= 1; dy++)
                    for (int dx = -1; dx <= 1; dx++)
                    {
                        int x = region[next] % map.Width + dx, y = region[next] / map.Width + dy;
                        if ((connectivity == 8 || dx * dy == 0) && x >= 0 && y >= 0 && x < map.Width && y < map.Height
                            && map[x, y] == id && seen.Add(y * map.Width + x))
                            region.Add(y * map.Width + x);
                    }
            regions.Add((id, [.. region.Order()]));
        }
        return [.. regions.OrderBy(region => region.Id).ThenBy(region => region.Pixels[0])];
    }
}
