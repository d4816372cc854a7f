using System.CommandLine;
using System.Globalization;

namespace FastScnn.Tool;

/// <summary>The values of options on their way into settings: an error names the option whose value a
/// setting refuses.</summary>
/// <remarks>An initializer gives each value to its property before it reads the next one, so a refused value is the one
/// that was read last.</remarks>
internal sealed class OptionValues
{
    private readonly ParseResult _parsed;
    private Option? _last;

    private OptionValues(ParseResult parsed) => _parsed = parsed;

    /// <summary>Makes settings of options.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="make">Makes them; must give each value to what checks it before it reads the next one.</param>
    /// <exception cref="ArgumentException">A value was refused; the message names the option.</exception>
    public static T Read<T>(ParseResult parsed, Func<OptionValues, T> make)
    {
        OptionValues values = new(parsed);
        try
        {
            return make(values);
        }
        // Without the name of a parameter, it is about options and names them already.
        catch (ArgumentException e) when (e.ParamName is not null && values._last is not null)
        {
            throw new ArgumentException(values.Describe(e.ParamName, Failure.Message(e)), e);
        }
    }

    public T? GetValue<T>(Option<T> option)
    {
        _last = option;
        return _parsed.GetValue(option);
    }

    public T GetRequiredValue<T>(Option<T> option)
    {
        _last = option;
        return _parsed.GetRequiredValue(option);
    }

    // One option may set several properties, as --jitter does; then the property says which part of it is meant.
    private string Describe(string property, string reason)
    {
        string given = string.Join(' ', _parsed.GetResult(_last!)?.Tokens.Select(token => token.Value) ?? []);
        return reason.StartsWith($"{property} is {given};", StringComparison.Ordinal)
            ? _last!.Name + reason[property.Length..] : $"{_last!.Name}: {reason}";
    }
}

/// <summary>Option values of several numbers, such as 256x320 or 0.75,1,1.25.</summary>
internal static class NumberList
{
    public delegate bool Parser<T>(string text, out T value);

    /// <summary>Reads <paramref name="least"/> to <paramref name="most"/> numbers, or throws with the option's
    /// name.</summary>
    public static T[] Parse<T>(string option, string text, char separator, Parser<T> parser, int least, int most)
    {
        string[] parts = text.Split(separator);
        T[] numbers = new T[parts.Length];
        bool valid = parts.Length >= least && parts.Length <= most;
        for (int i = 0; valid && i < parts.Length; i++) valid = parser(parts[i], out numbers[i]);
        return valid ? numbers
            : throw new ArgumentException(
                $"{option} is '{text}'; expected {(least == most ? $"{least}" : $"{least} to {most}")} numbers with "
                    + $"'{separator}' between.");
    }

    public static bool Whole(string text, out int value) =>
        int.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out value);

    public static bool Real(string text, out double value) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out value);
}

/// <summary>A file that a command writes.</summary>
internal static class OutputFile
{
    /// <summary>Writes a temporary file beside it, which then replaces it: readers see the old content or all of the
    /// new one. The temporary name is the same each time, so what a killed process leaves is overwritten.</summary>
    /// <param name="path">The file.</param>
    /// <param name="write">Writes and closes the file of the name that it is given; the name keeps the
    /// extension.</param>
    public static void Replace(string path, Action<string> write)
    {
        string temporary = $"{path}.tmp{Path.GetExtension(path)}";
        try
        {
            write(temporary);
            File.Move(temporary, path, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }

    /// <summary>Makes the file's folder where it is missing; a file that cannot be written shows now, and not after the
    /// work.</summary>
    public static void Prepare(string option, string path)
    {
        if (Directory.Exists(path))
            throw new IOException($"{option} is '{path}', which is a folder; expected the name of a file.");
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        File.Create($"{path}.{Guid.NewGuid():N}.tmp", 1, FileOptions.DeleteOnClose).Dispose();
    }
}
