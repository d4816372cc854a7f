using System.Text.Json.Serialization;
using FastScnn.Torch.Metrics;

namespace FastScnn.ML.Evaluation;

/// <summary>How far the confidence of a model can be trusted: of the pixels that it is 80 % sure of, are 80 % right?
/// The bins are the points of the reliability curve.</summary>
/// <remarks>Guo, Pleiss, Sun, Weinberger: On Calibration of Modern Neural Networks, ICML 2017, arXiv:1706.04599. The
/// labelled pixels of all images together are the samples, and the probability of the predicted class is the
/// confidence, in 15 bins of equal width. Pixels without a confidence, such as those of a row without a prediction, are
/// in no bin.</remarks>
public sealed class SegmentationCalibration
{
    internal SegmentationCalibration(CalibrationCounts counts)
    {
        (ExpectedCalibrationError, Pixels) = (counts.ExpectedError, counts.Pixels);
        Bins =
        [
            .. Enumerable.Range(0, CalibrationCounts.BinCount).Select(bin => new CalibrationBin(
                (double)bin / CalibrationCounts.BinCount, (bin + 1.0) / CalibrationCounts.BinCount,
                counts[bin].Pixels, counts[bin].Confidence, counts[bin].Accuracy))
        ];
    }

    /// <summary>Gets the mean of the difference between accuracy and mean confidence of each bin, weighted by its
    /// pixels, 0..1 (ECE). 0 is a model that is as sure as it is right.</summary>
    public double ExpectedCalibrationError { get; }

    /// <summary>Gets the number of labelled pixels with a confidence.</summary>
    public long Pixels { get; }

    /// <summary>Gets the bins, from the lowest confidence on.</summary>
    public IReadOnlyList<CalibrationBin> Bins { get; }
}

/// <summary>The pixels whose confidence is above one number and at most another.</summary>
/// <param name="Above">The lower end; the first bin holds 0 too.</param>
/// <param name="UpTo">The upper end, which the bin holds.</param>
/// <param name="Pixels">The number of labelled pixels in it.</param>
/// <param name="MeanConfidence">The mean of their confidence; NaN without pixels.</param>
/// <param name="Accuracy">The share of them whose prediction is right; NaN without pixels.</param>
public readonly record struct CalibrationBin(
    double Above, double UpTo, long Pixels,
    [property: JsonConverter(typeof(FiniteNumberConverter))] double MeanConfidence,
    [property: JsonConverter(typeof(FiniteNumberConverter))] double Accuracy);
