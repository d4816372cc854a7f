namespace FastScnn.Bench.Training;

/// <summary>Times of several entrants: ours as started plainly against the best of the peer's, whichever way it is
/// run.</summary>
internal static class Comparison
{
    /// <summary>The one with the least median; null where all failed.</summary>
    public static Samples? Best(IEnumerable<Samples> times) =>
        times.Where(time => !time.IsEmpty).MinBy(time => time.Median);

    /// <summary>Our time over the peer's: below 1 ours is the faster.</summary>
    public static string Ratio(Samples ours, Samples? peer) =>
        ours.IsEmpty || peer is null ? "-" : $"{ours.Median / peer.Median:F2}";

    public static string Cell(Samples times) => times.IsEmpty ? "failed" : $"{times}";

    public static string ImagesPerSecond(Samples? times, int images) =>
        times is null or { IsEmpty: true } ? "-" : $"{1000 * images / times.Median:F1}";
}
