using System.Collections;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace FastScnn.Torch.Data;

/// <summary>The classes of a segmentation task in the order of their ids, and the id of pixels that belong to no
/// class.</summary>
/// <remarks>Immutable; two lists are equal when classes, order and <see cref="IgnoreIndex"/> are equal.</remarks>
[CollectionBuilder(typeof(ClassList), nameof(Create))]
public sealed class ClassList : IReadOnlyList<SegmentationClass>, IEquatable<ClassList>
{
    /// <summary>The fewest classes a list may have.</summary>
    public const int MinCount = 2;

    /// <summary>The most classes a list may have: ids are bytes and one id must stay free for "ignored".</summary>
    public const int MaxCount = 255;

    /// <summary>The default of <see cref="IgnoreIndex"/>.</summary>
    public const byte DefaultIgnoreIndex = 255;

    // Names in any script stay as they are; the file is no part of a web page.
    private static readonly ClassNameJson s_readable = new(new JsonSerializerOptions
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping
    });

    private readonly SegmentationClass[] _classes;

    /// <summary>Makes a list of 2 to 255 classes with unique names.</summary>
    /// <param name="classes">The classes; the position is the id.</param>
    /// <param name="ignoreIndex">The id of pixels that belong to no class; not the id of a class.</param>
    /// <exception cref="ArgumentException">Too few or too many classes, an empty or repeated name, or an ignore index
    /// that is the id of a class.</exception>
    public ClassList(IEnumerable<SegmentationClass> classes, byte ignoreIndex = DefaultIgnoreIndex)
    {
        ArgumentNullException.ThrowIfNull(classes);
        _classes = [.. classes];
        IgnoreIndex = ignoreIndex;
        if (_classes.Length is < MinCount or > MaxCount)
            throw WrongCount(_classes.Length);
        var ids = new Dictionary<string, int>(StringComparer.Ordinal);
        for (int id = 0; id < _classes.Length; id++)
        {
            string? name = _classes[id]?.Name;
            if (string.IsNullOrWhiteSpace(name))
                throw new ArgumentException($"Class {id} has no name.");
            if (!ids.TryAdd(name, id))
                throw new ArgumentException(
                    $"Classes {ids[name]} and {id} are both named '{name}'; names must be unique.");
        }
        if (ignoreIndex < _classes.Length)
            throw new ArgumentException($"The ignore index {ignoreIndex} is the id of class "
                + $"'{_classes[ignoreIndex].Name}'; with {_classes.Length} classes it must be {_classes.Length} to 255.");
    }

    /// <summary>The 19 classes of Cityscapes by training id, in the official colours; 255 is ignored.</summary>
    public static ClassList Cityscapes { get; } = KnownClasses.Cityscapes();

    /// <summary>The 11 classes of CamVid as SegNet's split numbers them; 11 (void) is ignored.</summary>
    public static ClassList CamVid { get; } = KnownClasses.CamVid();

    /// <summary>The 20 object classes of Pascal VOC 2012 after "background"; 255 (border) is ignored.</summary>
    public static ClassList PascalVoc { get; } = KnownClasses.PascalVoc();

    /// <summary>The id of pixels that belong to no class. Never the id of a class.</summary>
    public byte IgnoreIndex { get; }

    /// <summary>The number of classes, 2..255.</summary>
    public int Count => _classes.Length;

    /// <summary>The names of the classes, by id.</summary>
    public IReadOnlyList<string> Names => field ??= [.. _classes.Select(c => c.Name)];

    /// <summary>The class with an id.</summary>
    /// <param name="index">The id, 0..<see cref="Count"/>-1.</param>
    public SegmentationClass this[int index] => _classes[index];

    /// <summary>Classes named "class 0", "class 1" and so on, in the colours of Pascal VOC's palette; 255 is
    /// ignored.</summary>
    /// <param name="count">How many classes, 2..255.</param>
    /// <exception cref="ArgumentException"><paramref name="count"/> is out of range.</exception>
    public static ClassList Generic(int count) => count is < MinCount or > MaxCount
        ? throw WrongCount(count)
        : new ClassList(Enumerable.Range(0, count).Select(id => KnownClasses.WithVocColor($"class {id}", id)));

    /// <summary>Makes a list that ignores 255; lets a collection expression be a <see cref="ClassList"/>.</summary>
    /// <param name="classes">The classes; the position is the id.</param>
    /// <exception cref="ArgumentException">As the constructor.</exception>
    public static ClassList Create(ReadOnlySpan<SegmentationClass> classes) => new(classes.ToArray());

    /// <summary>Reads a <c>classes.json</c>: <c>{ "ignoreIndex": 255, "classes": [ { "name": "road", "color": [128, 64,
    /// 128] }, ... ] }</c>.</summary>
    /// <param name="path">The file. Its <c>ignoreIndex</c> may be left out (255); other members are not looked
    /// at.</param>
    /// <exception cref="InvalidDataException">The file is not JSON of this form; the message names the file and the
    /// place.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static ClassList Load(string path)
    {
        using var text = new StreamReader(ImageFiles.OpenRead(path));
        return Parse(text.ReadToEnd(), path);
    }

    /// <summary>Reads the text of a <c>classes.json</c> (see <see cref="Load"/>).</summary>
    /// <param name="json">The text.</param>
    /// <param name="name">The name of the text in error messages, such as its file name.</param>
    /// <exception cref="InvalidDataException">The text is not JSON of this form.</exception>
    public static ClassList Parse(string json, string name)
    {
        ArgumentNullException.ThrowIfNull(json);
        ArgumentNullException.ThrowIfNull(name);
        try
        {
            using JsonDocument document = JsonDocument.Parse(json);
            JsonElement root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("classes", out JsonElement list)
                || list.ValueKind != JsonValueKind.Array)
                throw Unreadable(name, "it must be an object with an array \"classes\"");
            byte ignoreIndex = root.TryGetProperty("ignoreIndex", out JsonElement ignore)
                ? ReadByte(ignore, name, "ignoreIndex")
                : DefaultIgnoreIndex;
            return new ClassList(list.EnumerateArray()
                .Select((element, id) => ReadClass(element, name, $"classes[{id}]")), ignoreIndex);
        }
        // InvalidOperationException: a text with half a surrogate pair.
        catch (Exception exception) when (exception is JsonException or ArgumentException or InvalidOperationException)
        {
            throw Unreadable(name, exception.Message, exception);
        }
    }

    /// <summary>Writes a <c>classes.json</c> that <see cref="Load"/> reads back to an equal list.</summary>
    /// <param name="path">The file; it is replaced when it exists, and left alone when writing fails.</param>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void Save(string path) => WholeFile.Write(path, ToJson());

    /// <summary>The text that <see cref="Save"/> writes.</summary>
    public string ToJson()
    {
        var text = new StringBuilder();
        text.Append("{\n  \"ignoreIndex\": ").Append(IgnoreIndex).Append(",\n  \"classes\": [\n");
        for (int id = 0; id < Count; id++)
        {
            (string name, byte red, byte green, byte blue) = this[id];
            text.Append(
                $"    {{ \"name\": {JsonSerializer.Serialize(name, s_readable.String)}, \"color\": [{red}, {green}, {blue}] }}")
                .Append(id + 1 < Count ? ",\n" : "\n");
        }
        return text.Append("  ]\n}\n").ToString();
    }

    /// <summary>Whether both lists have the same names in the same order, so that an id means the same in both; colours
    /// and ignored ids may differ.</summary>
    /// <param name="other">The other list.</param>
    public bool HasSameNames(ClassList other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return ReferenceEquals(this, other) || Names.SequenceEqual(other.Names, StringComparer.Ordinal);
    }

    /// <inheritdoc/>
    public IEnumerator<SegmentationClass> GetEnumerator() => ((IEnumerable<SegmentationClass>)_classes).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <inheritdoc/>
    public bool Equals(ClassList? other) =>
        other is not null && IgnoreIndex == other.IgnoreIndex && _classes.AsSpan().SequenceEqual(other._classes);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as ClassList);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        hash.Add(IgnoreIndex);
        foreach (SegmentationClass segmentationClass in _classes)
            hash.Add(segmentationClass);
        return hash.ToHashCode();
    }

    private static SegmentationClass ReadClass(JsonElement element, string name, string place)
    {
        if (element.ValueKind != JsonValueKind.Object)
            throw Unreadable(name, $"{place} must be an object with \"name\" and \"color\", not {Quote(element)}");
        if (!element.TryGetProperty("name", out JsonElement text) || text.ValueKind != JsonValueKind.String)
            throw Unreadable(name, $"{place}.name must be a text");
        if (!element.TryGetProperty("color", out JsonElement color) || color.ValueKind != JsonValueKind.Array
            || color.GetArrayLength() != 3)
            throw Unreadable(name, $"{place}.color must be three numbers [red, green, blue]");
        return new SegmentationClass(
            text.GetString()!,
            ReadByte(color[0], name, $"{place}.color[0]"),
            ReadByte(color[1], name, $"{place}.color[1]"),
            ReadByte(color[2], name, $"{place}.color[2]"));
    }

    private static byte ReadByte(JsonElement element, string name, string place) =>
        element.ValueKind == JsonValueKind.Number && element.TryGetByte(out byte value)
            ? value
            : throw Unreadable(name, $"{place} must be a whole number 0..255, not {Quote(element)}");

    private static string Quote(JsonElement element) =>
        element.GetRawText() is { Length: > 40 } text ? text[..40] + "..." : element.GetRawText();

    private static InvalidDataException Unreadable(string file, string problem, Exception? inner = null) =>
        new($"'{file}' is not a class list: {problem.TrimEnd('.')}.", inner);

    private static ArgumentException WrongCount(int count) =>
        new($"A class list has {MinCount} to {MaxCount} classes, not {count}.");
}

/// <summary>One class of a segmentation task: its name and the colour it is drawn in.</summary>
/// <param name="Name">The name shown to people, such as <c>road</c>.</param>
/// <param name="Red">Red of the colour, 0..255.</param>
/// <param name="Green">Green of the colour, 0..255.</param>
/// <param name="Blue">Blue of the colour, 0..255.</param>
public sealed record SegmentationClass(string Name, byte Red, byte Green, byte Blue);

/// <summary>How names are written, without reflection.</summary>
[JsonSerializable(typeof(string))]
internal sealed partial class ClassNameJson : JsonSerializerContext;
