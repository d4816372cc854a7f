using System.Text.Json;
using FastScnn.Torch.Data;

namespace FastScnn.Tool.Import;

/// <summary>labelme: a JSON file for each image.</summary>
/// <remarks>https://github.com/wkentaro/labelme, labelme/label_file.py and labelme/shape.py.</remarks>
internal sealed class LabelmeSource : LabelSource
{
    private readonly string _root;
    private readonly string[] _files;
    private readonly ImageFinder? _images;

    public LabelmeSource(string input, string? images)
    {
        _root = Path.GetFullPath(File.Exists(input) ? FolderOf(input) : input);
        _files = File.Exists(input) ? [input] :
        [
            .. Directory.GetFiles(input, "*.json", SearchOption.AllDirectories)
                .Where(file => !Path.GetRelativePath(input, file).Split(Path.DirectorySeparatorChar)
                    .Any(part => ImageFiles.IsIgnored(part)))
                .Order(StringComparer.Ordinal)
        ];
        _images = images is null ? null : new ImageFinder(images);
        if (_files.Length == 0)
            throw new FileNotFoundException(
                $"The folder '{input}' has no file *.json, as labelme writes for each image.");
    }

    public override IEnumerable<LabeledImage> Read(ImportReport report) =>
        _files.Select(file => ReadFile(file, report)).OfType<LabeledImage>();

    private LabeledImage? ReadFile(string file, ImportReport report)
    {
        string name = Path.GetRelativePath(_root, Path.GetFullPath(file)).Replace('\\', '/');
        try
        {
            using JsonDocument json = ParseJson(file);
            JsonElement root = json.RootElement;
            if (root.Member("shapes") is not { ValueKind: JsonValueKind.Array })
            {
                report.SkipImage(name, "a JSON file without \"shapes\", so not one of labelme");
                return null;
            }
            string imagePath = root.Text("imagePath") is { Length: > 0 } text ? text.Replace('\\', '/')
                : throw new InvalidDataException("it has no \"imagePath\"");
            string path = Path.GetFullPath(Path.Combine(FolderOf(file), imagePath));
            // A folder that was moved keeps its images beside the labels.
            string beside = Path.Combine(FolderOf(file), Path.GetFileName(imagePath));
            string? found = File.Exists(path) ? path
                : _images is not null ? _images.Find(imagePath)
                : File.Exists(beside) ? beside : null;
            string relative = Path.GetRelativePath(_root, path).Replace('\\', '/');
            string image = LabeledImage.ToName(
                relative.StartsWith("../", StringComparison.Ordinal) || Path.IsPathRooted(relative)
                    ? imagePath : relative);
            return new LabeledImage
            {
                Name = image,
                Path = found,
                Embedded = found is null && root.Text("imageData") is { Length: > 0 } ? () => Embedded(file) : null,
                Size = root.Size("imageWidth", "imageHeight"),
                Shapes = [.. root.Items("shapes").Select((shape, i) =>
                {
                    Shape? read = ReadShape(shape, i + 1, out string why);
                    if (read is null) report.SkipShape(image, i + 1, why);
                    return read;
                }).OfType<Shape>()],
            };
        }
        // InvalidOperationException: a text with half a surrogate pair.
        catch (Exception e) when (e is InvalidDataException or IOException or InvalidOperationException)
        {
            report.Fault(name, e.Message);
            return null;
        }
    }

    private static Shape? ReadShape(JsonElement shape, int number, out string why)
    {
        Position[] points = shape.Positions("points");
        string kind = shape.Text("shape_type") ?? "polygon";
        ShapePart? part;
        switch (kind)
        {
            case "polygon":
                part = PolygonPart.Create(points, out why);
                break;
            case "rectangle" when points.Length == 4:
                part = PolygonPart.Create(points, out why);
                break;
            case "rectangle" when points.Length == 2:
                part = PolygonPart.Rectangle(points[0], points[1], 0, default, out why);
                break;
            case "circle" when points.Length == 2:
                double radius = double.Hypot(points[1].X - points[0].X, points[1].Y - points[0].Y);
                part = PolygonPart.Ellipse(points[0], radius, radius, 0, out why);
                break;
            case "mask" when points.Length == 2:
                part = ReadMask(shape.Text("mask"), points[0], out why);
                break;
            default:
                (part, why) = (null, kind is "rectangle" or "circle" or "mask"
                    ? $"a {kind} without its two points" : $"a {kind}, which has no area");
                break;
        }
        string? label = shape.Text("label");
        if (part is not null && string.IsNullOrWhiteSpace(label))
            why = "no label";
        return why.Length > 0 ? null : new Shape(number, label!, [part!]) { Group = shape.Whole("group_id") };
    }

    // A PNG of the box between the two points, where all but 0 is inside.
    private static RunsPart? ReadMask(string? base64, Position corner, out string why)
    {
        why = "a mask that cannot be read";
        if (base64 is null || !double.IsFinite(corner.X) || !double.IsFinite(corner.Y))
            return null;
        try
        {
            LabelMap mask = IndexPng.Read(new MemoryStream(Convert.FromBase64String(base64)), "mask");
            return RunsPart.Create((int)Math.Round(corner.X), (int)Math.Round(corner.Y), mask.Width, mask.Height, false,
                Runs(mask.Ids.Span), out why);
        }
        catch (Exception e) when (e is FormatException or InvalidDataException)
        {
            return null;
        }
    }

    private static byte[] Embedded(string file)
    {
        using JsonDocument json = ParseJson(file);
        return json.RootElement.Member("imageData")!.Value.TryGetBytesFromBase64(out byte[]? bytes) ? bytes
            : throw new InvalidDataException("its \"imageData\" is no base64");
    }

    private static int[] Runs(ReadOnlySpan<byte> pixels)
    {
        List<int> runs = [0];
        foreach (byte pixel in pixels)
        {
            if (pixel != 0 != (runs.Count % 2 == 0)) runs.Add(0);
            runs[^1]++;
        }
        return [.. runs];
    }
}
