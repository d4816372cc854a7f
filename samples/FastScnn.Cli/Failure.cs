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
            Console.Error.WriteLine(e.Message);
            return ExitCode;
        }
    }
}
