using System.Globalization;
using FastScnn.Torch.Data;

namespace FastScnn.Tool.Import;

/// <summary>YOLO segmentation as Ultralytics has it: a data.yaml with the classes and the folders of images, and a text
/// file of polygons for each image.</summary>
/// <remarks>https://docs.ultralytics.com/datasets/segment/.</remarks>
internal sealed class YoloSource : LabelSource
{
    private static readonly string[] s_splits = ["train", "val", "test"];

    private readonly string _file, _root;
    private readonly IReadOnlyDictionary<int, string> _names;
    private readonly List<(string Split, string Image)> _images = [];

    public YoloSource(string input, string? images)
    {
        _file = OneFile(input, "*.yaml");
        DataYaml yaml = DataYaml.Read(_file);
        _names = yaml.Names;
        string folder = images ?? FolderOf(_file);
        _root = Path.GetFullPath(Path.Combine(folder, images is null ? yaml.Path ?? "" : ""));
        if (!Directory.Exists(_root))
            _root = Path.GetFullPath(folder);
        foreach (string split in s_splits)
            foreach (string place in yaml.Places.GetValueOrDefault(split, []))
                _images.AddRange(ImagesOf(place, split).Select(image => (split, image)));
        if (_images.Count == 0)
            throw new InvalidDataException($"'{_file}' names no images in train, val or test.");
    }

    public override IReadOnlyList<string> Classes => [.. _names.OrderBy(pair => pair.Key).Select(pair => pair.Value)];

    public override IEnumerable<LabeledImage> Read(ImportReport report)
    {
        foreach ((string split, string image) in _images)
        {
            string name = LabeledImage.ToName(Path.GetRelativePath(_root, image));
            string labels = LabelsOf(image);
            List<Shape> shapes = [];
            bool isSound = true;
            if (File.Exists(labels))
            {
                int number = 0;
                foreach (string line in File.ReadLines(labels).Where(line => !string.IsNullOrWhiteSpace(line)))
                {
                    number++;
                    string[] words = line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
                    if (!int.TryParse(words[0], NumberStyles.None, CultureInfo.InvariantCulture, out int id)
                        || !_names.TryGetValue(id, out string? label))
                    {
                        report.Fault(name, $"line {number} of '{labels}' begins with '{words[0]}', which is no class "
                            + $"of '{_file}'.");
                        isSound = false;
                        break;
                    }
                    if (ReadPolygon(words.AsSpan(1), out string why) is { } polygon)
                        shapes.Add(new Shape(number, label, [polygon]));
                    else
                        report.SkipShape(name, number, why);
                }
            }
            if (isSound)
                yield return new LabeledImage
                {
                    Name = name,
                    Path = File.Exists(image) ? image : null,
                    IsRelative = true,
                    Split = split,
                    Shapes = shapes,
                };
        }
    }

    private static PolygonPart? ReadPolygon(ReadOnlySpan<string> words, out string why)
    {
        double[] numbers = new double[words.Length];
        for (int i = 0; i < words.Length; i++)
            numbers[i] = double.TryParse(words[i], NumberStyles.Float, CultureInfo.InvariantCulture, out double number)
                ? number : double.NaN;
        why = numbers.Length == 4 ? "a box of a data set for detection, and no polygon"
            : numbers.Length % 2 != 0 ? "a polygon that is no list of x and y"
            : numbers.Any(number => number is < -1 or > 2) ? "positions in pixels, and not as parts of the sides" : "";
        return why.Length > 0 ? null
            : PolygonPart.Create(numbers.Chunk(2).Select(pair => new Position(pair[0], pair[1])), out why);
    }

    // The last folder "images" of the path becomes "labels"; where there is none, labels lie beside the images.
    private static string LabelsOf(string image)
    {
        string path = image.Replace('\\', '/');
        int at = path.LastIndexOf("/images/", StringComparison.Ordinal);
        return Path.ChangeExtension(at < 0 ? path : $"{path[..at]}/labels/{path[(at + "/images/".Length)..]}", ".txt");
    }

    // A folder, or a text file with an image a line.
    private IEnumerable<string> ImagesOf(string place, string key)
    {
        // Roboflow writes ../train/images for what lies beside data.yaml.
        string path = new[] { place, place.StartsWith("../", StringComparison.Ordinal) ? place[3..] : place }
            .Select(text => Path.GetFullPath(Path.Combine(_root, text)))
            .FirstOrDefault(full => Directory.Exists(full) || File.Exists(full))
            ?? throw new DirectoryNotFoundException(
                $"'{_file}' names '{place}' as {key}, which is neither a file nor a folder below '{_root}'.");
        if (Directory.Exists(path))
        {
            (IReadOnlyList<string> images, IReadOnlyList<string> unsupported) = ImageFiles.List(path, subfolders: true);
            return images.Concat(unsupported).Order(StringComparer.Ordinal);
        }
        return File.ReadLines(path).Select(line => line.Trim()).Where(line => line.Length > 0)
            .Select(line => Path.GetFullPath(Path.Combine(
                line.StartsWith("./", StringComparison.Ordinal) ? FolderOf(path) : _root, line)));
    }
}

/// <summary>The part of YAML that a data.yaml uses: top-level keys with a text, a list or a map, in one line or in
/// indented ones.</summary>
internal sealed class DataYaml
{
    private readonly string _file;

    private DataYaml(string file) => _file = file;

    public string? Path { get; private set; }

    /// <summary>Folders or lists of images, by the key.</summary>
    public Dictionary<string, string[]> Places { get; } = new(StringComparer.Ordinal);

    public IReadOnlyDictionary<int, string> Names { get; private set; } = new Dictionary<int, string>();

    /// <exception cref="InvalidDataException">The file has no names, or what this part of YAML does not have; the
    /// message has the line.</exception>
    public static DataYaml Read(string file)
    {
        DataYaml yaml = new(file);
        foreach ((string key, List<(int Line, string Text)> lines) in yaml.Entries())
        {
            if (key == "path")
                yaml.Path = yaml.Values(lines).FirstOrDefault().Value;
            else if (key is "train" or "val" or "test")
                yaml.Places[key] = [.. yaml.Values(lines).Select(one => one.Value).Where(place => place.Length > 0)];
            else if (key == "names")
                yaml.Names = yaml.NamesOf(lines);
        }
        return yaml.Names.Count > 0 ? yaml : throw new InvalidDataException(
            $"'{file}' has no names of classes; expected \"names:\" with a list or a map.");
    }

    // A key at the start of a line, the rest of that line and the indented lines below it.
    private IEnumerable<(string Key, List<(int Line, string Text)> Lines)> Entries()
    {
        string? key = null;
        List<(int, string)> lines = [];
        int number = 0;
        foreach (string raw in File.ReadLines(_file))
        {
            number++;
            string line = WithoutComment(raw).TrimEnd();
            if (line.Length == 0 || line is "---" or "...")
                continue;
            bool isInner = line[0] is ' ' or '-' or '\t' || (lines.Count > 0 && IsOpen(lines));
            if (!isInner)
            {
                if (key is not null) yield return (key, lines);
                int colon = line.IndexOf(':');
                if (colon < 1) throw Fault(number, $"expected a key with ':', found '{line}'");
                (key, lines) = (Unquote(line[..colon].Trim(), number), []);
                line = line[(colon + 1)..];
            }
            else if (key is null)
                throw Fault(number, $"expected a key at the start of the line, found '{line}'");
            if (line.Trim().Length > 0) lines.Add((number, line.Trim()));
        }
        if (key is not null) yield return (key, lines);

        // A list or map in brackets that goes on.
        static bool IsOpen(List<(int, string Text)> lines) => lines[0].Text[0] is '[' or '{'
            && lines[^1].Text[^1] is not (']' or '}');
    }

    // Texts, each with the key that it has in a map.
    private IEnumerable<(string? Key, string Value, int Line)> Values(List<(int Line, string Text)> lines)
    {
        if (lines.Count == 0)
            yield break;
        (int first, string start) = lines[0];
        if (start[0] is '[' or '{')
        {
            string text = string.Join(' ', lines.Select(line => line.Text));
            if (text[^1] != (start[0] == '[' ? ']' : '}'))
                throw Fault(first, $"'{start}' has no end");
            foreach (string part in Split(text[1..^1]))
                yield return start[0] == '[' ? (null, Unquote(part, first), first) : Pair(part, first);
        }
        else if (lines.Count == 1 && start[0] != '-' && !IsPair(start))
            yield return (null, Unquote(start, first), first);
        else
            foreach ((int line, string text) in lines)
                yield return text[0] == '-' ? (null, Unquote(text[1..].Trim(), line), line) : Pair(text, line);
    }

    private Dictionary<int, string> NamesOf(List<(int Line, string Text)> lines)
    {
        Dictionary<int, string> names = [];
        foreach ((string? key, string value, int line) in Values(lines))
        {
            int id = names.Count;
            if (key is not null && !int.TryParse(key, NumberStyles.None, CultureInfo.InvariantCulture, out id))
                throw Fault(line, $"the names have the key '{key}'; expected the number of a class");
            if (value.Length == 0 || !names.TryAdd(id, value))
                throw Fault(line, $"class {id} has no name, or two");
        }
        return names;
    }

    private (string Key, string Value, int Line) Pair(string text, int line)
    {
        int colon = text.IndexOf(':');
        return colon > 0 ? (Unquote(text[..colon].Trim(), line), Unquote(text[(colon + 1)..].Trim(), line), line)
            : throw Fault(line, $"expected an entry as '0: name' or '- name', found '{text}'");
    }

    // A path of Windows is a text.
    private static bool IsPair(string text) => text.IndexOf(':') is > 0 and var colon
        && (colon + 1 == text.Length || text[colon + 1] == ' ') && text[0] is not ('"' or '\'');

    private string Unquote(string text, int line)
    {
        if (text.Length == 0 || text[0] is not ('"' or '\'' or '&' or '*' or '!' or '|' or '>'))
            return text;
        if (text.Length < 2 || text[0] is not ('"' or '\'') || text[^1] != text[0])
            throw Fault(line, $"'{text}' is YAML that is not read here; expected a text, a list or a map");
        string inner = text[1..^1];
        return text[0] == '\'' ? inner.Replace("''", "'", StringComparison.Ordinal)
            : inner.Replace("\\\"", "\"", StringComparison.Ordinal).Replace("\\\\", "\\", StringComparison.Ordinal);
    }

    private static IEnumerable<string> Split(string text) =>
        Scan(text, ',').Select(part => part.Trim()).Where(part => part.Length > 0);

    // A # begins a comment at the start of a line and after a space.
    private static string WithoutComment(string line)
    {
        List<string> parts = Scan(line, '#');
        string text = parts[0];
        for (int i = 1; i < parts.Count && text.Length > 0 && !char.IsWhiteSpace(text[^1]); i++)
            text += "#" + parts[i];
        return text;
    }

    // The parts between separators that are not quoted.
    private static List<string> Scan(string text, char separator)
    {
        List<string> parts = [];
        int start = 0;
        char quote = '\0';
        for (int i = 0; i < text.Length; i++)
        {
            // A quote within a word is an apostrophe.
            bool isStart = i == 0 || text[i - 1] is ' ' or '[' or '{' or ',' or ':' or '-';
            if (quote == '\0' && text[i] is '"' or '\'' && isStart)
                quote = text[i];
            else if (quote != '\0' && text[i] == quote)
                quote = '\0';
            else if (quote == '\0' && text[i] == separator)
            {
                parts.Add(text[start..i]);
                start = i + 1;
            }
        }
        parts.Add(text[start..]);
        return parts;
    }

    private InvalidDataException Fault(int line, string what) => new(FormattableString.Invariant(
        $"'{_file}', line {line}: {what}."));
}
