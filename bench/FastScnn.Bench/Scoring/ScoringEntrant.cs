using System.Diagnostics;
using System.Globalization;
using FastScnn.Bench.Workers;

namespace FastScnn.Bench.Scoring;

/// <summary>A peer in a process of its own, with the times that it took.</summary>
internal sealed class ScoringEntrant : IDisposable
{
    private readonly Worker _worker;

    private ScoringEntrant(string name, ProcessStartInfo start, WorkerEnvironment environment, int threads)
    {
        Name = name;
        environment.ApplyTo(start, threads);
        _worker = new Worker(start);
    }

    public string Name { get; }

    public Samples Times { get; } = new();

    /// <summary>The most memory that it held, in MB.</summary>
    public double PeakMegabytes { get; private set; }

    /// <summary>Why it takes no more part, or null.</summary>
    public WorkerFailure? Failure { get; private set; }

    public static ScoringEntrant Own(string peer, string folder, ScoringCase scored) => new(
        peer,
        new ProcessStartInfo(OwnProgram.CommandLine[0],
            [.. OwnProgram.CommandLine.Skip(1), ScoringWorker.Command, peer, folder, .. Arguments(scored)]),
        WorkerEnvironment.Plain,
        scored.Threads);

    public static ScoringEntrant PyTorch(WorkerEnvironment environment, ScoringFiles files, ScoringCase scored) => new(
        $"PyTorch {environment.Name}",
        new ProcessStartInfo(PyTorchPython.Path,
            [.. PyTorchPython.ScriptArguments("score.py"), files.Weights, files.Pixels(scored), .. Arguments(scored)]),
        environment,
        scored.Threads);

    public void AwaitStart() => Guard(() => _worker.Await("ready"));

    /// <summary>Scores some images, of which the first are not counted.</summary>
    public void Score(int uncounted, int counted)
    {
        foreach (string time in Guard(() => _worker.Ask("score", uncounted + counted)).Skip(uncounted))
            Times.Add(double.Parse(time, CultureInfo.InvariantCulture));
    }

    /// <summary>Ends its part: how much memory it took, and the class map that it made, if it makes one.</summary>
    public byte[]? Finish(string file)
    {
        File.Delete(file);
        Guard(() => _worker.Ask("mask", file));
        PeakMegabytes = Guard(() => _worker.Ask("memory")) is [var bytes]
            ? double.Parse(bytes, CultureInfo.InvariantCulture) / 1e6 : double.NaN;
        return File.Exists(file) ? File.ReadAllBytes(file) : null;
    }

    public void Dispose() => _worker.Dispose();

    private static string[] Arguments(ScoringCase scored) =>
        [.. new[] { scored.Height, scored.Width,
            scored.Threads }.Select(number => number.ToString(CultureInfo.InvariantCulture))];

    private string[] Guard(Func<string[]> ask)
    {
        if (Failure is not null)
            return [];
        try
        {
            return ask();
        }
        catch (WorkerFailure failure)
        {
            Failure = failure;
            return [];
        }
    }
}
