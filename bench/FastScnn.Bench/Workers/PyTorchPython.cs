using System.Diagnostics;

namespace FastScnn.Bench.Workers;

/// <summary>The Python that has PyTorch: Debian's, from the packages python3-torch, python3-numpy and
/// python3-pil.</summary>
internal static class PyTorchPython
{
    public const string Path = "/usr/bin/python3";

    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(2);

    /// <summary>The arguments that run a script of bench/pytorch; it leaves no compiled files behind.</summary>
    public static string[] ScriptArguments(string script) =>
    [
        "-B", System.IO.Path.Combine(AppContext.BaseDirectory, "pytorch", script)
    ];

    /// <summary>Why there can be no comparison, or null if there can.</summary>
    public static string? WhyMissing()
    {
        if (!File.Exists(Path)) return $"there is no {Path}";
        ProcessStartInfo start = new(Path, ["-c", "import numpy, PIL, torch"]) { RedirectStandardError = true };
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        if (!process.WaitForExit(s_patience))
        {
            process.Kill();
            return $"{Path} does not import it within {s_patience.TotalMinutes:F0} minutes";
        }
        return process.ExitCode == 0 ? null : $"{Path} says: {errors.Result.TrimEnd().Split('\n')[^1]}";
    }
}
