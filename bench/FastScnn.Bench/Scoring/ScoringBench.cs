using System.Diagnostics;
using FastScnn.Bench.Workers;

namespace FastScnn.Bench.Scoring;

/// <summary>Our ways to score images beside stock ML.NET, plain ONNX Runtime and PyTorch, each in a process of its own,
/// in turn.</summary>
internal sealed class ScoringBench
{
    private readonly ScoringBenchSizes _sizes;
    private readonly string _folder;
    private readonly BenchReport _report = new();
    private readonly List<(string Name, ScoringCase Case, WorkerFailure Failure)> _failures = [];

    private ScoringBench(ScoringBenchSizes sizes, string folder) => (_sizes, _folder) = (sizes, folder);

    /// <summary>Measures, prints, and writes artifacts/bench/scoring.md.</summary>
    /// <returns>The exit code: 1 if a peer failed.</returns>
    public static int Run(ScoringBenchSizes sizes)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("fastscnn-bench-");
        try
        {
            return new ScoringBench(sizes, folder.FullName).Run();
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private int Run()
    {
        var watch = Stopwatch.StartNew();
        ScoringCase[] cases =
        [
            .. from size in _sizes.Sizes from threads in new[]
            {
                1, 2
            } where threads <= Environment.ProcessorCount select new ScoringCase(size.Height, size.Width, threads)
        ];
        var files = new ScoringFiles(_folder);
        files.Write(cases);
        _report.Add("# Scoring beside its peers");
        _report.Add("");
        _report.Add(Machine.Describe());
        _report.Add("");
        _report.Add(
            "Fast-SCNN with 19 classes, an image -> a class map of its size. Milliseconds: median (min..max); ratios "
                + "of medians. Masks: pixels that agree with ours.");
        string? missing = PyTorchPython.WhyMissing();
        if (missing is not null)
            _report.Add($"\nNo PyTorch here, so no comparison with it: {missing}.");
        foreach (ScoringCase scored in cases)
            Measure(files, scored, withPyTorch: missing is null);
        _report.Heading("Memory over images of changing sizes");
        _report.Add(MixedSizes.Measure(_folder, _sizes.MixedFrames));
        foreach ((string name, ScoringCase scored, WorkerFailure failure) in _failures)
        {
            _report.Heading($"FAILED: {name}, {scored.Size}, {scored.Threads} threads");
            _report.Add(failure.Message);
        }
        _report.Add("");
        _report.Add($"Measured in {watch.Elapsed.TotalMinutes:F1} minutes.");
        _report.Save(Checkout.Artifact("bench", "scoring.md"));
        return _failures.Count == 0 ? 0 : 1;
    }

    private void Measure(ScoringFiles files, ScoringCase scored, bool withPyTorch)
    {
        _report.Heading($"{scored.Size}, {scored.Threads} {(scored.Threads == 1 ? "thread" : "threads")}");
        var entrants = new List<ScoringEntrant>();
        try
        {
            entrants.AddRange(Peers.ScoringPeers.All.Keys.Select(peer => ScoringEntrant.Own(peer, _folder, scored)));
            if (withPyTorch)
                entrants.AddRange(WorkerEnvironment.All.Select(environment =>
                    ScoringEntrant.PyTorch(environment, files, scored)));
            foreach (ScoringEntrant entrant in entrants)
                entrant.AwaitStart();
            foreach (ScoringEntrant entrant in entrants)
                WarmUp(entrant);
            for (int round = 0; round < _sizes.Rounds; round++)
                foreach (ScoringEntrant entrant in entrants)
                    entrant.Score(uncounted: 1, counted: 2);
            _report.Add(ScoringTable.Lines(entrants, Path.Combine(_folder, "mask.bin")));
            _failures.AddRange(entrants.Where(entrant => entrant.Failure is not null)
                .Select(entrant => (entrant.Name, scored, entrant.Failure!)));
        }
        finally
        {
            foreach (ScoringEntrant entrant in entrants)
                entrant.Dispose();
        }
    }

    // Images of a size must come some times before a session is made for it, and code run some times before it is
    // compiled for good.
    private void WarmUp(ScoringEntrant entrant)
    {
        const int AtOnce = 3, ForSession = 18;
        bool python = entrant.Name.StartsWith("PyTorch", StringComparison.Ordinal);
        var watch = Stopwatch.StartNew();
        for (int images = 0; images < _sizes.WarmUp && entrant.Failure is null; images += AtOnce)
        {
            if (watch.Elapsed > TimeSpan.FromSeconds(3) && (python || images >= ForSession))
                return;
            entrant.Score(uncounted: AtOnce, counted: 0);
        }
    }
}
