using System.Diagnostics;
using FastScnn.Bench.Workers;
using FastScnn.Scenes;
using FastScnn.Torch.Training;

namespace FastScnn.Bench.Training;

/// <summary>Our training beside a plain TorchSharp loop and PyTorch: the step, training from files, several processes,
/// and our memory.</summary>
internal sealed class TrainingBench
{
    private readonly TrainingBenchSizes _sizes;
    private readonly string _scenes;
    private readonly BenchReport _report = new();
    private readonly List<(string Name, int Threads, WorkerFailure Failure)> _failures = [];

    private TrainingBench(TrainingBenchSizes sizes, string scenes) => (_sizes, _scenes) = (sizes, scenes);

    /// <summary>Measures, prints, and writes artifacts/bench/training.md (tiny: training-tiny.md).</summary>
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
        _report.Add("# Training beside its peers");
        _report.Add("");
        _report.Add($"{Machine.Describe()}{(Machine.Load() is { } load ? $", load before {load}" : "")}.");
        bool tiny = _sizes == TrainingBenchSizes.Tiny;
        if (tiny) _report.Add("TINY SIZES: these figures only show that the bench works.");
        List<Side> sides = [Side.Float32, Side.BFloat16, Side.WithoutSettings, Side.Loop];
        if (PyTorchPython.WhyMissing() is { } reason)
            _report.Add(
                $"**NO COMPARISON WITH PYTORCH: {reason}.** It needs Debian's python3-torch, python3-numpy and "
                    + "python3-pil.");
        else sides.AddRange(Side.PyTorch);

        int[] threadCounts =
            [.. _sizes.Threads.Select(threads => Math.Min(threads, Environment.ProcessorCount)).Distinct()];
        foreach (int threads in threadCounts)
        {
            using Contest contest = new(threads, sides);
            if (!contest.IsFair)
                throw new InvalidOperationException(
                    $"The networks have different numbers of parameters: "
                        + $"{string.Join(", ", contest.Entrants.Select(one => one.Parameters))}.");
            if (threads == threadCounts[0]) Begin(contest);
            _report.Heading($"Step, batch {_sizes.Main}, {Threads(threads)}");
            _report.Add(StepTable.Measure(contest, _sizes.Main, _sizes));
            if (threads == threadCounts[^1]) EndToEnd(contest);
            NoteFailures(contest.Entrants, threads);
        }
        Processes();
        Memory(threadCounts[^1]);
        Failures();
        _report.Add("");
        _report.Add($"Measured in {watch.Elapsed.TotalMinutes:F1} minutes.");
        _report.Save(Checkout.Artifact("bench", tiny ? "training-tiny.md" : "training.md"));
        return _failures.Count == 0 ? 0 : 1;
    }

    private void Begin(Contest contest)
    {
        _report.Add("");
        // The first step loads what is loaded late.
        foreach (Entrant entrant in contest.Entrants)
        {
            entrant.Step(new(2, 64, 64), 1);
            _report.Add($"- {entrant.Name}: {entrant.Versions}; {entrant.Libraries()}");
        }
        _report.Add($"- tuned: {Variables(WorkerEnvironment.Tuned)}");
        _report.Add($"- settings off: {Variables(WorkerEnvironment.WithoutSettings)}");
        _report.Add($"- bfloat16: {ChosenPrecision.OfProcessor(X86Features.HasBFloat16).Reason}");
        _report.Add(
            $"- {contest.Entrants[0].Parameters:N0} parameters, 11 classes; cross-entropy with the auxiliary head at "
                + "0.4, SGD with momentum 0.9; milliseconds: median (min..max)");
    }

    private void EndToEnd(Contest contest)
    {
        _report.Heading($"End to end, batch {_sizes.Main}, {Threads(contest.Threads)}");
        _report.Add(
            $"From {_sizes.Scenes} PNG pairs of 360x480 to the end of the last step: {_sizes.Batches} batches; scale 0.5 "
                + "to 2, mirroring, crop; no validation.");
        _report.Add("");
        _report.Add(EndToEndTable.Measure(contest, _scenes, _sizes));
    }

    private void Processes()
    {
        _report.Heading($"Processes joined by MPI, batch {_sizes.Main}");
        _report.Add(
            $"Ours in float32 from the same files; the batch is that of all processes together; {_sizes.Batches} batches "
                + $"after the first {EndToEndTime.FirstBatches}.");
        _report.Add("");
        _report.Add(ProcessesTable.Measure(_scenes, _sizes,
            (name, threads, failure) => _failures.Add((name, threads, failure))));
    }

    private static string Threads(int count) => count == 1 ? "1 thread" : $"{count} threads";

    private static string Variables(WorkerEnvironment environment) =>
        string.Join(' ', environment.Variables.Select(variable => $"{variable.Key}={variable.Value}"));

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
