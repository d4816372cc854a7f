namespace FastScnn.Bench.Training;

/// <summary>What a side took for a batch of images, with a number of loaders where files are read.</summary>
internal sealed record Measured(Side Side, int? Loaders = null)
{
    private readonly List<double> _waiting = [];

    /// <summary>Milliseconds a batch.</summary>
    public Samples Times { get; } = new();

    public void Add(EndToEndTime time, int images)
    {
        Times.Add(time.Time / time.Images * images);
        _waiting.Add(time.Waiting);
    }

    public string Waiting => _waiting.Count == 0 ? "-" : $"{100 * _waiting.Average():F0} %";
}

/// <summary>A table of what all sides took, and the ratios that matter.</summary>
internal static class Comparison
{
    public static IEnumerable<string> Table(IReadOnlyList<Measured> all, int images)
    {
        bool files = all[0].Loaders is not null;
        Samples ours = Of(all, Side.Float32)!;
        yield return $"| side | {OfFiles("loaders | ")}ms a batch | images/s | x ours, float32 |"
            + OfFiles(" waiting for data |");
        yield return $"|---|{OfFiles("---|")}---|---|---|{OfFiles("---|")}";
        foreach (Measured one in all)
            yield return $"| {one.Side.Name} | {OfFiles($"{one.Loaders} | ")}{Cell(one.Times)} "
                + $"| {ImagesPerSecond(one.Times, images)} | {Ratio(one.Times, ours)} |{OfFiles($" {one.Waiting} |")}";
        yield return "";
        foreach (string line in Ratios(all))
            yield return line;

        string OfFiles(string text) => files ? text : "";
    }

    public static string Cell(Samples times) => times.IsEmpty ? "failed" : $"{times}";

    public static string ImagesPerSecond(Samples times, int images) =>
        times.IsEmpty ? "-" : $"{1000 * images / times.Median:F1}";

    public static string Ratio(Samples? one, Samples? other) =>
        one is null or { IsEmpty: true } || other is null or { IsEmpty: true } ? "-"
            : $"{one.Median / other.Median:F2}";

    private static IEnumerable<string> Ratios(IReadOnlyList<Measured> all)
    {
        Samples? ours = Of(all, Side.Float32), narrow = Of(all, Side.BFloat16);
        if (all.Where(one => !one.Side.IsOurs && !one.Times.IsEmpty).MinBy(one => one.Times.Median) is { } best)
            yield return $"- ours / best peer ({best.Side.Name}{(best.Loaders is { } n ? $", loaders {n}" : "")}): "
                + $"**{Ratio(ours, best.Times)}** in float32, **{Ratio(narrow, best.Times)}** in bfloat16";
        Samples? loop = Of(all, Side.Loop);
        yield return $"- {Side.Loop.Name} / ours: **{Ratio(loop, ours)}** in float32, **{Ratio(loop, narrow)}** in "
            + "bfloat16";
        Samples? off = Of(all, Side.WithoutSettings);
        yield return $"- ours in float32 with settings off / ours: **{Ratio(off, ours)}** in float32, "
            + $"**{Ratio(off, narrow)}** in bfloat16";
    }

    // With the largest number of loaders, which for ours is the default.
    private static Samples? Of(IReadOnlyList<Measured> all, Side side) =>
        all.Where(one => one.Side == side).MaxBy(one => one.Loaders)?.Times;
}
