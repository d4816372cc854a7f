using System.Globalization;
using System.Text;

namespace FastScnn.ML.Regions;

/// <summary>Writes <see cref="SegmentationRegions.ToCsv"/>.</summary>
internal static class CsvWriter
{
    public static string Write(SegmentationRegions regions)
    {
        var text = new StringBuilder("class_id,class,area,x,y,width,height,center_x,center_y,mean_confidence\n");
        foreach (SegmentationRegion region in regions)
        {
            (int x, int y, int width, int height) = region.Box;
            text.Append(CultureInfo.InvariantCulture,
                $"{region.ClassId},{Quote(region.Class.Name)},{region.Area},{x},{y},{width},{height},")
                .Append(CultureInfo.InvariantCulture,
                    $"{region.CenterX:0.###},{region.CenterY:0.###},{region.MeanConfidence:0.######}\n");
        }
        return text.ToString();
    }

    private static string Quote(string text) =>
        text.AsSpan().ContainsAny(",\"\n\r") ? $"\"{text.Replace("\"", "\"\"")}\"" : text;
}
