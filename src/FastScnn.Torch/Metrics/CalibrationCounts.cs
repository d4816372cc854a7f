using static System.FormattableString;

namespace FastScnn.Torch.Metrics;

/// <summary>Counts pixels by how sure the network was of them: how many, how many of them right, and the sum of their
/// confidence, in bins of equal width.</summary>
/// <remarks>Guo, Pleiss, Sun, Weinberger: On Calibration of Modern Neural Networks, ICML 2017, arXiv:1706.04599, with
/// each labelled pixel as a sample, as there: 15 bins, of which bin m holds the confidences above m / 15 and up to
/// (m + 1) / 15. Not thread-safe; see <see cref="ConfusionCounts"/>.</remarks>
internal sealed class CalibrationCounts
{
    public const int BinCount = 15;

    // Sums of whole numbers do not depend on the order of images and threads. From 0.5 on a float has no finer steps.
    private const double One = 1 << 24;

    // What rounding may put above 1.
    private const float Most = 1.0001f;

    private readonly long[] _pixels = new long[BinCount], _correct = new long[BinCount],
        _confidence = new long[BinCount];

    /// <summary>The number of counted pixels.</summary>
    public long Pixels => _pixels.Sum();

    /// <summary>The mean difference of accuracy and confidence of the bins, by their pixels; NaN without
    /// pixels.</summary>
    public double ExpectedError => Pixels is > 0 and var pixels
        ? Enumerable.Range(0, BinCount).Sum(bin => Math.Abs(_correct[bin] - _confidence[bin] / One)) / pixels
        : double.NaN;

    /// <summary>The pixels of a bin, the mean of their confidence and the share of them that is right; both NaN without
    /// pixels.</summary>
    public (long Pixels, double Confidence, double Accuracy) this[int bin] => _pixels[bin] > 0
        ? (_pixels[bin], _confidence[bin] / One / _pixels[bin], (double)_correct[bin] / _pixels[bin])
        : (0, double.NaN, double.NaN);

    /// <summary>Counts the pixels of one image, or of any run of pixels.</summary>
    /// <param name="labels">A label for each pixel: a class, or <paramref name="ignoreIndex"/>.</param>
    /// <param name="predictions">A prediction for each pixel.</param>
    /// <param name="confidence">The probability of each prediction, 0..1.</param>
    /// <param name="ignoreIndex">The label of pixels that do not count.</param>
    /// <exception cref="ArgumentException">The lengths differ, or the confidence of a labelled pixel is not in 0..1;
    /// nothing was counted then.</exception>
    public void Add(ReadOnlySpan<byte> labels, ReadOnlySpan<byte> predictions, ReadOnlySpan<float> confidence,
        byte ignoreIndex = 255)
    {
        if (labels.Length != predictions.Length || labels.Length != confidence.Length)
            throw new ArgumentException(Invariant($"There are {labels.Length} labels, {predictions.Length} ")
                + Invariant($"predictions and {confidence.Length} values of confidence; each pixel needs one each."));
        for (int i = 0; i < labels.Length; i++)
            if (labels[i] != ignoreIndex && confidence[i] is not (>= 0 and <= Most))
                throw new ArgumentException(Invariant($"The confidence of pixel {i} is {confidence[i]}; expected a ")
                    + "probability, 0 to 1.");
        for (int i = 0; i < labels.Length; i++)
        {
            if (labels[i] == ignoreIndex) continue;
            int bin = Math.Clamp((int)Math.Ceiling(confidence[i] * (double)BinCount) - 1, 0, BinCount - 1);
            _pixels[bin]++;
            _correct[bin] += labels[i] == predictions[i] ? 1 : 0;
            _confidence[bin] += (long)Math.Round(confidence[i] * One);
        }
    }

    /// <summary>Adds the counts of another thread or image.</summary>
    public void Add(CalibrationCounts other)
    {
        for (int bin = 0; bin < BinCount; bin++)
        {
            _pixels[bin] += other._pixels[bin];
            _correct[bin] += other._correct[bin];
            _confidence[bin] += other._confidence[bin];
        }
    }
}
