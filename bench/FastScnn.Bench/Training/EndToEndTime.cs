namespace FastScnn.Bench.Training;

/// <summary>What a training of some batches took.</summary>
/// <param name="Time">From nothing to the end of the last step: network, data set, loader, loading, steps.</param>
/// <param name="Images">Images that were trained on.</param>
/// <param name="Waiting">The share of the time in the loop that was spent waiting for data, 0..1.</param>
internal sealed record EndToEndTime(TimeSpan Time, int Images, double Waiting);
