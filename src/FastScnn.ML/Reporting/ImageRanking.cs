namespace FastScnn.ML;

/// <summary>Keeps the images with the lowest and the highest mean IoU of all that come by; of equal ones, an earlier one ranks lower.</summary>
/// <param name="count">How many to keep at either end.</param>
internal sealed class ImageRanking(int count)
{
    // Both from the lowest to the highest.
    private readonly List<ReportedImage> _worst = [], _best = [];

    /// <summary>Images that have a score: not those without a labelled pixel.</summary>
    public long Ranked { get; private set; }

    /// <summary>Images without a score.</summary>
    public long Unranked { get; private set; }

    /// <summary>Whether both ends together hold every image that has a score.</summary>
    public bool HoldsAll => Ranked <= 2 * count;

    /// <summary>Every image, from the lowest on, where <see cref="HoldsAll"/>.</summary>
    public IReadOnlyList<ReportedImage> All => [.. _worst, .. _best.Except(_worst)];

    /// <summary>The lowest, from the lowest on.</summary>
    public IReadOnlyList<ReportedImage> Worst => _worst;

    /// <summary>The highest, from the highest on.</summary>
    public IReadOnlyList<ReportedImage> Best => [.. Enumerable.Reverse(_best)];

    /// <summary>Counts an image of a score, and says whether it has to be added.</summary>
    public bool Wants(double score)
    {
        if (double.IsNaN(score))
        {
            Unranked++;
            return false;
        }
        Ranked++;
        return count > 0 && (IsLow(score) || IsHigh(score));
    }

    /// <summary>Adds an image that <see cref="Wants"/> asked for.</summary>
    public void Add(ReportedImage image)
    {
        double score = image.Scores.MeanIoU;
        if (IsLow(score))
        {
            Insert(_worst, image);
            if (_worst.Count > count)
                _worst.RemoveAt(count);
        }
        if (IsHigh(score))
        {
            Insert(_best, image);
            if (_best.Count > count)
                _best.RemoveAt(0);
        }
    }

    private bool IsLow(double score) => _worst.Count < count || score < _worst[^1].Scores.MeanIoU;

    private bool IsHigh(double score) => _best.Count < count || score >= _best[0].Scores.MeanIoU;

    private static void Insert(List<ReportedImage> images, ReportedImage image) =>
        images.Insert(images.FindLastIndex(other => other.Scores.MeanIoU <= image.Scores.MeanIoU) + 1, image);
}
