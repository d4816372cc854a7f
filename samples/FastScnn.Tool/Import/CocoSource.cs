using System.Text.Json;
using FastScnn.ML.Regions;

namespace FastScnn.Tool.Import;

/// <summary>COCO: one JSON file of images, categories and annotations.</summary>
/// <remarks>https://cocodataset.org/#format-data. The file is parsed once and held, which takes about three times its
/// size; shapes are read one image at a time.</remarks>
internal sealed class CocoSource : LabelSource
{
    private readonly JsonDocument _json;
    private readonly ImageFinder _images;
    private readonly string _file;
    private readonly Dictionary<long, string> _categories = [];

    public CocoSource(string input, string? images)
    {
        _file = OneFile(input, "*.json");
        _images = new ImageFinder(images ?? FolderOf(_file));
        _json = ParseJson(_file);
        foreach (string list in new[] { "images", "annotations", "categories" })
            if (_json.RootElement.Member(list) is not { ValueKind: JsonValueKind.Array })
                throw new InvalidDataException(
                    $"'{_file}' has no array \"{list}\"; COCO has images, annotations and categories.");
        foreach (JsonElement category in _json.RootElement.Items("categories"))
            if (Id(category, "id") is not { } id || category.Text("name") is not { Length: > 0 } name
                || !_categories.TryAdd(id, name))
                throw new InvalidDataException(
                    $"'{_file}' has a category without an id and a name of its own: {category.GetRawText()}.");
    }

    public override IReadOnlyList<string> Classes =>
        [.. _categories.OrderBy(pair => pair.Key).Select(pair => pair.Value).Distinct(StringComparer.Ordinal)];

    public override bool SmallAbove => true;

    public override IEnumerable<LabeledImage> Read(ImportReport report)
    {
        ILookup<long?, (JsonElement Annotation, int Number)> annotations = _json.RootElement.Items("annotations")
            .Select((annotation, i) => (annotation, i + 1)).ToLookup(pair => Id(pair.annotation, "image_id"));
        HashSet<long> ids = [];
        foreach (JsonElement image in _json.RootElement.Items("images"))
        {
            if (Id(image, "id") is not { } id || image.Text("file_name") is not { Length: > 0 } file || !ids.Add(id))
                throw new InvalidDataException(
                    $"'{_file}' has an image without a file_name and an id of its own: {image.GetRawText()}.");
            string name = LabeledImage.ToName(file);
            (int Width, int Height)? size = image.Size("width", "height");
            List<Shape> shapes = [];
            foreach ((JsonElement annotation, int number) in annotations[id])
                if (ReadShape(annotation, number, size, out string why) is { } shape)
                    shapes.Add(shape);
                else
                    report.SkipShape(name, number, why);
            yield return new LabeledImage
            {
                Name = name,
                Path = _images.Find(file),
                Size = size,
                Shapes = shapes,
            };
        }
        foreach ((_, int number) in annotations.Where(group => group.Key is not { } id || !ids.Contains(id))
            .SelectMany(group => group))
            report.SkipShape(Path.GetFileName(_file), number, "an annotation of an image that the file does not have");
    }

    public override void Dispose() => _json.Dispose();

    private Shape? ReadShape(JsonElement annotation, int number, (int Width, int Height)? size, out string why)
    {
        if (Id(annotation, "category_id") is not { } category || !_categories.TryGetValue(category, out string? label))
        {
            why = "a category_id that the file does not have";
            return null;
        }
        why = "a box without a segmentation";
        List<ShapePart> parts = [];
        switch (annotation.Member("segmentation"))
        {
            case { ValueKind: JsonValueKind.Array } polygons:
                foreach (JsonElement polygon in polygons.EnumerateArray())
                    if (ReadPolygon(polygon, out why) is { } part)
                        parts.Add(part);
                    else
                        return null;
                break;
            case { ValueKind: JsonValueKind.Object } runs:
                if (ReadRuns(runs, size, out why) is { } mask) parts.Add(mask);
                break;
        }
        return parts.Count > 0 ? new Shape(number, label, parts) : null;
    }

    private static PolygonPart? ReadPolygon(JsonElement polygon, out string why)
    {
        double[] numbers = polygon.ValueKind != JsonValueKind.Array ? [double.NaN]
            : [.. polygon.EnumerateArray().Select(number => ((JsonElement?)number).Number() ?? double.NaN)];
        why = "a polygon that is no list of x and y";
        return numbers.Length % 2 != 0 ? null
            : PolygonPart.Create(numbers.Chunk(2).Select(pair => new Position(pair[0], pair[1])), out why);
    }

    private static RunsPart? ReadRuns(JsonElement runs, (int Width, int Height)? size, out string why)
    {
        int?[] sides = [.. runs.Items("size").Select(side => ((JsonElement?)side).Whole())];
        why = "run lengths that cannot be read";
        if (sides is not [{ } height, { } width])
            return null;
        why = "run lengths of another size than the image";
        if (size is { } stated && stated != (width, height))
            return null;
        why = "run lengths that cannot be read";
        try
        {
            RunLengths? lengths = runs.Member("counts") switch
            {
                { ValueKind: JsonValueKind.String } text => RunLengths.Parse(width, height, text.GetString()!),
                { ValueKind: JsonValueKind.Array } list => RunLengths.FromCounts(width, height,
                    list.EnumerateArray().Select(run => ((JsonElement?)run).Whole() is >= 0 and var count ? (uint)count
                        : throw new InvalidDataException($"The count {run.GetRawText()} is no whole number."))),
                _ => null,
            };
            return lengths is null ? null : RunsPart.Create(0, 0, width, height, byColumn: true,
                [.. lengths.Counts.Select(count => (int)count)], out why);
        }
        catch (Exception exception) when (exception is InvalidDataException or ArgumentException)
        {
            why = $"run lengths that cannot be read: {exception.Message}";
            return null;
        }
    }

    private static long? Id(JsonElement element, string name) =>
        element.Member(name) is { ValueKind: JsonValueKind.Number } value && value.TryGetInt64(out long id) ? id : null;
}
