using System.Diagnostics;
using FastScnn.Bench.Workers;

namespace FastScnn.Bench.Training;

/// <summary>One of those that are compared: what its process is started with but for the number of threads, and the
/// numbers of loader threads or processes it is measured with.</summary>
internal sealed record Side(string Name, IReadOnlyList<string> CommandLine, WorkerEnvironment Environment,
    IReadOnlyList<int> Loaders)
{
    /// <summary>The loader threads of ours by default.</summary>
    public const int OwnLoaders = 2;

    public static Side Float32 { get; } =
        new("ours, float32", Own(TrainingWorker.Float32), WorkerEnvironment.Plain, [1, OwnLoaders]);

    public static Side BFloat16 { get; } =
        new("ours, bfloat16", Own(TrainingWorker.BFloat16), WorkerEnvironment.Plain, [1, OwnLoaders]);

    /// <summary>Ours without the settings of malloc and OpenMP.</summary>
    public static Side WithoutSettings { get; } = new("ours, float32, settings off", Own(TrainingWorker.Float32),
        WorkerEnvironment.WithoutSettings, [OwnLoaders]);

    /// <summary>A loop as TorchSharp's tutorials have it; its DataLoader has one thread by default, the one that
    /// trains.</summary>
    public static Side Loop { get; } =
        new("plain TorchSharp loop", Own(TrainingWorker.Loop), WorkerEnvironment.Plain, [1]);

    /// <summary>Without loader processes PyTorch loads on the thread that trains.</summary>
    public static IReadOnlyList<Side> PyTorch { get; } =
    [
        .. WorkerEnvironment.All.Select(environment => new Side($"PyTorch, {environment.Name}",
            [PyTorchPython.Path, .. PyTorchPython.ScriptArguments("train.py")], environment, [0, 2]))
    ];

    public bool IsOurs => this == Float32 || this == BFloat16 || this == WithoutSettings;

    public ProcessStartInfo Start(int threads)
    {
        ProcessStartInfo start = new(CommandLine[0], [.. CommandLine.Skip(1), $"{threads}"]);
        Environment.ApplyTo(start, threads);
        return start;
    }

    private static string[] Own(string worker) => [.. OwnProgram.CommandLine, TrainingWorker.Command, worker];
}
