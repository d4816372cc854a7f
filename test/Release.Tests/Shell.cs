using System.Diagnostics;

namespace FastScnn.Release.Tests;

/// <summary>Runs programs as a user does at a prompt.</summary>
internal static class Shell
{
    /// <summary>Runs <c>dotnet</c> in a folder to its end and asserts that it succeeds; returns what it
    /// printed.</summary>
    public static string Dotnet(string folder, IReadOnlyDictionary<string, string> environment,
        params string[] arguments)
    {
        (int exit, string output) = Run("dotnet", folder, environment, arguments);
        Assert.That(exit, Is.Zero, $"dotnet {string.Join(' ', arguments)}\n{output}");
        return output;
    }

    /// <summary>Runs a program in a folder to its end, 10 minutes at most; the output is what it wrote, then its
    /// errors.</summary>
    public static (int Exit, string Output) Run(string program, string folder,
        IReadOnlyDictionary<string, string> environment, params string[] arguments)
    {
        using Process process = Process.Start(Start(program, folder, environment, arguments))!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        if (!process.WaitForExit(TimeSpan.FromMinutes(10)))
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail($"{program} {string.Join(' ', arguments)} did not end");
        }
        return (process.ExitCode, output.Result + errors.Result);
    }

    /// <summary>How a program is started in a folder, with what it writes read by the test.</summary>
    public static ProcessStartInfo Start(string program, string folder,
        IReadOnlyDictionary<string, string> environment, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true
        };
        // No build server may outlive the test, nor may the test host's own settings reach the build.
        (start.Environment["UseSharedCompilation"], start.Environment["MSBUILDDISABLENODEREUSE"]) = ("false", "1");
        (start.Environment["DOTNET_NOLOGO"], start.Environment["DOTNET_CLI_TELEMETRY_OPTOUT"]) = ("1", "1");
        foreach (string inherited in start.Environment.Keys.Where(key =>
            key.StartsWith("MSBuild", StringComparison.Ordinal)).ToList())
            start.Environment.Remove(inherited);
        foreach ((string name, string value) in environment)
            start.Environment[name] = value;
        return start;
    }
}
