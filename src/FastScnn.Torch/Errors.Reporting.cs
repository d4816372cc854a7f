namespace FastScnn.Torch;

internal static partial class Errors
{
    public static InvalidDataException NotJsonLines(string path, string firstLine) =>
        new($"'{path}' is no log to append to: its first line is '{(firstLine.Length > 40 ? firstLine[..40] + "..." : firstLine)}' instead of a JSON object. Nothing was changed; name another file.");

    public static InvalidDataException NotATrainingLog(string path, int line, Exception inner) =>
        new(FormattableString.Invariant($"'{path}', line {line}: {inner.Message} Expected a JSON object with a member \"event\", as training writes them to its log."), inner);
}
