namespace FastScnn.Bench.Training;

/// <summary>What a training of some batches took.</summary>
/// <param name="Time">From nothing to the end of the last step: network, data set, loader, loading, steps.</param>
/// <param name="Images">Images that were trained on.</param>
/// <param name="Waiting">The share of the loop's time, after the first batches, that was spent waiting for data,
/// 0..1.</param>
internal sealed record EndToEndTime(TimeSpan Time, int Images, double Waiting)
{
    /// <summary>Batches that begin while the loader starts.</summary>
    public const int FirstBatches = 2;

    /// <summary>A share of a time; 0 of none.</summary>
    public static double Share(double part, double whole) => whole > 0 ? part / whole : 0;
}
