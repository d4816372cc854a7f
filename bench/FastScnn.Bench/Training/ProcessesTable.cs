using System.Diagnostics;
using System.Globalization;
using FastScnn.Bench.Training.Peers;
using FastScnn.Bench.Workers;
using FastScnn.Torch.Training;

namespace FastScnn.Bench.Training;

/// <summary>Times one training on one process and on two that MPI joins, from files, in turn.</summary>
/// <remarks>Each turn starts its processes: those that wait for others in MPI would take a processor from
/// them.</remarks>
internal static class ProcessesTable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(10);

    private static readonly (int Processes, int Threads, int Loaders)[] s_jobs = [(1, 1, 1), (1, 2, 2), (2, 1, 1)];

    public static IEnumerable<string> Measure(string scenes, TrainingBenchSizes sizes,
        Action<string, int, WorkerFailure> fail)
    {
        if (MpiLauncher.Find() is not { } launcher)
        {
            yield return "Not measured: there is no mpirun of Open MPI or MPICH.";
            yield break;
        }
        (Samples Times, List<double> Waiting, bool Failed)[] all =
            [.. s_jobs.Select(_ => (new Samples(), new List<double>(), false))];
        for (int round = 0; round < sizes.EndToEndRounds; round++)
            for (int i = 0; i < s_jobs.Length; i++)
            {
                if (all[i].Failed) continue;
                try
                {
                    (double milliseconds, double waiting) = Run(launcher, s_jobs[i], scenes, sizes);
                    all[i].Times.Add(milliseconds);
                    all[i].Waiting.Add(waiting);
                }
                catch (WorkerFailure failure)
                {
                    all[i] = (new(), [], true);
                    fail($"{s_jobs[i].Processes} processes", s_jobs[i].Threads, failure);
                }
            }

        yield return $"{launcher.Version}; `{launcher.CommandLine(2)}`.";
        yield return "";
        yield return "| processes | threads each | loaders each | ms a batch | images/s | waiting for data |";
        yield return "|---|---|---|---|---|---|";
        for (int i = 0; i < s_jobs.Length; i++)
        {
            (int processes, int threads, int loaders) = s_jobs[i];
            string waiting = all[i].Failed ? "-" : $"{100 * all[i].Waiting.Average():F0} %";
            yield return $"| {processes} | {threads} | {loaders} | {Comparison.Cell(all[i].Times)} "
                + $"| {Comparison.ImagesPerSecond(all[i].Times, sizes.Main.Images)} | {waiting} |";
        }
        yield return "";
        yield return $"- 1 process of 1 thread / 2 processes: **{Comparison.Ratio(all[0].Times, all[2].Times)}**; 1 "
            + $"process of 2 threads / 2 processes: **{Comparison.Ratio(all[1].Times, all[2].Times)}**";
    }

    private static (double Milliseconds, double Waiting) Run(MpiLauncher launcher,
        (int Processes, int Threads, int Loaders) job, string scenes, TrainingBenchSizes sizes)
    {
        string result = Path.GetTempFileName();
        try
        {
            string[] command =
            [
                .. job.Processes > 1 ? launcher.CommandLine(job.Processes).Split(' ') : [],
                .. OwnProgram.CommandLine, ProcessesWorker.Command, job.Processes > 1 ? ProcessesWorker.Joined
                    : ProcessesWorker.Alone,
                scenes, result, $"{sizes.Main}", $"{sizes.Batches}", $"{job.Loaders}", $"{job.Threads}"
            ];
            ProcessStartInfo start = new(command[0], command[1..])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            };
            WorkerEnvironment.Plain.ApplyTo(start, job.Threads);
            using Process process = Process.Start(start)!;
            Task<string> errors = process.StandardError.ReadToEndAsync(),
                output = process.StandardOutput.ReadToEndAsync();
            bool ended = process.WaitForExit(s_patience);
            if (!ended) process.Kill(entireProcessTree: true);
            if (!ended || process.ExitCode != 0)
                throw new WorkerFailure(ended ? $"ended with exit code {process.ExitCode}"
                    : $"did not end within {s_patience.TotalMinutes:F0} minutes", output.Result + errors.Result);
            double[] numbers = [.. File.ReadAllText(result).Split('\t')
                .Select(part => double.Parse(part, CultureInfo.InvariantCulture))];
            return (numbers[0], numbers[1]);
        }
        finally
        {
            File.Delete(result);
        }
    }
}

/// <summary>One process of such a training.</summary>
internal static class ProcessesWorker
{
    public const string Command = "training-process", Alone = "alone", Joined = "joined";

    /// <summary>Trains; the first process writes milliseconds a batch and the share of waiting to a file.</summary>
    public static void Run(bool joined, string scenes, string result, BatchSize size, int batches, int loaders,
        int threads)
    {
        using MpiProcesses? processes = joined ? MpiProcesses.Join() : null;
        EndToEndTime time = new OwnTraining(Precision.Float32, threads, processes).Pace(scenes, size, loaders, batches);
        if (processes is null or { Rank: 0 })
            File.WriteAllText(result, FormattableString.Invariant(
                $"{time.Time.TotalMilliseconds / batches}\t{time.Waiting}"));
    }
}

/// <summary>An mpirun.</summary>
internal sealed record MpiLauncher(string Program, string Version, IReadOnlyList<string> Options)
{
    public string CommandLine(int processes) => string.Join(' ', [Program, .. Options, "-n", $"{processes}"]);

    /// <summary>Open MPI's, or MPICH's, or null where there is none.</summary>
    public static MpiLauncher? Find()
    {
        foreach (string name in new[] { "mpirun.openmpi", "mpirun" })
        {
            if (!(Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
                .Any(folder => File.Exists(Path.Combine(folder, name))))
                continue;
            using Process process = Process.Start(new ProcessStartInfo(name, ["--version"])
            {
                RedirectStandardOutput = true
            })!;
            string version = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            if (version.Contains("Open MPI", StringComparison.Ordinal))
                return new(name, $"Open MPI {version.Split('\n')[0].Split(' ')[^1]}",
                    ["--allow-run-as-root", "--oversubscribe", "--bind-to", "none"]);
            if (version.Contains("HYDRA", StringComparison.Ordinal)) return new(name, "MPICH", []);
        }
        return null;
    }
}
