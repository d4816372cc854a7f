namespace FastScnn.Cli;

/// <summary>Turns what a command throws into one line on standard error and an exit code.</summary>
internal static class Failure
{
    public const int ExitCode = 1;

    // The shell's convention for a command that Ctrl+C ended.
    private const int CancelledExitCode = 130;

    public static async Task<int> Guard(Func<Task<int>> command)
    {
        try
        {
            // System.CommandLine listens for Ctrl+C only once the action has returned a task, and the commands work before they return.
            return await Task.Run(command);
        }
        catch (OperationCanceledException)
        {
            Console.Error.WriteLine("Cancelled.");
            return CancelledExitCode;
        }
        catch (Exception e)
        {
            Console.Error.WriteLine(Reason(e));
            return ExitCode;
        }
    }

    /// <summary>The message in the words of the command line.</summary>
    /// <param name="exception">What was thrown.</param>
    /// <param name="mayBeIncomplete">Whether the command can go on with a photo that is cut short; see <see cref="ImageArguments"/>.</param>
    public static string Reason(Exception exception, bool mayBeIncomplete = false) => OptionWords.Translate(ImageArguments.InOptions(Message(exception), mayBeIncomplete));

    /// <summary>The message without what .NET adds to it: a parameter's name, and on a line of its own the value.</summary>
    public static string Message(Exception exception) =>
        exception is ArgumentException { ParamName: { } name } && exception.Message.IndexOf($" (Parameter '{name}')", StringComparison.Ordinal) is > 0 and var end
            ? exception.Message[..end]
            : exception.Message;
}
