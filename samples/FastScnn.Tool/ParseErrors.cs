using System.CommandLine;
using System.Text.RegularExpressions;

namespace FastScnn.Cli;

/// <summary>Prints what is wrong with a command line, in words of the command line: System.CommandLine names .NET types.</summary>
internal static partial class ParseErrors
{
    private static readonly Dictionary<string, string> s_kinds = new(StringComparer.Ordinal)
    {
        ["Byte"] = "a whole number from 0 to 255", ["Int32"] = "a whole number", ["Int64"] = "a whole number", ["UInt64"] = "a whole number of 0 or more",
        ["Double"] = "a number such as 0.5", ["Single"] = "a number such as 0.5", ["Boolean"] = "true or false",
    };

    /// <returns>The exit code.</returns>
    public static int Print(ParseResult parsed)
    {
        foreach (string message in parsed.Errors.Select(error => InWords(error.Message)).Distinct())
            Console.Error.WriteLine(message);
        string command = parsed.CommandResult.Command.Name;
        Console.Error.WriteLine($"See fastscnn {(parsed.CommandResult.Command is RootCommand ? "" : command + " ")}--help.");
        return Failure.ExitCode;
    }

    /// <summary>A message of System.CommandLine without the names of .NET types.</summary>
    public static string InWords(string message) => TypedArgument().Replace(message, found =>
        $"{found.Groups["option"].Value} is '{found.Groups["value"].Value}'; it must be {s_kinds.GetValueOrDefault(found.Groups["type"].Value, "one of those that --help lists")}.");

    [GeneratedRegex(@"^Cannot parse argument '(?<value>.*)' for option '(?<option>[^']+)' as expected type '(?:System\.Nullable`1\[)?(?:\w+\.)*(?<type>\w+)\]?'\.")]
    private static partial Regex TypedArgument();
}
