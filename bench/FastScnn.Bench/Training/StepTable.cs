namespace FastScnn.Bench.Training;

/// <summary>Times the training step of every entrant, in turn.</summary>
internal static class StepTable
{
    public static IEnumerable<string> Measure(Contest contest, BatchSize batch, TrainingBenchSizes sizes)
    {
        (Entrant Entrant, Measured Measured)[] all =
            [.. contest.Entrants.Select(entrant => (entrant, new Measured(entrant.Side)))];
        // The first turn warms up code and memory.
        for (int round = -1; round < sizes.StepRounds; round++)
            foreach ((Entrant entrant, Measured measured) in all)
                foreach (double milliseconds in entrant.Step(batch, sizes.StepsPerTurn))
                    if (round >= 0) measured.Times.Add(milliseconds);
        return Comparison.Table([.. all.Select(one => one.Measured)], batch.Images);
    }
}
