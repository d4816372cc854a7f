using System.Globalization;
using System.Xml;
using System.Xml.Linq;

namespace FastScnn.Tool.Import;

/// <summary>CVAT for images 1.1: one XML file.</summary>
/// <remarks>https://docs.cvat.ai/docs/manual/advanced/xml_format/. One image of it is in memory at a time.</remarks>
internal sealed class CvatSource : LabelSource
{
    private readonly string _file;
    private readonly ImageFinder _images;
    private readonly List<string> _classes = [];

    public CvatSource(string input, string? images)
    {
        _file = OneFile(input, "*.xml");
        _images = new ImageFinder(images ?? FolderOf(_file));
        foreach (XElement element in Elements("labels", "track"))
        {
            if (element.Name == "track")
                throw new InvalidDataException(
                    $"'{_file}' has tracks, so it is CVAT for video; export the task as \"CVAT for images 1.1\".");
            _classes.AddRange(element.Elements("label").Select(label => ((string?)label.Element("name"))?.Trim() ?? "")
                .Where(name => name.Length > 0 && !_classes.Contains(name)));
        }
    }

    public override IReadOnlyList<string>? Classes => _classes.Count > 0 ? _classes : null;

    public override IEnumerable<LabeledImage> Read(ImportReport report)
    {
        foreach (XElement image in Elements("image"))
        {
            if ((string?)image.Attribute("name") is not { Length: > 0 } file)
                throw new InvalidDataException($"'{_file}' has an image without a name.");
            string name = LabeledImage.ToName(file);
            List<Shape> shapes = [];
            int number = 0;
            foreach (XElement element in image.Elements())
            {
                number++;
                if (ReadShape(element, number, out string why) is { } shape)
                    shapes.Add(shape);
                else
                    report.SkipShape(name, number, why);
            }
            yield return new LabeledImage
            {
                Name = name,
                Path = _images.Find(file),
                Size = Number(image, "width") is { } width && Number(image, "height") is { } height
                    ? ((int)width, (int)height) : null,
                Split = (string?)image.Attribute("subset") is { Length: > 0 } subset && subset != "default"
                    ? subset : null,
                Shapes = shapes,
            };
        }
    }

    private static Shape? ReadShape(XElement element, int number, out string why)
    {
        string kind = element.Name.LocalName;
        double turn = Number(element, "rotation") ?? 0;
        ShapePart? part = null;
        switch (kind)
        {
            case "polygon":
                part = PolygonPart.Create(Points((string?)element.Attribute("points") ?? ""), out why);
                break;
            case "box":
                Position a = new(Coordinate(element, "xtl"), Coordinate(element, "ytl")),
                    b = new(Coordinate(element, "xbr"), Coordinate(element, "ybr"));
                part = PolygonPart.Rectangle(a, b, turn, new((a.X + b.X) / 2, (a.Y + b.Y) / 2), out why);
                break;
            case "ellipse":
                part = PolygonPart.Ellipse(new(Coordinate(element, "cx"), Coordinate(element, "cy")),
                    Coordinate(element, "rx"), Coordinate(element, "ry"), turn, out why);
                break;
            case "mask":
                part = ReadMask(element, out why);
                break;
            default:
                why = $"a {kind}, which has no area";
                break;
        }
        string? label = (string?)element.Attribute("label");
        if (part is not null && string.IsNullOrWhiteSpace(label))
            why = "no label";
        return why.Length > 0 ? null
            : new Shape(number, label!, [part!]) { Layer = (int)(Number(element, "z_order") ?? 0) };
    }

    // Along the rows of the box, beginning with what is outside.
    private static RunsPart? ReadMask(XElement element, out string why)
    {
        int[] runs = [.. ((string?)element.Attribute("rle") ?? "").Split(',', StringSplitOptions.TrimEntries)
            .Select(run => int.TryParse(run, NumberStyles.None, CultureInfo.InvariantCulture, out int length)
                ? length : -1)];
        int?[] box = [.. new[] { "left", "top", "width", "height" }.Select(name =>
            Number(element, name) is { } side && Math.Abs(side) < int.MaxValue ? (int)side : (int?)null)];
        why = "run lengths that cannot be read";
        return box is [{ } left, { } top, { } width, { } height]
            ? RunsPart.Create(left, top, width, height, byColumn: false, runs, out why) : null;
    }

    private static IEnumerable<Position> Points(string text) =>
        text.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(point =>
        {
            string[] parts = point.Split(',');
            return parts.Length == 2 ? new Position(Parse(parts[0]) ?? double.NaN, Parse(parts[1]) ?? double.NaN)
                : new Position(double.NaN, double.NaN);
        });

    private static double Coordinate(XElement element, string name) => Number(element, name) ?? double.NaN;

    private static double? Number(XElement element, string name) => Parse((string?)element.Attribute(name));

    private static double? Parse(string? text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) ? number : null;

    // The elements of these names, wherever they are, one at a time.
    private IEnumerable<XElement> Elements(params string[] names)
    {
        using XmlReader reader = XmlReader.Create(_file,
            new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null });
        while (Step(() => !reader.EOF && (reader.ReadState != ReadState.Initial || reader.Read())))
        {
            if (reader.NodeType == XmlNodeType.Element && reader.Depth == 0 && reader.Name != "annotations")
                throw new InvalidDataException(
                    $"'{_file}' begins with <{reader.Name}>; CVAT for images begins with <annotations>.");
            if (reader.NodeType == XmlNodeType.Element && names.Contains(reader.Name))
                yield return Step(() => (XElement)XNode.ReadFrom(reader));
            else
                Step(reader.Read);
        }
    }

    private T Step<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (XmlException e)
        {
            throw new InvalidDataException($"'{_file}' is no XML: {e.Message}", e);
        }
    }
}
