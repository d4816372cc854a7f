namespace FastScnn.Bench.Training;

/// <summary>Times the training step of every entrant, in turn, a row for each batch.</summary>
internal static class StepTable
{
    public static IEnumerable<string> Header(IReadOnlyList<Entrant> entrants) =>
    [
        $"| batch | threads | {string.Join(" | ", entrants.Select(entrant => entrant.Name))} | ours plain / PyTorch best | images/s: ours plain | PyTorch best |",
        $"|---|---|{string.Concat(entrants.Select(_ => "---|"))}---|---|---|",
    ];

    public static IEnumerable<string> Rows(Contest contest, TrainingBenchSizes sizes) =>
        sizes.Steps.Select(batch => Row(contest, batch, sizes));

    private static string Row(Contest contest, BatchSize batch, TrainingBenchSizes sizes)
    {
        (Entrant Entrant, Samples Times)[] all = [.. contest.Entrants.Select(entrant => (entrant, new Samples()))];
        // The first turn warms up code and memory.
        for (int round = -1; round < sizes.StepRounds; round++)
            foreach ((Entrant entrant, Samples times) in all)
                foreach (double milliseconds in entrant.Step(batch, sizes.StepsPerTurn))
                    if (round >= 0) times.Add(milliseconds);
        Samples ours = all[0].Times;
        Samples? peer = Comparison.Best(all.Where(one => one.Entrant.Side == Side.PyTorch).Select(one => one.Times));
        return $"| {batch} | {contest.Threads} | {string.Join(" | ", all.Select(one => Comparison.Cell(one.Times)))} | "
            + $"{Comparison.Ratio(ours, peer)} | {Comparison.ImagesPerSecond(ours, batch.Images)} | "
            + $"{Comparison.ImagesPerSecond(peer, batch.Images)} |";
    }
}
