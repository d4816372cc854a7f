using System.Text.Json;
using System.Text.RegularExpressions;
using FastScnn.Torch.Data;

namespace FastScnn.Tool.Import;

/// <summary>Label Studio: the export "JSON", one file of tasks.</summary>
/// <remarks>https://labelstud.io/guide/export and https://labelstud.io/guide/task_format. The file is parsed once and
/// held, as one of COCO. Its predictions are not read.</remarks>
internal sealed partial class LabelStudioSource : LabelSource
{
    private readonly JsonDocument _json;
    private readonly ImageFinder _images;
    private readonly string _file;

    public LabelStudioSource(string input, string? images)
    {
        _file = OneFile(input, "*.json");
        _images = new ImageFinder(images ?? FolderOf(_file));
        _json = ParseJson(_file);
        if (_json.RootElement.ValueKind != JsonValueKind.Array
            || _json.RootElement.EnumerateArray().Any(task => task.Member("data") is null))
            throw new InvalidDataException($"'{_file}' is no list of tasks with \"data\" and \"annotations\"; export "
                + "the project as \"JSON\", not as \"JSON-MIN\" or another format.");
    }

    public override IEnumerable<LabeledImage> Read(ImportReport report)
    {
        int task = 0;
        foreach (JsonElement element in _json.RootElement.EnumerateArray())
        {
            task++;
            if (ImageOf(element) is not { } url)
            {
                report.SkipImage($"task {task}", "a task without an image");
                continue;
            }
            string file = FileOf(url), name = LabeledImage.ToName(file);
            JsonElement[] annotations =
            [
                .. element.Items("annotations").Where(annotation => !annotation.IsTrue("was_cancelled"))
                    .OrderByDescending(annotation => annotation.IsTrue("ground_truth"))
            ];
            if (annotations.Length == 0)
            {
                report.SkipImage(name, "a task that nobody has annotated");
                continue;
            }
            JsonElement[] results = [.. annotations[0].Items("result")];
            (int Width, int Height)?[] sizes = [.. results.Where(result => result.Member("original_width") is not null)
                .Select(result => result.Size("original_width", "original_height")).Distinct()];
            if (sizes.Length > 1)
            {
                report.Fault(name, $"its annotation has several sizes of the image: {sizes[0]} and {sizes[1]}.");
                continue;
            }
            List<Shape> shapes = [];
            for (int i = 0; i < results.Length; i++)
                if (ReadShape(results[i], i + 1, out string why) is { } shape)
                    shapes.Add(shape);
                else
                    report.SkipShape(name, i + 1, why);
            yield return new LabeledImage
            {
                Name = name,
                // A file that was uploaded has eight random digits in front of its name.
                Path = _images.Find(file) ?? (UploadPrefix().Replace(file, "") is var own && own != file
                    ? _images.Find(own) : null),
                Size = sizes is [{ } size] ? size : null,
                Shapes = shapes,
            };
        }
    }

    public override void Dispose() => _json.Dispose();

    private static Shape? ReadShape(JsonElement result, int number, out string why)
    {
        string kind = result.Text("type") ?? "";
        if (result.Member("value") is not { } value
            || result.Size("original_width", "original_height") is not var (width, height))
        {
            why = kind.Length == 0 ? "a result without a type" : $"a {kind} result without a size";
            return null;
        }
        if (result.Number("image_rotation") is not (null or 0))
        {
            why = "an image that was turned in Label Studio";
            return null;
        }
        string[] labels = [.. value.Items(kind).Where(label => label.ValueKind == JsonValueKind.String)
            .Select(label => label.GetString()!)];
        // Percent of the sides.
        double x = Coordinate("x", width), y = Coordinate("y", height), turn = value.Number("rotation") ?? 0;
        ShapePart? part = null;
        switch (kind)
        {
            case "polygonlabels":
                part = PolygonPart.Create(value.Positions("points")
                    .Select(point => new Position(point.X * width / 100, point.Y * height / 100)), out why);
                break;
            case "rectanglelabels":
                part = PolygonPart.Rectangle(new(x, y),
                    new(x + Coordinate("width", width), y + Coordinate("height", height)), turn, new(x, y), out why);
                break;
            case "ellipselabels":
                part = PolygonPart.Ellipse(new(x, y), Coordinate("radiusX", width), Coordinate("radiusY", height), turn,
                    out why);
                break;
            case "brushlabels":
                why = "a brush that cannot be read";
                int[] packed = [.. value.Items("rle").Select(one => ((JsonElement?)one).Whole() ?? -1)];
                if (packed.All(number => number is >= 0 and <= 255)
                    && LabelStudioBrush.Decode([.. packed.Select(number => (byte)number)], (long)width * height)
                        is { } runs)
                    part = RunsPart.Create(0, 0, width, height, byColumn: false, runs, out why);
                break;
            default:
                why = $"a {kind} result, which has no area with a class";
                break;
        }
        if (part is not null && labels.Length != 1)
            why = labels.Length == 0 ? "no label" : "several labels";
        return why.Length > 0 ? null : new Shape(number, labels[0], [part!]);

        double Coordinate(string name, int side) => (value.Number(name) ?? double.NaN) * side / 100;
    }

    // The value of data that is an image: "image", or the first that ends as one.
    private static string? ImageOf(JsonElement task) => task.Member("data") is not { } data ? null
        : data.Text("image") ?? (data.ValueKind != JsonValueKind.Object ? null : data.EnumerateObject()
            .Where(member => member.Value.ValueKind == JsonValueKind.String)
            .Select(member => member.Value.GetString()!)
            .FirstOrDefault(text => ImageFiles.IsSupported(FileOf(text)) || ImageFiles.IsUnsupported(FileOf(text))));

    // "/data/local-files/?d=street/1.jpg", "/data/upload/3/1a2b3c4d-1.jpg", "https://host/street/1.jpg?key=1".
    private static string FileOf(string url)
    {
        int local = url.IndexOf("?d=", StringComparison.Ordinal), scheme = url.IndexOf("://", StringComparison.Ordinal);
        if (local >= 0)
            return Uri.UnescapeDataString(url[(local + 3)..].Split('&')[0]);
        if (scheme >= 0 && url.IndexOf('/', scheme + 3) is > 0 and var path)
            return Uri.UnescapeDataString(url[(path + 1)..].Split('?')[0]);
        return Uri.UnescapeDataString(url.Split('?')[0]).TrimStart('/');
    }

    [GeneratedRegex(@"(?<=^|/)[0-9a-f]{8}-(?=[^/]+$)")]
    private static partial Regex UploadPrefix();
}
