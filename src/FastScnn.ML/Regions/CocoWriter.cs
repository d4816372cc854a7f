using System.Text.Encodings.Web;
using System.Text.Json;
using FastScnn.Torch.Data;

namespace FastScnn.ML.Regions;

/// <summary>Writes <see cref="SegmentationRegions.SaveCoco"/>.</summary>
internal static class CocoWriter
{
    public static void Write(Stream stream, ClassList classes,
        IEnumerable<(string FileName, SegmentationRegions Regions)> images)
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
            foreach (SegmentationRegion region in regions)
                WriteAnnotation(json, region, ++annotation, sizes.Count);
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

    private static void WriteAnnotation(Utf8JsonWriter json, SegmentationRegion region, int id, int image)
    {
        json.WriteStartObject();
        json.WriteNumber("id", id);
        json.WriteNumber("image_id", image);
        json.WriteNumber("category_id", region.ClassId + 1);
        if (region.Polygons.All(polygon => polygon.Holes.Count == 0))
            WritePolygons(json, region.Polygons);
        else
            WriteRunLengths(json, region.RunLengths);
        json.WriteNumber("area", region.Area);
        json.WriteStartArray("bbox");
        (int x, int y, int width, int height) = region.Box;
        foreach (int number in (ReadOnlySpan<int>)[x, y, width, height])
            json.WriteNumberValue(number);
        json.WriteEndArray();
        json.WriteNumber("iscrowd", 0);
        json.WriteEndObject();
    }

    private static void WritePolygons(Utf8JsonWriter json, IReadOnlyList<RegionPolygon> polygons)
    {
        json.WriteStartArray("segmentation");
        foreach (RegionPolygon polygon in polygons)
        {
            json.WriteStartArray();
            foreach (PixelPoint point in polygon.Outer)
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
