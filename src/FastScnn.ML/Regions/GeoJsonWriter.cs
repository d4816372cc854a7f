using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using static System.FormattableString;

namespace FastScnn.ML.Regions;

/// <summary>Where the pixels of a map lie in the world: six numbers in the order of GDAL's
/// <c>GetGeoTransform</c>.</summary>
/// <remarks>The corner (x, y) of pixels lies at <c>(OriginX + x * PixelWidth + y * RowRotation, OriginY + x *
/// ColumnRotation + y * PixelHeight)</c>. For maps with north at the top both rotations are 0 and
/// <see cref="PixelHeight"/> is negative.</remarks>
public readonly record struct GeoTransform
{
    /// <summary>Takes the six numbers.</summary>
    /// <param name="originX">The x of the top left corner of the top left pixel.</param>
    /// <param name="pixelWidth">How far x moves from a column to the next.</param>
    /// <param name="rowRotation">How far x moves from a row to the next.</param>
    /// <param name="originY">The y of the top left corner of the top left pixel.</param>
    /// <param name="columnRotation">How far y moves from a column to the next.</param>
    /// <param name="pixelHeight">How far y moves from a row to the next.</param>
    /// <exception cref="ArgumentException">A number is not finite, or pixels have no area.</exception>
    public GeoTransform(double originX, double pixelWidth, double rowRotation, double originY, double columnRotation,
        double pixelHeight)
    {
        (OriginX, PixelWidth, RowRotation) = (originX, pixelWidth, rowRotation);
        (OriginY, ColumnRotation, PixelHeight) = (originY, columnRotation, pixelHeight);
        if (!double.IsFinite(originX) || !double.IsFinite(originY) || !double.IsFinite(Determinant) || Determinant == 0)
            throw new ArgumentException(Invariant(
                $"The transform {originX}, {pixelWidth}, {rowRotation}, {originY}, {columnRotation}, {pixelHeight}: expected finite numbers, and pixels with an area."));
    }

    /// <summary>The x of the top left corner of the top left pixel.</summary>
    public double OriginX { get; }

    /// <summary>How far x moves from a column to the next.</summary>
    public double PixelWidth { get; }

    /// <summary>How far x moves from a row to the next.</summary>
    public double RowRotation { get; }

    /// <summary>The y of the top left corner of the top left pixel.</summary>
    public double OriginY { get; }

    /// <summary>How far y moves from a column to the next.</summary>
    public double ColumnRotation { get; }

    /// <summary>How far y moves from a row to the next; negative where north is at the top.</summary>
    public double PixelHeight { get; }

    internal double Determinant => PixelWidth * PixelHeight - RowRotation * ColumnRotation;

    internal (double X, double Y) Apply(double x, double y) => (OriginX + x * PixelWidth + y * RowRotation,
        OriginY + x * ColumnRotation + y * PixelHeight);
}

/// <summary>Writes <see cref="SegmentationRegions.ToGeoJson"/>.</summary>
internal static class GeoJsonWriter
{
    public static string Write(SegmentationRegions regions, GeoTransform? given)
    {
        // A struct that nobody made has pixels without an area.
        if (given is { Determinant: 0 })
            throw new ArgumentException("The transform has no pixel size; make it with its six numbers.", "transform");
        GeoTransform transform = given ?? new GeoTransform(0, 1, 0, 0, 0, 1);
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer,
            new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            json.WriteString("type", "FeatureCollection");
            json.WriteStartArray("features");
            foreach (SegmentationRegion region in regions)
                WriteFeature(json, region, transform);
            json.WriteEndArray();
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
    }

    private static void WriteFeature(Utf8JsonWriter json, SegmentationRegion region, GeoTransform transform)
    {
        json.WriteStartObject();
        json.WriteString("type", "Feature");
        json.WriteStartObject("geometry");
        bool single = region.Polygons.Count == 1;
        json.WriteString("type", single ? "Polygon" : "MultiPolygon");
        json.WriteStartArray("coordinates");
        foreach (RegionPolygon polygon in region.Polygons)
        {
            if (!single)
                json.WriteStartArray();
            foreach (IReadOnlyList<PixelPoint> ring in polygon.Rings)
                WriteRing(json, ring, transform);
            if (!single)
                json.WriteEndArray();
        }
        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteStartObject("properties");
        json.WriteNumber("class_id", region.ClassId);
        json.WriteString("class", region.Class.Name);
        json.WriteNumber("area", region.Area);
        (double x, double y) = transform.Apply(region.CenterX, region.CenterY);
        json.WriteNumber("center_x", x);
        json.WriteNumber("center_y", y);
        if (region.MeanConfidence is { } confidence)
            json.WriteNumber("mean_confidence", Math.Round(confidence, 6));
        json.WriteEndObject();
        json.WriteEndObject();
    }

    // A transform that turns the map over also turns its rings.
    private static void WriteRing(Utf8JsonWriter json, IReadOnlyList<PixelPoint> ring, GeoTransform transform)
    {
        json.WriteStartArray();
        for (int i = 0; i <= ring.Count; i++)
        {
            PixelPoint point = ring[(transform.Determinant > 0 ? i : ring.Count - i) % ring.Count];
            (double x, double y) = transform.Apply(point.X, point.Y);
            json.WriteStartArray();
            json.WriteNumberValue(x);
            json.WriteNumberValue(y);
            json.WriteEndArray();
        }
        json.WriteEndArray();
    }
}
