namespace FastScnn.Torch;

internal static partial class Errors
{
    public static InvalidDataException NotJsonLines(string path, string firstLine) =>
        new($"'{path}' is no log to append to: its first line is '{(firstLine.Length > 40 ? firstLine[..40] + "..." : firstLine)}' instead of a JSON object. Nothing was changed; name another file.");
}
