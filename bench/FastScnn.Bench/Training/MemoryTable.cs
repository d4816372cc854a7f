namespace FastScnn.Bench.Training;

/// <summary>The resident size of a training of ours, in a process of its own, early and late.</summary>
internal static class MemoryTable
{
    public static IEnumerable<string> Measure(int threads, string scenes, TrainingBenchSizes sizes,
        Action<Entrant> done)
    {
        using Entrant entrant = new(Side.Float32, threads);
        entrant.AwaitStart();
        IReadOnlyList<double> bytes = entrant.Memory(scenes, sizes.Memory, Side.OwnLoaders,
            sizes.MemorySteps);
        done(entrant);
        if (bytes is not [var first, var last]) return ["failed"];
        return
        [
            "| steps | resident size, MB |",
            "|---|---|",
            $"| {sizes.MemorySteps.First} | {first / 1e6:F0} |",
            $"| {sizes.MemorySteps.Last} | {last / 1e6:F0} |",
        ];
    }
}
