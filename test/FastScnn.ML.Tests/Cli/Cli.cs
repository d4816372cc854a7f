using System.Diagnostics;
using FastScnn.ML.Tests.Images;
using FastScnn.Testing;

namespace FastScnn.ML.Tests.Cli;

/// <summary>Runs the <c>fastscnn</c> program as a user does.</summary>
internal static class Cli
{
    /// <summary>The assembly of the program.</summary>
    public static string Program { get; } = Path.Combine(
        TestFiles.Root, "samples", "FastScnn.Tool",
        Path.GetRelativePath(Path.Combine(TestFiles.Root, "test", "FastScnn.ML.Tests"), AppContext.BaseDirectory),
        "fastscnn.dll");

    /// <summary>Starts the program; what it prints goes nowhere.</summary>
    public static Process Start(params string[] arguments)
    {
        Process process = Process.Start(Info(arguments))!;
        process.OutputDataReceived += (_, _) => { };
        process.ErrorDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }

    /// <summary>Runs the program to its end.</summary>
    public static (int Exit, string Output, string Errors) Run(params string[] arguments) => Run([], "", arguments);

    /// <summary>Runs the program to its end, with variables of its environment and a text as its standard
    /// input.</summary>
    public static (int Exit, string Output, string Errors) Run(Dictionary<string, string> environment, string input,
        params string[] arguments)
    {
        ProcessStartInfo info = Info(arguments);
        info.RedirectStandardInput = true;
        foreach ((string name, string value) in environment)
            info.Environment[name] = value;
        using Process process = Process.Start(info)!;
        process.StandardInput.Write(input);
        process.StandardInput.Close();
        Task<string> output = process.StandardOutput.ReadToEndAsync(), errors = process.StandardError.ReadToEndAsync();
        if (!process.WaitForExit(TimeSpan.FromMinutes(5)))
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail("the program did not end");
        }
        return (process.ExitCode, output.Result, errors.Result);
    }

    /// <summary>Runs the program to its end; the peak is the largest memory, in bytes, that was seen.</summary>
    public static (int Exit, string Output, string Errors, long Peak) RunMeasured(params string[] arguments)
    {
        using Process process = Process.Start(Info(arguments))!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(), errors = process.StandardError.ReadToEndAsync();
        string id = process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture);
        long peak = 0;
        // Linux keeps the peak itself, so that only the last moment can be missed.
        for (var clock = Stopwatch.StartNew();
            !process.WaitForExit(TimeSpan.FromMilliseconds(2)) && clock.Elapsed < TimeSpan.FromMinutes(5);)
            peak = Math.Max(peak, PeakMemory.Read(id, "VmHWM") ?? 0);
        process.WaitForExit();
        return (process.ExitCode, output.Result, errors.Result, peak);
    }

    private static ProcessStartInfo Info(string[] arguments) =>
        new("dotnet", [Program, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
}
