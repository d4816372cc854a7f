using System.Globalization;
using System.Xml.Linq;
using FastScnn.ML.Reporting;
using FastScnn.Torch;
using FastScnn.Torch.Data;

namespace FastScnn.ML.Imaging;

/// <summary>Draws the colours and names of classes, to stand beside colour masks and overlays.</summary>
internal static class SegmentationLegend
{
    private const int Row = 24, Box = 16, Margin = 8;

    // No fonts are measured here; this is about the widest letter of common ones.
    private const int Letter = 10;

    public static string ToSvg(ClassList classes)
    {
        ArgumentNullException.ThrowIfNull(classes);
        int width = 3 * Margin + Box + Letter * classes.Max(c => c.Name.Length),
            height = 2 * Margin + Row * classes.Count;
        XNamespace svg = "http://www.w3.org/2000/svg";
        var image = new XElement(
            svg + "svg",
            new XAttribute("width", width), new XAttribute("height", height),
            new XAttribute("font-family", "sans-serif"), new XAttribute("font-size", 14),
            Rectangle(0, 0, width, height, "white"),
            classes.Select((c, id) => new object[]
            {
                Rectangle(Margin, Margin + Row * id + (Row - Box) / 2, Box, Box,
                    string.Create(CultureInfo.InvariantCulture, $"rgb({c.Red},{c.Green},{c.Blue})")),
                new XElement(svg + "text", new XAttribute("x", 2 * Margin + Box),
                    new XAttribute("y", Margin + Row * id + 17), ReportPage.Clean(c.Name)),
            }));
        return image.ToString() + "\n";

        XElement Rectangle(int x, int y, int w, int h, string fill) => new(
            svg + "rect", new XAttribute("x", x), new XAttribute("y", y), new XAttribute("width", w),
            new XAttribute("height", h), new XAttribute("fill", fill));
    }

    public static void Save(string path, ClassList classes)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        WholeFile.Write(path, ToSvg(classes));
    }
}
