using System.Runtime.ExceptionServices;

namespace FastScnn.Torch.Data;

/// <summary>How often each class is labelled in a data set.</summary>
/// <param name="Pixels">The labelled pixels of each class.</param>
/// <param name="PixelsWherePresent">For each class, the labelled pixels of all classes in the labels that show the class.</param>
public sealed record ClassFrequencies(IReadOnlyList<long> Pixels, IReadOnlyList<long> PixelsWherePresent)
{
    /// <summary>Reads every label of a data set, on all processors; photos are not read.</summary>
    /// <param name="dataset">The data set.</param>
    /// <param name="cancellationToken">Ends the work with an <see cref="OperationCanceledException"/>.</param>
    /// <returns>The counts.</returns>
    /// <exception cref="InvalidDataException">A label cannot be read; the message names the file.</exception>
    /// <exception cref="IOException">A label cannot be opened.</exception>
    public static ClassFrequencies Count(SegmentationDataset dataset, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        var pixels = new long[dataset.Classes.Count];
        var present = new long[dataset.Classes.Count];
        Lock gate = new();
        try
        {
            Parallel.For(0, dataset.Samples.Count, new ParallelOptions { CancellationToken = cancellationToken }, index =>
            {
                long[] counts = Count(dataset.ReadLabels(index), dataset.Classes.Count);
                long labelled = counts.Sum();
                lock (gate)
                    for (int id = 0; id < counts.Length; id++)
                    {
                        pixels[id] += counts[id];
                        if (counts[id] > 0) present[id] += labelled;
                    }
            });
        }
        catch (AggregateException exception)
        {
            // The caller is to see the label that cannot be read, not that threads were at work.
            ExceptionDispatchInfo.Throw(exception.InnerExceptions[0]);
        }
        return new ClassFrequencies(pixels, present);
    }

    private static long[] Count(LabelMap labels, int classes)
    {
        var ids = new long[256];
        foreach (byte id in labels.Ids.Span) ids[id]++;
        return ids[..classes];
    }
}
