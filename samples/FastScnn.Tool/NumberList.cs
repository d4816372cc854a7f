using System.Globalization;

namespace FastScnn.Cli;

/// <summary>Option values of several numbers, such as 256x320 or 0.75,1,1.25.</summary>
internal static class NumberList
{
    public delegate bool Parser<T>(string text, out T value);

    /// <summary>Reads <paramref name="least"/> to <paramref name="most"/> numbers, or throws with the option's name.</summary>
    public static T[] Parse<T>(string option, string text, char separator, Parser<T> parser, int least, int most)
    {
        string[] parts = text.Split(separator);
        T[] numbers = new T[parts.Length];
        bool valid = parts.Length >= least && parts.Length <= most;
        for (int i = 0; valid && i < parts.Length; i++) valid = parser(parts[i], out numbers[i]);
        return valid ? numbers : throw new ArgumentException($"{option} is '{text}'; expected {(least == most ? $"{least}" : $"{least} to {most}")} numbers with '{separator}' between.");
    }

    public static bool Whole(string text, out int value) => int.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out value);

    public static bool Real(string text, out double value) => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out value);
}
