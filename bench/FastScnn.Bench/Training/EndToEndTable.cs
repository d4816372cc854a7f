namespace FastScnn.Bench.Training;

/// <summary>Times training from files, loader and step, for every entrant and number of loader workers, in
/// turn.</summary>
internal static class EndToEndTable
{
    public static IEnumerable<string> Measure(Contest contest, string scenes, TrainingBenchSizes sizes)
    {
        Run[] runs =
        [
            .. contest.Entrants.SelectMany(entrant => entrant.Side.LoaderWorkers,
                (entrant, workers) => new Run(entrant, workers))
        ];
        foreach (Run run in runs)
            run.Entrant.Epoch(scenes, sizes.EndToEnd, run.Workers, 2);
        for (int round = 0; round < sizes.EndToEndRounds; round++)
            foreach (Run run in runs)
                run.Measure(scenes, sizes);

        yield return "| side | loader workers | milliseconds a batch | images/s | waiting for data | stepping |";
        yield return "|---|---|---|---|---|---|";
        foreach (Run run in runs)
            yield return $"| {run.Entrant.Name} | {run.Workers} | {Comparison.Cell(run.Batch)} | {Comparison.ImagesPerSecond(run.Batch, sizes.EndToEnd.Images)} | {run.Shares()} |";
        yield return "";
        foreach (int workers in Side.PyTorch.LoaderWorkers)
        {
            Samples? peer = Comparison.Best(
                runs.Where(run => run.Entrant.Side == Side.PyTorch && run.Workers == workers).Select(run => run.Batch));
            yield return $"- ours plain / PyTorch best with {workers} workers: **{Comparison.Ratio(runs[0].Batch, peer)}**";
        }
    }

    private sealed record Run(Entrant Entrant, int Workers)
    {
        private readonly List<double> _waiting = [];

        public Samples Batch { get; } = new();

        public void Measure(string scenes, TrainingBenchSizes sizes)
        {
            if (Entrant.Epoch(scenes, sizes.EndToEnd, Workers, sizes.Batches) is not { } time) return;
            Batch.Add(time.Time / time.Images * sizes.EndToEnd.Images);
            _waiting.Add(time.Waiting);
        }

        public string Shares() =>
            _waiting.Count == 0 ? "- | -" : $"{100 * _waiting.Average():F0} % | {100 * (1 - _waiting.Average()):F0} %";
    }
}
