using System.CommandLine;
using System.Text.RegularExpressions;

namespace FastScnn.Tool;

/// <summary><c>fastscnn</c> with all its commands.</summary>
internal static class FastScnnCommand
{
    public static RootCommand Create() =>
        new("Fast-SCNN semantic segmentation: train, score, export and run models, check and generate data sets.")
    {
        ModelsCommand.Create(),
        SegmentCommand.Create(),
        LiveCommand.Create(),
        MergeCommand.Create(),
        ExportCommand.Create(),
        QuantizeCommand.Create(),
        CheckDataCommand.Create(),
        ImportCommand.Create(),
        RankCommand.Create(),
        GenerateCommand.Create(),
        TrainCommand.Create(),
        EvalCommand.Create(),
    };
}

/// <summary>Turns what a command throws into one line on standard error and an exit code.</summary>
internal static class Failure
{
    public const int ExitCode = 1;

    // The shell's convention for a command that Ctrl+C ended.
    private const int CancelledExitCode = 130;

    /// <param name="command">The command.</param>
    /// <param name="isMine">Whether a message is to be printed by this process, and not by another one; null: every
    /// one is.</param>
    public static async Task<int> Guard(Func<Task<int>> command, Func<string, bool>? isMine = null)
    {
        try
        {
            // System.CommandLine listens for Ctrl+C only once the action has returned a task, and the commands work
            // before they return.
            return await Task.Run(command);
        }
        catch (OperationCanceledException)
        {
            Print("Cancelled.");
            return CancelledExitCode;
        }
        catch (Exception e)
        {
            Print(Reason(e));
            return ExitCode;
        }

        void Print(string message)
        {
            if (isMine?.Invoke(message) != false) Console.Error.WriteLine(message);
        }
    }

    /// <summary>The message in the words of the command line.</summary>
    /// <param name="exception">What was thrown.</param>
    /// <param name="mayBeIncomplete">Whether the command can go on with an image that is cut short; see
    /// <see cref="ImageArguments"/>.</param>
    public static string Reason(Exception exception, bool mayBeIncomplete = false) =>
        OptionWords.Translate(ImageArguments.InOptions(Message(exception), mayBeIncomplete));

    /// <summary>The message without what .NET adds to it: a parameter's name, and on a line of its own the
    /// value.</summary>
    public static string Message(Exception exception) =>
        exception is ArgumentException { ParamName: { } name }
            && exception.Message.IndexOf($" (Parameter '{name}')", StringComparison.Ordinal) is > 0 and var end
            ? exception.Message[..end]
            : exception.Message;
}

/// <summary>Prints what is wrong with a command line, in words of the command line: System.CommandLine names .NET
/// types.</summary>
internal static partial class ParseErrors
{
    private static readonly Dictionary<string, string> s_kinds = new(StringComparer.Ordinal)
    {
        ["Byte"] = "a whole number from 0 to 255",
        ["Int32"] = "a whole number",
        ["Int64"] = "a whole number",
        ["UInt64"] = "a whole number of 0 or more",
        ["Double"] = "a number such as 0.5",
        ["Single"] = "a number such as 0.5",
        ["Boolean"] = "true or false",
    };

    /// <returns>The exit code.</returns>
    public static int Print(ParseResult parsed)
    {
        foreach (string message in parsed.Errors.Select(error => InWords(error.Message)).Distinct())
            Console.Error.WriteLine(message);
        string command = parsed.CommandResult.Command.Name;
        Console.Error.WriteLine(
            $"See fastscnn {(parsed.CommandResult.Command is RootCommand ? "" : command + " ")}--help.");
        return Failure.ExitCode;
    }

    /// <summary>A message of System.CommandLine without the names of .NET types.</summary>
    public static string InWords(string message) => TypedArgument().Replace(message, found =>
        $"{found.Groups["option"].Value} is '{found.Groups["value"].Value}'; it must be "
            + $"{s_kinds.GetValueOrDefault(found.Groups["type"].Value, "one of those that --help lists")}.");

    [GeneratedRegex(
        @"^Cannot parse argument '(?<value>.*)' for option '(?<option>[^']+)' as expected type '(?:System\.Nullable`1\[)?(?:\w+\.)*(?<type>\w+)\]?'\.")]
    private static partial Regex TypedArgument();
}
