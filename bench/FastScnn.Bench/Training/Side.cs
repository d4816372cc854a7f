using System.Diagnostics;
using FastScnn.Bench.Workers;

namespace FastScnn.Bench.Training;

/// <summary>One of those that are compared: what its process is started with but for the number of threads, and the
/// loader workers it is measured with.</summary>
internal sealed record Side(string Name, IReadOnlyList<string> CommandLine, IReadOnlyList<int> LoaderWorkers)
{
    public static Side Ours { get; } = new("ours", [.. OwnProgram.CommandLine, TrainingWorker.Command], [2]);

    /// <summary>Without loader workers PyTorch loads on the thread that trains.</summary>
    public static Side PyTorch { get; } =
        new("PyTorch", [PyTorchPython.Path, .. PyTorchPython.ScriptArguments("train.py")], [0, 2]);

    public ProcessStartInfo Start(WorkerEnvironment environment, int threads)
    {
        ProcessStartInfo start = new(CommandLine[0], [.. CommandLine.Skip(1), $"{threads}"]);
        environment.ApplyTo(start, threads);
        return start;
    }
}
