using System.Text.Json;
using FastScnn.Torch.Data;

namespace FastScnn.Tool.Import;

/// <summary>Reads what a labelling tool wrote.</summary>
internal abstract class LabelSource : IDisposable
{
    public const string Labelme = "labelme", Coco = "coco", Yolo = "yolo", Cvat = "cvat", LabelStudio = "label-studio";

    /// <summary>The classes in the order that the tool's file states; null where it states none.</summary>
    public virtual IReadOnlyList<string>? Classes => null;

    /// <summary>Whether small shapes lie above large ones, where nothing else is asked for; otherwise later ones
    /// above earlier ones.</summary>
    public virtual bool SmallAbove => false;

    /// <summary>Reads the images with their shapes, one at a time; may be called again.</summary>
    /// <param name="report">Takes what cannot be read.</param>
    public abstract IEnumerable<LabeledImage> Read(ImportReport report);

    public virtual void Dispose() { }

    /// <summary>Opens the files of a tool.</summary>
    /// <param name="tool">Its name.</param>
    /// <param name="input">The value of --input.</param>
    /// <param name="images">The value of --images; null where it was not given.</param>
    public static LabelSource Open(string tool, string input, string? images)
    {
        if (!File.Exists(input) && !Directory.Exists(input))
            throw new FileNotFoundException($"--input names '{input}', which is neither a file nor a folder.");
        if (images is not null && !Directory.Exists(images))
            throw new DirectoryNotFoundException($"--images names '{images}', which is no folder.");
        return tool switch
        {
            Labelme => new LabelmeSource(input, images),
            Coco => new CocoSource(input, images),
            Yolo => new YoloSource(input, images),
            Cvat => new CvatSource(input, images),
            _ => new LabelStudioSource(input, images),
        };
    }

    /// <summary>The file itself, or the one that a folder is searched for.</summary>
    /// <param name="input">The value of --input.</param>
    /// <param name="pattern">Which file of the folder, such as *.json.</param>
    protected static string OneFile(string input, string pattern)
    {
        if (File.Exists(input))
            return input;
        string[] files =
        [
            .. Directory.GetFiles(input, pattern).Where(file => !ImageFiles.IsIgnored(Path.GetFileName(file)))
                .Order(StringComparer.Ordinal)
        ];
        return files.Length == 1 ? files[0] : throw new FileNotFoundException(
            $"The folder '{input}' has {files.Length} files {pattern}; expected one, or --input with the file.");
    }

    /// <summary>The folder of a file.</summary>
    protected static string FolderOf(string file) => Path.GetDirectoryName(Path.GetFullPath(file))!;

    /// <summary>Parses a whole JSON file.</summary>
    /// <exception cref="InvalidDataException">It is none.</exception>
    protected static JsonDocument ParseJson(string file)
    {
        try
        {
            using FileStream stream = ImageFiles.OpenRead(file);
            return JsonDocument.Parse(stream);
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"'{file}' is no JSON: {e.Message}", e);
        }
    }
}

/// <summary>Members of JSON objects that may be missing or of another kind.</summary>
internal static class JsonMembers
{
    public static JsonElement? Member(this JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out JsonElement value)
        && value.ValueKind != JsonValueKind.Null ? value : null;

    public static string? Text(this JsonElement element, string name) =>
        element.Member(name) is { ValueKind: JsonValueKind.String } value ? value.GetString() : null;

    public static double? Number(this JsonElement element, string name) => Number(element.Member(name));

    public static double? Number(this JsonElement? element) =>
        element is { ValueKind: JsonValueKind.Number } value && value.TryGetDouble(out double number) ? number : null;

    public static int? Whole(this JsonElement element, string name) => Whole(element.Member(name));

    public static int? Whole(this JsonElement? element) =>
        element is { ValueKind: JsonValueKind.Number } value && value.TryGetInt32(out int number) ? number : null;

    public static bool IsTrue(this JsonElement element, string name) =>
        element.Member(name) is { ValueKind: JsonValueKind.True };

    /// <summary>The elements of an array; empty where there is none.</summary>
    public static IEnumerable<JsonElement> Items(this JsonElement element, string name) =>
        element.Member(name) is { ValueKind: JsonValueKind.Array } list ? list.EnumerateArray() : [];

    /// <summary>Width and height, where both are there.</summary>
    public static (int Width, int Height)? Size(this JsonElement element, string width, string height) =>
        element.Whole(width) is { } columns && element.Whole(height) is { } rows ? (columns, rows) : null;

    /// <summary>An array of pairs; what is no number becomes NaN, which no shape takes.</summary>
    public static Position[] Positions(this JsonElement element, string name) =>
    [
        .. element.Items(name).Select(pair => pair.ValueKind == JsonValueKind.Array && pair.GetArrayLength() >= 2
            ? new Position(Number(pair[0]) ?? double.NaN, Number(pair[1]) ?? double.NaN)
            : new Position(double.NaN, double.NaN))
    ];

    private static double? Number(JsonElement element) => Number((JsonElement?)element);
}

/// <summary>Finds the image files that labels name.</summary>
/// <param name="folder">Where paths start from, and which is searched for names.</param>
internal sealed class ImageFinder(string folder)
{
    private readonly Lazy<ILookup<string, string>> _byName = new(() =>
    {
        (IReadOnlyList<string> images, IReadOnlyList<string> unsupported) = ImageFiles.List(folder, subfolders: true);
        return images.Concat(unsupported).ToLookup(path => Path.GetFileName(path), StringComparer.Ordinal);
    });

    /// <summary>The file at the path, or the only one of its name in the folder and those below it, or of those the one
    /// with most of the path in common; null where there is none.</summary>
    /// <param name="path">A path as a tool wrote it, on any system.</param>
    public string? Find(string path)
    {
        string given = path.Replace('\\', '/');
        string exact = Path.GetFullPath(Path.Combine(folder, given));
        if (File.Exists(exact))
            return exact;
        string[] parts = LabeledImage.ToName(given).Split('/');
        (string File, int Common)[] found =
        [
            .. _byName.Value[parts[^1]].Select(file => (file, Common(file.Replace('\\', '/').Split('/'), parts)))
                .OrderByDescending(pair => pair.Item2)
        ];
        return found.Length == 1 || found.Length > 1 && found[0].Common > found[1].Common ? found[0].File : null;
    }

    private static int Common(string[] a, string[] b)
    {
        int count = 0;
        while (count < Math.Min(a.Length, b.Length) && a[^(count + 1)] == b[^(count + 1)]) count++;
        return count;
    }
}

/// <summary>What was not imported, and why.</summary>
internal sealed class ImportReport
{
    private const int MostPlaces = 5;

    private readonly List<Finding> _findings = [];

    /// <param name="Image">The image, or the tool's file.</param>
    /// <param name="Shape">Which shape of it, from 1; null for the whole.</param>
    /// <param name="Why">The reason, the same words for all of a kind.</param>
    /// <param name="IsFault">Whether something is wrong, so that the command fails, and not just left out.</param>
    public sealed record Finding(string Image, int? Shape, string Why, bool IsFault);

    public IEnumerable<Finding> Skipped => _findings.Where(finding => !finding.IsFault);

    public IEnumerable<Finding> Faults => _findings.Where(finding => finding.IsFault);

    /// <summary>Says that an image is left out.</summary>
    public void SkipImage(string image, string why) => _findings.Add(new(image, null, why, false));

    /// <summary>Says that a shape of an image is left out.</summary>
    public void SkipShape(string image, int shape, string why) => _findings.Add(new(image, shape, why, false));

    /// <summary>Says that an image, or a file of labels, is left out because it is wrong.</summary>
    public void Fault(string image, string why) => _findings.Add(new(image, null, why, true));

    /// <summary>A line for each reason, with the first places.</summary>
    public IEnumerable<string> Lines() => Skipped.GroupBy(finding => (IsImage: finding.Shape is null, finding.Why))
        .Select(group =>
    {
        int count = group.Count();
        string what = group.Key.IsImage ? "image" : "shape";
        string places = string.Join(", ", group.Take(MostPlaces)
            .Select(finding => finding.Shape is { } shape ? $"'{finding.Image}' shape {shape}" : $"'{finding.Image}'"));
        return $"skipped {count} {what}{(count == 1 ? "" : "s")}: {group.Key.Why}: {places}"
            + (count > MostPlaces ? $" and {count - MostPlaces} more" : "");
    });
}
