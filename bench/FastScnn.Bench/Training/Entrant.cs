using System.Globalization;
using FastScnn.Bench.Workers;

namespace FastScnn.Bench.Training;

/// <summary>A side with a number of threads, and the process that runs it until it fails.</summary>
internal sealed class Entrant : IDisposable
{
    private readonly Worker _worker;

    public Entrant(Side side, int threads)
    {
        Side = side;
        _worker = new Worker(side.Start(threads));
    }

    public Side Side { get; }

    public string Name => Side.Name;

    /// <summary>Why it takes no more part, or null.</summary>
    public WorkerFailure? Failure { get; private set; }

    /// <summary>The parameters of the network that it trains, with 11 classes.</summary>
    public long Parameters { get; private set; }

    /// <summary>What it runs on.</summary>
    public string Versions { get; private set; } = "";

    /// <summary>Waits until it has started.</summary>
    public void AwaitStart()
    {
        if (Guard(() => _worker.Await("ready")) is not [var parameters, var versions]) return;
        (Parameters, Versions) = (long.Parse(parameters, CultureInfo.InvariantCulture), versions);
    }

    /// <summary>The native libraries that it computes with; all are loaded after the first step.</summary>
    public string Libraries() => Failure is null ? NativeLibraries.Of(_worker.ProcessId) : "none, as it failed";

    /// <summary>The milliseconds of some more steps; none if it failed.</summary>
    public IReadOnlyList<double> Step(BatchSize batch, int count) =>
        Ask("step", batch.Images, batch.Height, batch.Width, count);

    /// <summary>Trains a new network on batches of a folder; null if it failed.</summary>
    public EndToEndTime? Epoch(string root, BatchSize batch, int loaders, int count) =>
        Ask("epoch", root, batch.Images, batch.Height, batch.Width, loaders, count) is [var seconds, var images,
            var waiting]
            ? new(TimeSpan.FromSeconds(seconds), (int)images, waiting)
            : null;

    /// <summary>Trains on batches of a folder, and tells the bytes of memory after the first number of steps and after
    /// the last; none if it failed.</summary>
    public IReadOnlyList<double> Memory(string root, BatchSize batch, int loaders, (int First, int Last) steps) =>
        Ask("memory", root, batch.Images, batch.Height, batch.Width, loaders, steps.First, steps.Last);

    public void Dispose() => _worker.Dispose();

    private double[] Ask(string command, params object[] arguments) =>
        [.. Guard(() => _worker.Ask(command, arguments))
            .Select(part => double.Parse(part, CultureInfo.InvariantCulture))];

    private string[] Guard(Func<string[]> ask)
    {
        if (Failure is not null) return [];
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
