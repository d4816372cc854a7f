namespace FastScnn.Bench.Training;

/// <summary>Times training from files, loader and step, for every entrant and number of loaders, in turn.</summary>
internal static class EndToEndTable
{
    public static IEnumerable<string> Measure(Contest contest, string scenes, TrainingBenchSizes sizes)
    {
        (Entrant Entrant, int Loaders, Measured Measured)[] runs =
        [
            .. contest.Entrants.SelectMany(entrant => entrant.Side.Loaders,
                (entrant, loaders) => (entrant, loaders, new Measured(entrant.Side, loaders)))
        ];
        foreach ((Entrant entrant, int loaders, _) in runs)
            entrant.Epoch(scenes, sizes.Main, loaders, EndToEndTime.FirstBatches);
        for (int round = 0; round < sizes.EndToEndRounds; round++)
            foreach ((Entrant entrant, int loaders, Measured measured) in runs)
                if (entrant.Epoch(scenes, sizes.Main, loaders, sizes.Batches) is { } time)
                    measured.Add(time, sizes.Main.Images);
        return Comparison.Table([.. runs.Select(run => run.Measured)], sizes.Main.Images);
    }
}
