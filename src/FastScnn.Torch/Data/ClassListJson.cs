using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace FastScnn.Torch.Data;

/// <summary>The text form of a <see cref="ClassList"/> (classes.json).</summary>
internal static class ClassListJson
{
    // Names in any script stay as they are; the file is no part of a web page.
    private static readonly JsonSerializerOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static ClassList Read(string json, string name)
    {
        ArgumentNullException.ThrowIfNull(json);
        ArgumentNullException.ThrowIfNull(name);
        try
        {
            using JsonDocument document = JsonDocument.Parse(json);
            JsonElement root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("classes", out JsonElement list) || list.ValueKind != JsonValueKind.Array)
                throw Errors.ClassesJson(name, "it must be an object with an array \"classes\"");
            byte ignoreIndex = root.TryGetProperty("ignoreIndex", out JsonElement ignore)
                ? ReadByte(ignore, name, "ignoreIndex")
                : ClassList.DefaultIgnoreIndex;
            return new ClassList(list.EnumerateArray().Select((element, id) => ReadClass(element, name, $"classes[{id}]")), ignoreIndex);
        }
        // InvalidOperationException: a text with half a surrogate pair.
        catch (Exception exception) when (exception is JsonException or ArgumentException or InvalidOperationException)
        {
            throw Errors.ClassesJson(name, exception.Message, exception);
        }
    }

    public static string Write(ClassList classes)
    {
        var text = new StringBuilder();
        text.Append("{\n  \"ignoreIndex\": ").Append(classes.IgnoreIndex).Append(",\n  \"classes\": [\n");
        for (int id = 0; id < classes.Count; id++)
        {
            (string name, byte red, byte green, byte blue) = classes[id];
            text.Append($"    {{ \"name\": {JsonSerializer.Serialize(name, Readable)}, \"color\": [{red}, {green}, {blue}] }}")
                .Append(id + 1 < classes.Count ? ",\n" : "\n");
        }
        return text.Append("  ]\n}\n").ToString();
    }

    private static SegmentationClass ReadClass(JsonElement element, string name, string place)
    {
        if (element.ValueKind != JsonValueKind.Object)
            throw Errors.ClassesJson(name, $"{place} must be an object with \"name\" and \"color\", not {Quote(element)}");
        if (!element.TryGetProperty("name", out JsonElement text) || text.ValueKind != JsonValueKind.String)
            throw Errors.ClassesJson(name, $"{place}.name must be a text");
        if (!element.TryGetProperty("color", out JsonElement color) || color.ValueKind != JsonValueKind.Array || color.GetArrayLength() != 3)
            throw Errors.ClassesJson(name, $"{place}.color must be three numbers [red, green, blue]");
        return new SegmentationClass(
            text.GetString()!,
            ReadByte(color[0], name, $"{place}.color[0]"),
            ReadByte(color[1], name, $"{place}.color[1]"),
            ReadByte(color[2], name, $"{place}.color[2]"));
    }

    private static byte ReadByte(JsonElement element, string name, string place) =>
        element.ValueKind == JsonValueKind.Number && element.TryGetByte(out byte value)
            ? value
            : throw Errors.ClassesJson(name, $"{place} must be a whole number 0..255, not {Quote(element)}");

    private static string Quote(JsonElement element) => element.GetRawText() is { Length: > 40 } text ? text[..40] + "..." : element.GetRawText();
}
