using System.Globalization;
using System.Text;
using System.Xml.Linq;
using FastScnn.ML.Reporting;
using FastScnn.Torch.Data;

namespace FastScnn.ML.Regions;

/// <summary>Writes <see cref="SegmentationRegions.ToSvg"/>.</summary>
internal static class SvgWriter
{
    public static string Write(SegmentationRegions regions)
    {
        XNamespace svg = "http://www.w3.org/2000/svg";
        var image = new XElement(
            svg + "svg",
            new XAttribute("width", regions.Width), new XAttribute("height", regions.Height),
            new XAttribute("viewBox", $"0 0 {regions.Width} {regions.Height}"),
            new XAttribute("shape-rendering", "crispEdges"), new XAttribute("fill-rule", "evenodd"),
            regions.Select(region => new XElement(
                svg + "path",
                new XAttribute("data-class", ReportPage.Clean(region.Class.Name)),
                new XAttribute("fill", Color(region.Class)),
                new XAttribute("d", Path(region)),
                new XElement(svg + "title", ReportPage.Clean(region.Class.Name)))));
        return image.ToString() + "\n";
    }

    private static string Color(SegmentationClass c) =>
        string.Create(CultureInfo.InvariantCulture, $"rgb({c.Red},{c.Green},{c.Blue})");

    private static string Path(SegmentationRegion region)
    {
        var path = new StringBuilder();
        foreach (IReadOnlyList<PixelPoint> ring in region.Polygons.SelectMany(polygon => polygon.Rings))
        {
            PixelPoint last = ring[0];
            path.Append(CultureInfo.InvariantCulture, $"M{last.X} {last.Y}");
            foreach (PixelPoint point in ring.Skip(1))
            {
                (int x, int y) = (point.X - last.X, point.Y - last.Y);
                if (y == 0)
                    path.Append(CultureInfo.InvariantCulture, $"h{x}");
                else if (x == 0)
                    path.Append(CultureInfo.InvariantCulture, $"v{y}");
                else
                    path.Append(CultureInfo.InvariantCulture, $"l{x} {y}");
                last = point;
            }
            path.Append('z');
        }
        return path.ToString();
    }
}
