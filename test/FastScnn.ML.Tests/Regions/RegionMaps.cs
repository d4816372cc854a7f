using FastScnn.ML.Imaging;
using FastScnn.ML.Regions;
using FastScnn.Torch.Data;

namespace FastScnn.ML.Tests.Regions;

/// <summary>Maps to find regions in.</summary>
internal static class RegionMaps
{
    private const string Letters = "abcd";

    public static ClassList Classes { get; } =
    [
        new SegmentationClass("road", 128, 64, 129), new SegmentationClass("a \"b\", <c>", 1, 2, 3),
        new SegmentationClass("sky", 0, 200, 7), new SegmentationClass("pole", 90, 0, 250)
    ];

    /// <summary>A map from rows of the letters of its classes; a point is no class.</summary>
    public static SegmentationMap Draw(params string[] rows) => new(
        new LabelMap(rows[0].Length, rows.Length,
            [.. string.Concat(rows).Select(letter => letter == '.' ? (byte)255 : (byte)Letters.IndexOf(letter))]),
        Classes);

    /// <summary>Noise of few classes and sizes, in which every kind of corner is.</summary>
    public static IEnumerable<SegmentationMap> Random(int count)
    {
        var random = new Random(17);
        for (int i = 0; i < count; i++)
        {
            int width = random.Next(1, 18), height = random.Next(1, 18), classes = random.Next(1, 5);
            byte[] ids = new byte[width * height];
            for (int j = 0; j < ids.Length; j++)
                ids[j] = random.Next(8) == 0 ? (byte)255 : (byte)random.Next(classes);
            yield return new SegmentationMap(new LabelMap(width, height, ids), Classes);
        }
    }

    /// <summary>Blots of four classes, a map as networks make them.</summary>
    public static SegmentationMap Blots(int width, int height)
    {
        byte[] ids = new byte[width * height];
        for (int y = 0, i = 0; y < height; y++)
            for (int x = 0; x < width; x++, i++)
            {
                double a = Math.Sin(x / 7.0 + Math.Sin(y / 5.0)) + Math.Cos(y / 9.0 - x / 23.0);
                ids[i] = (byte)Math.Clamp((int)Math.Floor(a + 2), 0, 3);
            }
        return new SegmentationMap(new LabelMap(width, height, ids), Classes);
    }

    /// <summary>Fills polygons by the even-odd rule: pixels whose centre is inside.</summary>
    public static void Fill(byte[] ids, int width, int height, byte id, IEnumerable<RegionPolygon> polygons)
    {
        var lines = polygons.SelectMany(polygon => polygon.Holes.Prepend(polygon.Outer))
            .SelectMany(ring => ring.Zip(ring.Skip(1).Append(ring[0]))).ToArray();
        for (int y = 0; y < height; y++)
        {
            double[] crossings =
            [
                .. lines.Where(line => line.First.Y <= y != line.Second.Y <= y)
                    .Select(line => line.First.X + (y + 0.5 - line.First.Y) * (line.Second.X - line.First.X)
                        / (line.Second.Y - line.First.Y)).Order()
            ];
            for (int i = 0; i < crossings.Length; i += 2)
                for (int x = 0; x < width; x++)
                    if (x + 0.5 > crossings[i] && x + 0.5 < crossings[i + 1])
                        ids[y * width + x] = id;
        }
    }

    /// <summary>The ids, with 255 for all that are no class.</summary>
    public static byte[] Ids(SegmentationMap map) =>
        [.. map.ClassIds.ToArray().Select(id => id < map.Classes.Count ? id : (byte)255)];

    /// <summary>The ids that the outlines of regions enclose.</summary>
    public static byte[] FromOutlines(SegmentationRegions regions)
    {
        byte[] ids = new byte[regions.Width * regions.Height];
        Array.Fill(ids, (byte)255);
        foreach (SegmentationRegion region in regions)
            Fill(ids, regions.Width, regions.Height, region.ClassId, region.Polygons);
        return ids;
    }
}
