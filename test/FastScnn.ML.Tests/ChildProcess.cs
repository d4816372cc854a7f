using System.Diagnostics;

namespace FastScnn.ML.Tests;

/// <summary>Runs the test programs that are built beside the tests.</summary>
internal static class ChildProcess
{
    /// <summary>The folder that a program of the test folder is built into.</summary>
    public static string Folder(string program) => AppContext.BaseDirectory.Replace("FastScnn.ML.Tests", program);

    /// <summary>Runs a .NET program to its end, 5 minutes at most; the output is what it wrote, then its
    /// errors.</summary>
    public static (int Exit, string Output) Run(string assembly, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [assembly, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        if (!process.WaitForExit(TimeSpan.FromMinutes(5)))
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail("the program did not end");
        }
        return (process.ExitCode, output.Result + errors.Result);
    }
}
