using System.Diagnostics;
using FastScnn.Bench.Workers;
using FastScnn.Scenes;

namespace FastScnn.Bench.Training;

/// <summary>Our training beside PyTorch's: the step, training from files, and our memory.</summary>
internal sealed class TrainingBench
{
    private readonly TrainingBenchSizes _sizes;
    private readonly string _scenes;
    private readonly BenchReport _report = new();
    private readonly List<(string Name, int Threads, WorkerFailure Failure)> _failures = [];

    private TrainingBench(TrainingBenchSizes sizes, string scenes) => (_sizes, _scenes) = (sizes, scenes);

    /// <summary>Measures, prints, and writes artifacts/bench/training.md.</summary>
    /// <returns>The exit code: 1 if a side failed.</returns>
    public static int Run(TrainingBenchSizes sizes)
    {
        DirectoryInfo scenes = Directory.CreateTempSubdirectory("fastscnn-bench-");
        try
        {
            StreetSceneFolder.Write(scenes.FullName, "train", sizes.Scenes,
                new StreetSceneOptions { Height = 360, Width = 480 });
            return new TrainingBench(sizes, scenes.FullName).Run();
        }
        finally
        {
            scenes.Delete(recursive: true);
        }
    }

    private int Run()
    {
        Stopwatch watch = Stopwatch.StartNew();
        _report.Add("# Training beside PyTorch");
        _report.Add("");
        _report.Add($"{Machine.Describe()}.");
        if (_sizes == TrainingBenchSizes.Tiny) _report.Add("TINY SIZES: these figures only show that the bench works.");
        List<Side> sides = [Side.Ours];
        if (PyTorchPython.WhyMissing() is { } reason)
            _report.Add(
                $"**NO COMPARISON WITH PYTORCH: {reason}.** It needs Debian's python3-torch, python3-numpy and python3-pil.");
        else sides.Add(Side.PyTorch);

        int[] threadCounts = [.. new[] { 1, 2 }.Where(threads => threads <= Environment.ProcessorCount)];
        foreach (int threads in threadCounts)
        {
            using Contest contest = new(threads, sides);
            if (!contest.IsFair)
                throw new InvalidOperationException(
                    $"The networks have different numbers of parameters: "
                        + $"{string.Join(", ", contest.Entrants.Select(one => one.Parameters))}.");
            if (threads == threadCounts[0]) BeginSteps(contest);
            _report.Add(StepTable.Rows(contest, _sizes));
            if (threads == threadCounts[^1]) EndToEnd(contest);
            NoteFailures(contest.Entrants, threads);
        }
        Memory(threadCounts[^1]);
        Failures();
        _report.Add("");
        _report.Add($"Measured in {watch.Elapsed.TotalMinutes:F1} minutes.");
        _report.Save(Checkout.Artifact("bench", "training.md"));
        return _failures.Count == 0 ? 0 : 1;
    }

    private void BeginSteps(Contest contest)
    {
        // The first step loads what is loaded late.
        foreach (Entrant entrant in contest.Entrants)
        {
            entrant.Step(new(2, 64, 64), 1);
            _report.Add($"- {entrant.Name}: {entrant.Versions}; {entrant.Libraries()}");
        }
        _report.Add(
            $"- tuned: {string.Join(' ', WorkerEnvironment.Tuned.Variables.Select(variable => $"{variable.Key}={variable.Value}"))}");
        _report.Heading("Training step");
        _report.Add(
            $"{contest.Entrants[0].Parameters:N0} parameters, 19 classes; cross-entropy with the auxiliary head at 0.4, SGD with momentum 0.9; milliseconds: median (min..max).");
        _report.Add("");
        _report.Add(StepTable.Header(contest.Entrants));
    }

    private void EndToEnd(Contest contest)
    {
        _report.Heading("End to end");
        _report.Add(
            $"From {_sizes.Scenes} PNG pairs of 360x480 to the end of the last step: {_sizes.Batches} batches of {_sizes.EndToEnd}, {contest.Threads} threads; scale 0.5 to 2, mirroring, crop.");
        _report.Add("");
        _report.Add(EndToEndTable.Measure(contest, _scenes, _sizes));
    }

    private void Memory(int threads)
    {
        _report.Heading("Memory");
        _report.Add($"One training of ours from files, batches of {_sizes.Memory}.");
        _report.Add("");
        _report.Add(MemoryTable.Measure(threads, _scenes, _sizes, entrant => NoteFailures([entrant], threads)));
    }

    private void NoteFailures(IEnumerable<Entrant> entrants, int threads)
    {
        foreach (Entrant entrant in entrants)
            if (entrant.Failure is { } failure) _failures.Add((entrant.Name, threads, failure));
    }

    private void Failures()
    {
        foreach ((string name, int threads, WorkerFailure failure) in _failures)
        {
            _report.Heading($"FAILED: {name}, threads {threads}");
            _report.Add(failure.Message);
        }
    }
}
