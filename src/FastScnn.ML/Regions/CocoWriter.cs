using System.Text.Encodings.Web;
using System.Text.Json;
using FastScnn.Torch.Data;

namespace FastScnn.ML.Regions;

/// <summary>Writes <see cref="SegmentationRegions.SaveCoco"/>.</summary>
internal static class CocoWriter
{
    public static void Write(Stream stream, ClassList classes,
        IEnumerable<(string FileName, SegmentationRegions Regions)> images, bool forLabeling)
    {
        using var json = new Utf8JsonWriter(stream,
            new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        List<(string FileName, int Width, int Height)> sizes = [];
        json.WriteStartObject();
        json.WriteStartArray("annotations");
        int annotation = 0;
        foreach ((string fileName, SegmentationRegions regions) in images)
        {
            if (!regions.Classes.HasSameNames(classes))
                throw new ArgumentException(
                    Throw.ClassDifference($"'{fileName}'", regions.Classes, "the COCO file", classes) + ".",
                    nameof(images));
            sizes.Add((fileName, regions.Width, regions.Height));
            if (forLabeling)
                foreach ((SegmentationRegion region, IReadOnlyList<PixelPoint> ring) in regions.FilledOutlines())
                    WriteOutline(json, region, ring, ++annotation, sizes.Count);
            else
                foreach (SegmentationRegion region in regions)
                    WriteRegion(json, region, ++annotation, sizes.Count);
            json.Flush();
        }
        json.WriteEndArray();
        json.WriteStartArray("images");
        for (int i = 0; i < sizes.Count; i++)
        {
            json.WriteStartObject();
            json.WriteNumber("id", i + 1);
            json.WriteString("file_name", sizes[i].FileName);
            json.WriteNumber("width", sizes[i].Width);
            json.WriteNumber("height", sizes[i].Height);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteStartArray("categories");
        for (int id = 0; id < classes.Count; id++)
        {
            json.WriteStartObject();
            json.WriteNumber("id", id + 1);
            json.WriteString("name", classes[id].Name);
            json.WriteString("supercategory", "");
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteRegion(Utf8JsonWriter json, SegmentationRegion region, int id, int image)
    {
        WriteStart(json, region, id, image);
        if (region.Polygons.All(polygon => polygon.Holes.Count == 0))
            WriteRings(json, region.Polygons.Select(polygon => polygon.Outer));
        else
            WriteRunLengths(json, region.RunLengths);
        json.WriteNumber("area", region.Area);
        json.WriteStartArray("bbox");
        (int x, int y, int width, int height) = region.Box;
        foreach (int number in (ReadOnlySpan<int>)[x, y, width, height])
            json.WriteNumberValue(number);
        json.WriteEndArray();
        WriteEnd(json);
    }

    // Without a box: Label Studio would make a rectangle of it, beside the polygon.
    private static void WriteOutline(Utf8JsonWriter json, SegmentationRegion region, IReadOnlyList<PixelPoint> ring,
        int id, int image)
    {
        WriteStart(json, region, id, image);
        WriteRings(json, [ring]);
        json.WriteNumber("area", OutlineTracer.DoubleArea(ring) / 2.0);
        WriteEnd(json);
    }

    private static void WriteStart(Utf8JsonWriter json, SegmentationRegion region, int id, int image)
    {
        json.WriteStartObject();
        json.WriteNumber("id", id);
        json.WriteNumber("image_id", image);
        json.WriteNumber("category_id", region.ClassId + 1);
    }

    private static void WriteEnd(Utf8JsonWriter json)
    {
        json.WriteNumber("iscrowd", 0);
        json.WriteEndObject();
    }

    private static void WriteRings(Utf8JsonWriter json, IEnumerable<IReadOnlyList<PixelPoint>> rings)
    {
        json.WriteStartArray("segmentation");
        foreach (IReadOnlyList<PixelPoint> ring in rings)
        {
            json.WriteStartArray();
            foreach (PixelPoint point in ring)
            {
                json.WriteNumberValue(point.X);
                json.WriteNumberValue(point.Y);
            }
            json.WriteEndArray();
        }
        json.WriteEndArray();
    }

    private static void WriteRunLengths(Utf8JsonWriter json, RunLengths runs)
    {
        json.WriteStartObject("segmentation");
        json.WriteStartArray("size");
        json.WriteNumberValue(runs.Height);
        json.WriteNumberValue(runs.Width);
        json.WriteEndArray();
        json.WriteString("counts", runs.ToString());
        json.WriteEndObject();
    }
}
