using FastScnn.Torch.Metrics;

namespace FastScnn.ML;

/// <summary>What one thread of an evaluation has counted.</summary>
internal sealed class RowTally
{
    // No list of classes reaches this id.
    private const byte NoClass = ConfusionCounts.MaxClassCount;

    /// <summary>The pixels of the labelled rows; null before the first.</summary>
    public ConfusionCounts? Counts { get; private set; }

    /// <summary>Rows with a label.</summary>
    public long Rows { get; private set; }

    /// <summary>Rows without a label.</summary>
    public long WithoutLabel { get; private set; }

    /// <summary>Rows with a label and without a prediction.</summary>
    public long WithoutPrediction { get; private set; }

    /// <summary>Counts a row, whose maps have the same size and classes.</summary>
    /// <exception cref="ArgumentException">The label holds an id that is neither a class nor ignored.</exception>
    public void Add(SegmentationMap? label, SegmentationMap? prediction)
    {
        if (label is null)
        {
            WithoutLabel++;
            return;
        }
        Counts ??= new ConfusionCounts(label.Classes.Count);
        ReadOnlySpan<byte> predicted = prediction is null ? Missing(label.ClassIds.Length) : prediction.ClassIds.Span;
        Counts.Add(label.ClassIds.Span, predicted, label.Classes.IgnoreIndex);
        Rows++;
        if (prediction is null)
            WithoutPrediction++;
    }

    /// <summary>Adds what another thread counted.</summary>
    public void Add(RowTally other)
    {
        Rows += other.Rows;
        WithoutLabel += other.WithoutLabel;
        WithoutPrediction += other.WithoutPrediction;
        if (other.Counts is null)
            return;
        if (Counts is null)
            Counts = other.Counts;
        else
            Counts.Add(other.Counts);
    }

    private static byte[] Missing(int pixels)
    {
        var ids = new byte[pixels];
        Array.Fill(ids, NoClass);
        return ids;
    }
}
