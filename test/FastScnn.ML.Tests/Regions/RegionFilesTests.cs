using System.Text.Json;
using System.Text.Json.Nodes;
using System.Xml.Linq;
using FastScnn.ML.Imaging;
using FastScnn.ML.Regions;
using FastScnn.Testing;
using FastScnn.Torch.Data;
using SkiaSharp;

namespace FastScnn.ML.Tests.Regions;

public class RegionFilesTests
{
    private static readonly SegmentationMap s_ring = RegionMaps.Draw("bbb", "bab", "bbb", "..b");

    [Test]
    public void GeoJson_has_a_feature_for_each_region()
    {
        JsonNode json = JsonNode.Parse(s_ring.FindRegions().ToGeoJson())!;
        Assert.That((string)json["type"]!, Is.EqualTo("FeatureCollection"));
        JsonNode ring = json["features"]![1]!;
        Assert.That(ring["geometry"]!.ToJsonString(), Is.EqualTo("{\"type\":\"Polygon\",\"coordinates\":"
            + "[[[0,0],[3,0],[3,4],[2,4],[2,3],[0,3],[0,0]],[[1,2],[2,2],[2,1],[1,1],[1,2]]]}"));
        Assert.That(
            ring["properties"]!.AsObject().Select(pair => pair.Key),
            Is.EqualTo(new[] { "class_id", "class", "area", "center_x", "center_y" }));
        Assert.That((string)ring["properties"]!["class"]!, Is.EqualTo("a \"b\", <c>"));
    }

    [Test]
    public void GeoJson_has_several_polygons_where_parts_touch_by_corners()
    {
        SegmentationRegions regions = RegionMaps.Draw("a.", ".a").FindRegions(new() { Connectivity = 8 });
        JsonNode json = JsonNode.Parse(regions.ToGeoJson())!;
        Assert.That(json["features"]![0]!["geometry"]!.ToJsonString(), Is.EqualTo("{\"type\":\"MultiPolygon\","
            + "\"coordinates\":[[[[0,0],[1,0],[1,1],[0,1],[0,0]]],[[[1,1],[2,1],[2,2],[1,2],[1,1]]]]}"));
    }

    [Test]
    public void GeoJson_lies_where_the_transform_says_and_its_rings_stay_counterclockwise()
    {
        var transform = new GeoTransform(1000, 0.5, 0, 2000, 0, -0.5);
        SegmentationMap map = RegionMaps.Draw("..", ".a");
        var scored = new ScoredSegmentation(map, null, default, new float[] { 0, 0, 0, 0.75f });
        JsonNode feature = JsonNode.Parse(scored.FindRegions().ToGeoJson(transform))!["features"]![0]!;
        Assert.That(feature["geometry"]!["coordinates"]!.ToJsonString(), Is.EqualTo(
            "[[[1000.5,1999.5],[1000.5,1999],[1001,1999],[1001,1999.5],[1000.5,1999.5]]]"));
        Assert.That(feature["properties"]!.ToJsonString(), Is.EqualTo("{\"class_id\":0,\"class\":\"road\",\"area\":1,"
            + "\"center_x\":1000.75,\"center_y\":1999.25,\"mean_confidence\":0.75}"));
        Assert.That(() => new GeoTransform(0, 1, 0, 0, 0, 0), Throws.ArgumentException.With.Message.Contains("area"));
        Assert.That(() => new GeoTransform(double.NaN, 1, 0, 0, 0, 1), Throws.ArgumentException);
        Assert.That(() => map.FindRegions().ToGeoJson(default(GeoTransform)), Throws.ArgumentException);
    }

    [TestCase(4)]
    [TestCase(8)]
    public void Svg_shows_the_map_again(int connectivity)
    {
        foreach (SegmentationMap map in RegionMaps.Random(60).Append(s_ring).Append(RegionMaps.Blots(80, 60)))
        {
            XElement svg = XElement.Parse(map.FindRegions(new() { Connectivity = connectivity }).ToSvg());
            Assert.That((string)svg.Attribute("viewBox")!, Is.EqualTo($"0 0 {map.Width} {map.Height}"));
            using var bitmap = new SKBitmap(map.Width, map.Height);
            using (var canvas = new SKCanvas(bitmap))
            {
                canvas.Clear(SKColors.Transparent);
                foreach (XElement element in svg.Elements())
                {
                    using SKPath path = SKPath.ParseSvgPathData((string)element.Attribute("d")!);
                    path.FillType = SKPathFillType.EvenOdd;
                    byte[] rgb = [.. ((string)element.Attribute("fill")!)[4..^1].Split(',').Select(byte.Parse)];
                    using var paint = new SKPaint { Color = new SKColor(rgb[0], rgb[1], rgb[2]), IsAntialias = false };
                    canvas.DrawPath(path, paint);
                }
            }
            for (int y = 0; y < map.Height; y++)
                for (int x = 0; x < map.Width; x++)
                    Assert.That(bitmap.GetPixel(x, y), Is.EqualTo(Color(map[x, y])));
        }

        static SKColor Color(byte id) => id == 255 ? SKColor.Empty
            : new SKColor(RegionMaps.Classes[id].Red, RegionMaps.Classes[id].Green, RegionMaps.Classes[id].Blue);
    }

    [Test]
    public void Svg_names_the_classes()
    {
        XElement path = XElement.Parse(s_ring.FindRegions().ToSvg()).Elements().Last();
        Assert.That((string)path.Attribute("data-class")!, Is.EqualTo("a \"b\", <c>"));
        Assert.That(path.Elements().Single().Value, Is.EqualTo("a \"b\", <c>"));
        Assert.That((string)path.Attribute("d")!, Is.EqualTo("M0 0h3v4h-1v-1h-2zM1 2h1v-1h-1z"));
    }

    [Test]
    public void Csv_has_a_row_for_each_region()
    {
        SegmentationMap map = RegionMaps.Draw("aab", "abb");
        var scored = new ScoredSegmentation(map, null, default, new float[] { 1, 1, 0, 1, 0.75f, 0.75f });
        const string Head = "class_id,class,area,x,y,width,height,center_x,center_y,mean_confidence\n";
        Assert.That(scored.FindRegions().ToCsv(), Is.EqualTo(
            Head + "0,road,3,0,0,2,2,0.833,0.833,1\n1,\"a \"\"b\"\", <c>\",3,1,0,2,2,2.167,1.167,0.5\n"));
        Assert.That(RegionMaps.Draw("a").FindRegions().ToCsv(), Is.EqualTo(Head + "0,road,1,0,0,1,1,0.5,0.5,\n"));
    }

    [Test]
    public void Coco_has_polygons_and_run_lengths_where_there_are_holes()
    {
        string file = Path.Combine(TestFiles.NewFolder(), "regions.json");
        SegmentationRegions corners = RegionMaps.Draw("a.", ".a").FindRegions(new() { Connectivity = 8 });
        SegmentationRegions.SaveCoco(file, RegionMaps.Classes,
            [("a/1.jpg", s_ring.FindRegions()), ("2.jpg", corners)]);
        JsonNode json = JsonNode.Parse(File.ReadAllText(file))!;
        Assert.That(json["images"]!.ToJsonString(), Is.EqualTo("[{\"id\":1,\"file_name\":\"a/1.jpg\",\"width\":3,"
            + "\"height\":4},{\"id\":2,\"file_name\":\"2.jpg\",\"width\":2,\"height\":2}]"));
        Assert.That(json["categories"]!.AsArray().Select(c => ((int)c!["id"]!, (string)c["name"]!)),
            Is.EqualTo(RegionMaps.Classes.Select((c, id) => (id + 1, c.Name))));
        JsonArray annotations = json["annotations"]!.AsArray();
        Assert.That(annotations.Select(a => ((int)a!["id"]!, (int)a["image_id"]!, (int)a["category_id"]!,
            (int)a["area"]!, (int)a["iscrowd"]!, a["bbox"]!.ToJsonString())), Is.EqualTo(new[]
        {
            (1, 1, 1, 1, 0, "[1,1,1,1]"), (2, 1, 2, 9, 0, "[0,0,3,4]"), (3, 2, 1, 2, 0, "[0,0,2,2]"),
        }));
        Assert.That(annotations[0]!["segmentation"]!.ToJsonString(), Is.EqualTo("[[1,1,2,1,2,2,1,2]]"));
        Assert.That(annotations[2]!["segmentation"]!.ToJsonString(),
            Is.EqualTo("[[0,0,1,0,1,1,0,1],[1,1,2,1,2,2,1,2]]"));
        JsonNode runs = annotations[1]!["segmentation"]!;
        Assert.That(runs["size"]!.ToJsonString(), Is.EqualTo("[4,3]"));
        Assert.That(RunLengths.Parse(3, 4, (string)runs["counts"]!).ToMask(),
            Is.EqualTo(s_ring.ClassIds.ToArray().Select(id => id == 1)));
    }

    [Test]
    public void Coco_refuses_images_of_other_classes_and_leaves_nothing_behind()
    {
        string folder = TestFiles.NewFolder();
        Assert.That(
            () => SegmentationRegions.SaveCoco(Path.Combine(folder, "regions.json"), ClassList.CamVid,
                [("1.jpg", s_ring.FindRegions())]),
            Throws.ArgumentException.With.Message.Contains("'1.jpg' has 4 classes and the COCO file 11"));
        Assert.That(Directory.EnumerateFileSystemEntries(folder), Is.Empty);
    }

    [Test]
    public void Labelme_has_polygons_without_holes_from_below_to_above()
    {
        // What is in the hole has the smaller class id, and comes later all the same.
        JsonNode json = JsonNode.Parse(s_ring.FindRegions().ToLabelme("../photos/1 \u00e4.jpg"))!;
        Assert.That(json.ToJsonString(new JsonSerializerOptions
        {
            Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping
        }), Is.EqualTo("{\"version\":\"5.5.0\",\"flags\":{},\"shapes\":["
            + Shape("a \\\"b\\\", <c>", "[[0,0],[3,0],[3,4],[2,4],[2,3],[0,3]]") + ","
            + Shape("road", "[[1,1],[2,1],[2,2],[1,2]]")
            + "],\"imagePath\":\"../photos/1 \u00e4.jpg\",\"imageData\":null,\"imageHeight\":4,\"imageWidth\":3}"));
        Assert.That(() => s_ring.FindRegions().ToLabelme(""), Throws.ArgumentException);

        static string Shape(string label, string points) => $"{{\"label\":\"{label}\",\"points\":{points},"
            + "\"group_id\":null,\"description\":\"\",\"shape_type\":\"polygon\",\"flags\":{},\"mask\":null}";
    }

    [Test]
    public void Coco_for_labelling_has_polygons_alone_from_below_to_above()
    {
        string file = Path.Combine(TestFiles.NewFolder(), "regions.json");
        SegmentationRegions corners = RegionMaps.Draw("a.", ".a").FindRegions(new() { Connectivity = 8 });
        SegmentationRegions.SaveCoco(file, RegionMaps.Classes, [("1.jpg", s_ring.FindRegions()), ("2.jpg", corners)],
            forLabeling: true);
        JsonNode json = JsonNode.Parse(File.ReadAllText(file))!;
        Assert.That(json["images"]!.AsArray(), Has.Count.EqualTo(2));
        Assert.That(json["annotations"]!.AsArray().Select(a => a!.ToJsonString()), Is.EqualTo(new[]
        {
            Annotation(1, 1, 2, "0,0,3,0,3,4,2,4,2,3,0,3", 10), Annotation(2, 1, 1, "1,1,2,1,2,2,1,2", 1),
            Annotation(3, 2, 1, "0,0,1,0,1,1,0,1", 1), Annotation(4, 2, 1, "1,1,2,1,2,2,1,2", 1),
        }));

        static string Annotation(int id, int image, int category, string points, int area) => FormattableString.Invariant(
            $"{{\"id\":{id},\"image_id\":{image},\"category_id\":{category},\"segmentation\":[[{points}]],\"area\":{area},\"iscrowd\":0}}");
    }

    [TestCase(4, 0)]
    [TestCase(8, 0)]
    [TestCase(4, 2)]
    [TestCase(8, 5)]
    public void Outlines_without_holes_show_the_map_again_where_they_are_filled_in_order(int connectivity, double tolerance)
    {
        foreach (SegmentationMap map in RegionMaps.Random(200).Append(s_ring).Append(RegionMaps.Blots(80, 60)))
        {
            SegmentationRegions regions =
                map.FindRegions(new() { Connectivity = connectivity, Tolerance = tolerance });
            byte[] expected = RegionMaps.FromOutlines(regions), ids = new byte[expected.Length];
            Array.Fill(ids, (byte)255);
            foreach ((SegmentationRegion region, IReadOnlyList<PixelPoint> ring) in regions.FilledOutlines())
                RegionMaps.Fill(ids, map.Width, map.Height, region.ClassId, [new RegionPolygon(ring, [])]);
            // Pixels of no class that are enclosed belong to what encloses them.
            for (int i = 0; i < ids.Length; i++)
                if (expected[i] != 255)
                    Assert.That(ids[i], Is.EqualTo(expected[i]));
            if (tolerance == 0)
                Assert.That(expected, Is.EqualTo(RegionMaps.Ids(map)));
        }
    }

    [Test]
    public void Json_of_maps_with_many_regions_is_whole()
    {
        string file = Path.Combine(TestFiles.NewFolder(), "regions.json");
        SegmentationMap map = RegionMaps.Blots(300, 200);
        SegmentationRegions regions = map.FindRegions(new() { Tolerance = 2 });
        SegmentationRegions.SaveCoco(file, map.Classes, Enumerable.Repeat(("1.jpg", regions), 20));
        using JsonDocument coco = JsonDocument.Parse(File.ReadAllBytes(file)),
            geo = JsonDocument.Parse(regions.ToGeoJson());
        Assert.That(coco.RootElement.GetProperty("annotations").GetArrayLength(), Is.EqualTo(20 * regions.Count));
        Assert.That(geo.RootElement.GetProperty("features").GetArrayLength(), Is.EqualTo(regions.Count));
    }
}
