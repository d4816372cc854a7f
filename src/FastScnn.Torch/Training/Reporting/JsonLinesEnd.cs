using System.Text;
using System.Text.Json;

namespace FastScnn.Torch.Training.Reporting;

/// <summary>Finds where a file of JSON lines goes on.</summary>
internal static class JsonLinesEnd
{
    private const int BlockLength = 65536;

    /// <summary>Moves to the end of the last whole line and cuts off what a killed process left behind it.</summary>
    /// <exception cref="InvalidDataException">The file is not empty and does not begin with a JSON object on a line; it is left as it is.</exception>
    public static void MoveTo(FileStream stream, string path)
    {
        long end = EndOfLastLine(stream);
        // A file that is something else, named by mistake, must not lose its end.
        string first = FirstLine(stream);
        if (stream.Length > 0 && !(end > 0 ? IsObject(first) : first.StartsWith('{'))) throw Errors.NotJsonLines(path, first);

        var rest = new byte[stream.Length - end];
        stream.Position = end;
        stream.ReadExactly(rest);
        // An object that is whole lacks its line break alone.
        if (IsObject(rest))
            stream.WriteByte((byte)'\n');
        else
            stream.SetLength(end);
    }

    private static long EndOfLastLine(FileStream stream)
    {
        var block = new byte[BlockLength];
        for (long end = stream.Length; end > 0;)
        {
            int length = (int)Math.Min(end, BlockLength);
            end -= length;
            stream.Position = end;
            stream.ReadExactly(block, 0, length);
            int lineBreak = block.AsSpan(0, length).LastIndexOf((byte)'\n');
            if (lineBreak >= 0) return end + lineBreak + 1;
        }
        return 0;
    }

    private static string FirstLine(FileStream stream)
    {
        stream.Position = 0;
        using StreamReader reader = new(stream, leaveOpen: true);
        return reader.ReadLine() ?? "";
    }

    private static bool IsObject(string text) => IsObject(Encoding.UTF8.GetBytes(text));

    private static bool IsObject(ReadOnlyMemory<byte> text)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(text);
            return document.RootElement.ValueKind == JsonValueKind.Object;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
