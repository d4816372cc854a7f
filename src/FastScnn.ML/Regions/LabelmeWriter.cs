using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace FastScnn.ML.Regions;

/// <summary>Writes <see cref="SegmentationRegions.ToLabelme"/>.</summary>
internal static class LabelmeWriter
{
    // The first version whose shapes have all of these members; labelme takes files of any.
    private const string Version = "5.5.0";

    public static string Write(SegmentationRegions regions, string imagePath)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer,
            new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            json.WriteString("version", Version);
            WriteNoFlags(json);
            json.WriteStartArray("shapes");
            foreach ((SegmentationRegion region, IReadOnlyList<PixelPoint> ring) in regions.FilledOutlines())
                WriteShape(json, region, ring);
            json.WriteEndArray();
            json.WriteString("imagePath", imagePath);
            json.WriteNull("imageData");
            json.WriteNumber("imageHeight", regions.Height);
            json.WriteNumber("imageWidth", regions.Width);
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
    }

    private static void WriteShape(Utf8JsonWriter json, SegmentationRegion region, IReadOnlyList<PixelPoint> ring)
    {
        json.WriteStartObject();
        json.WriteString("label", region.Class.Name);
        json.WriteStartArray("points");
        foreach (PixelPoint point in ring)
        {
            json.WriteStartArray();
            json.WriteNumberValue(point.X);
            json.WriteNumberValue(point.Y);
            json.WriteEndArray();
        }
        json.WriteEndArray();
        json.WriteNull("group_id");
        json.WriteString("description", "");
        json.WriteString("shape_type", "polygon");
        WriteNoFlags(json);
        json.WriteNull("mask");
        json.WriteEndObject();
    }

    private static void WriteNoFlags(Utf8JsonWriter json)
    {
        json.WriteStartObject("flags");
        json.WriteEndObject();
    }
}
