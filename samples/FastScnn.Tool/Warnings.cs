using Spectre.Console;

namespace FastScnn.Cli;

/// <summary>Prints the library's warnings in the words of the command line.</summary>
internal static class Warnings
{
    /// <summary>Prints a line for each.</summary>
    public static void Print(IEnumerable<string> warnings)
    {
        foreach (string warning in warnings)
        {
            string line = $"warning: {OptionWords.Translate(warning)}";
            // A live progress bar overwrites what does not go through it; a file wants lines that are not wrapped.
            if (Console.IsOutputRedirected)
                Console.WriteLine(line);
            else
                AnsiConsole.WriteLine(line);
        }
    }

    /// <summary>The warnings as JSON holds them.</summary>
    public static IReadOnlyList<string> Translate(IEnumerable<string> warnings) => [.. warnings.Select(OptionWords.Translate)];
}
