using System.Diagnostics;
using System.Text.RegularExpressions;

namespace FastScnn.Torch.Tests.Training.Distributed;

/// <summary>Starts jobs of FastScnn.MpiChild, each with a time limit.</summary>
internal static partial class MpiJob
{
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(2);

    private static readonly string s_program = Path.Combine(
        AppContext.BaseDirectory.Replace("FastScnn.Torch.Tests", "FastScnn.MpiChild"), "FastScnn.MpiChild.dll");

    /// <summary>The launchers that tests run with: Open MPI, whether there is one or not, and MPICH where it
    /// is.</summary>
    public static readonly Launcher[] Launchers = [.. new[]
    {
        Find("Open MPI", "mpirun.openmpi", "Open MPI",
            ["--allow-run-as-root", "--oversubscribe", "--bind-to", "none"]) ?? new("Open MPI", "", []),
        Find("MPICH", "mpirun.mpich", "HYDRA", []),
    }.OfType<Launcher>()];

    /// <summary>Runs a scenario on several processes; the test is skipped where there is no such launcher.</summary>
    public static (int Exit, string Output) Run(Launcher launcher, int count, string[] arguments,
        params (string Name, string Value)[] environment)
    {
        if (launcher.Path.Length == 0) Assert.Ignore($"no mpirun of {launcher.Name} here");
        return Start(launcher.Path, [.. launcher.Options, "-n", $"{count}", "dotnet", s_program, .. arguments],
            environment);
    }

    /// <summary>Runs a scenario on one process that no launcher started.</summary>
    public static (int Exit, string Output) RunAlone(string[] arguments,
        params (string Name, string Value)[] environment) =>
        Start("dotnet", [s_program, .. arguments], environment);

    private static (int Exit, string Output) Start(string program, string[] arguments,
        (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["TERM"] = "dumb";
        foreach ((string name, string value) in environment) start.Environment[name] = value;
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        if (!process.WaitForExit(s_limit))
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail($"the job did not end: {output.Result}{errors.Result}");
        }
        // Open MPI gives its processes a terminal, and .NET writes to one how it is to be used.
        return (process.ExitCode, TerminalCodes().Replace(output.Result + errors.Result, "").Replace("\r", ""));
    }

    private static Launcher? Find(string name, string program, string version, string[] options)
    {
        foreach (string file in new[] { program, "mpirun" })
        {
            string? path = Environment.GetEnvironmentVariable("PATH")?.Split(Path.PathSeparator)
                .Select(folder => Path.Combine(folder, file)).FirstOrDefault(File.Exists);
            if (path is not null && Start(path, ["--version"], []).Output.Contains(version))
                return new(name, path, options);
        }
        return null;
    }

    [GeneratedRegex(@"\x1b(\[[0-9;?]*[A-Za-z]|=|>)")]
    private static partial Regex TerminalCodes();

    /// <summary>An mpirun; an empty path where there is none.</summary>
    public sealed record Launcher(string Name, string Path, string[] Options)
    {
        /// <summary>The launcher with more options.</summary>
        public Launcher With(params string[] options) => this with { Options = [.. Options, .. options] };

        /// <inheritdoc/>
        public override string ToString() => Name;
    }
}
