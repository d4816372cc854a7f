using System.Globalization;
using System.Text.Json.Serialization;
using FastScnn.Torch.Data;
using FastScnn.Torch.Training.Reporting;

namespace FastScnn.Torch.Metrics;

/// <summary>
/// The usual scores of semantic segmentation, all in 0..1, taken from <see cref="ConfusionCounts"/>.
/// </summary>
/// <remarks>
/// A score whose denominator is 0 is NaN, and means leave NaN out. So IoU is NaN only for a class that is neither labelled nor
/// predicted (<see cref="NeverSeen"/>); one that is predicted but never labelled has IoU 0. cityscapesScripts and mmsegmentation
/// (<c>IoUMetric</c>, which takes numpy's <c>nanmean</c>) do the same. System.Text.Json writes NaN as null. A mean over some of the classes
/// is best shown by <see cref="ScoreSummary"/>, which names those that are left out.
/// <para>The seed (Tramac/Fast-SCNN-pytorch) adds pixels up over images as is done here, so its pixAcc is <see cref="PixelAccuracy"/>; but in its
/// mean IoU a class that is neither labelled nor predicted counts as 0, so that figure is lower where a split lacks a class. It prints the
/// scores of all images so far after each image; only the last line is the score of the data set.</para>
/// </remarks>
public sealed class SegmentationScores
{
    private SegmentationScores(ConfusionCounts counts)
    {
        int classes = counts.ClassCount;
        double[] iou = new double[classes], precision = new double[classes], recall = new double[classes], f1 = new double[classes];
        double weighted = 0;
        long correct = 0;
        for (int id = 0; id < classes; id++)
        {
            long hit = counts[id, id], labelled = counts.LabelledPixels(id), predicted = counts.PredictedPixels(id);
            iou[id] = Ratio(hit, labelled + predicted - hit);
            precision[id] = Ratio(hit, predicted);
            recall[id] = Ratio(hit, labelled);
            f1[id] = Ratio(2 * hit, labelled + predicted);
            if (labelled > 0) weighted += labelled * iou[id];
            correct += hit;
            LabelledPixels += labelled;
        }
        PixelAccuracy = Ratio(correct, LabelledPixels);
        FrequencyWeightedIoU = LabelledPixels > 0 ? weighted / LabelledPixels : double.NaN;
        (PerClassIoU, PerClassPrecision, PerClassRecall, PerClassF1) = (iou, precision, recall, f1);
        MeanIoU = Mean(iou);
        MeanPixelAccuracy = Mean(recall);
        int[] ids = [.. Enumerable.Range(0, classes)];
        NeverSeen = [.. ids.Where(id => double.IsNaN(iou[id]))];
        NeverLabelled = [.. ids.Where(id => double.IsNaN(recall[id]))];
        ClassesScored = classes - NeverSeen.Count;
    }

    /// <summary>Takes the scores from counts.</summary>
    /// <param name="counts">The counts; later changes to them do not change the scores.</param>
    /// <returns>The scores.</returns>
    public static SegmentationScores From(ConfusionCounts counts)
    {
        ArgumentNullException.ThrowIfNull(counts);
        return new(counts);
    }

    /// <summary>The number of pixels that count: labelled and not ignored.</summary>
    public long LabelledPixels { get; }

    /// <summary>The number of classes whose IoU is defined: those that <see cref="MeanIoU"/> is the mean of.</summary>
    public int ClassesScored { get; }

    /// <summary>The ids of the classes that are neither labelled nor predicted on any pixel that counts: their IoU is NaN, and they are in no mean.</summary>
    public IReadOnlyList<int> NeverSeen { get; }

    /// <summary>The ids of the classes that no pixel is labelled as, those of <see cref="NeverSeen"/> among them; where one is predicted its IoU is 0.</summary>
    public IReadOnlyList<int> NeverLabelled { get; }

    /// <summary>The share of labelled pixels that are predicted right (pixAcc); NaN without labelled pixels.</summary>
    [JsonConverter(typeof(FiniteNumberConverter<double>))]
    public double PixelAccuracy { get; }

    /// <summary>The mean of <see cref="PerClassIoU"/> over the <see cref="ClassesScored"/>, where it is not NaN; NaN without labelled pixels.</summary>
    [JsonConverter(typeof(FiniteNumberConverter<double>))]
    public double MeanIoU { get; }

    /// <summary>The mean of <see cref="PerClassRecall"/> over the labelled classes (mean class accuracy).</summary>
    [JsonConverter(typeof(FiniteNumberConverter<double>))]
    public double MeanPixelAccuracy { get; }

    /// <summary>The mean of <see cref="PerClassIoU"/> weighted by the labelled pixels of each class.</summary>
    [JsonConverter(typeof(FiniteNumberConverter<double>))]
    public double FrequencyWeightedIoU { get; }

    /// <summary>Intersection over union by class: hits / (labelled + predicted - hits).</summary>
    [JsonConverter(typeof(FiniteNumbersConverter))]
    public IReadOnlyList<double> PerClassIoU { get; }

    /// <summary>The share of a class's predictions that are right; NaN for a class that is never predicted.</summary>
    [JsonConverter(typeof(FiniteNumbersConverter))]
    public IReadOnlyList<double> PerClassPrecision { get; }

    /// <summary>The share of a class's labelled pixels that are found; NaN for a class that is never labelled.</summary>
    [JsonConverter(typeof(FiniteNumbersConverter))]
    public IReadOnlyList<double> PerClassRecall { get; }

    /// <summary>The harmonic mean of precision and recall (Dice): 2 hits / (labelled + predicted).</summary>
    [JsonConverter(typeof(FiniteNumbersConverter))]
    public IReadOnlyList<double> PerClassF1 { get; }

    private static double Ratio(long part, long whole) => whole > 0 ? (double)part / whole : double.NaN;

    private static double Mean(double[] values) => values.Where(value => !double.IsNaN(value)).DefaultIfEmpty(double.NaN).Average();
}

/// <summary>
/// The two scores that stand in headlines, with what they are taken over: a mean over some of the classes says which ones are left out. Its text
/// is what the command line, the logs, the report and the model card print.
/// </summary>
/// <remarks>
/// <para>The IoU of a class is defined if its union is above 0: if a pixel that counts is labelled as it or predicted as it. mIoU is the mean over
/// the classes where it is defined, as in mmsegmentation (<c>nanmean</c> in <c>IoUMetric</c>) and cityscapesScripts. Tramac/Fast-SCNN-pytorch
/// divides by the union plus 2.2e-16 and takes the mean over all classes, so that a class that is never seen counts as 0 there.</para>
/// <para>A class of <see cref="NeverSeen"/> is in no mean. A class that is predicted but never labelled has IoU 0 and is in the mean; it is
/// in <see cref="NeverLabelled"/> alone.</para>
/// <para>What is not defined is null, which JSON can write.</para>
/// </remarks>
public sealed record ScoreSummary
{
    // A longer list would bury the score.
    private const int MostNames = 10;

    /// <summary>The mean IoU, 0..1, over the <see cref="ClassesScored"/>; null without a labelled pixel.</summary>
    public required double? MeanIoU { get; init; }

    /// <summary>The share of labelled pixels that are predicted right, 0..1; null without a labelled pixel.</summary>
    public required double? PixelAccuracy { get; init; }

    /// <summary>The number of classes.</summary>
    public required int Classes { get; init; }

    /// <summary>The number of classes whose IoU is defined: those that <see cref="MeanIoU"/> is the mean of.</summary>
    public required int ClassesScored { get; init; }

    /// <summary>The names of the classes that are neither labelled nor predicted on any pixel that counts.</summary>
    public required IReadOnlyList<string> NeverSeen { get; init; }

    /// <summary>The names of the classes that no pixel is labelled as, those of <see cref="NeverSeen"/> among them.</summary>
    public required IReadOnlyList<string> NeverLabelled { get; init; }

    /// <summary>The mean IoU in words, such as <c>71.20 % (2 of 3 classes; never seen: pole)</c>; the classes are named where not all are labelled.</summary>
    [JsonIgnore]
    public string MeanIoUText => MeanIoU is { } mean ? Percent(mean) + Classification() : Undefined;

    /// <summary>The pixel accuracy in words, such as <c>93.10 %</c>.</summary>
    [JsonIgnore]
    public string PixelAccuracyText => PixelAccuracy is { } share ? Percent(share) : Undefined;

    private static string Undefined => "not defined (no labelled pixel)";

    /// <summary>Summarises scores.</summary>
    /// <param name="scores">The scores.</param>
    /// <param name="classes">The classes that they are of.</param>
    /// <exception cref="ArgumentException">The scores are of another number of classes.</exception>
    public static ScoreSummary Of(SegmentationScores scores, ClassList classes)
    {
        ArgumentNullException.ThrowIfNull(scores);
        ArgumentNullException.ThrowIfNull(classes);
        if (scores.PerClassIoU.Count != classes.Count) throw Errors.SummaryClasses(scores.PerClassIoU.Count, classes.Count);
        return new()
        {
            MeanIoU = Finite(scores.MeanIoU),
            PixelAccuracy = Finite(scores.PixelAccuracy),
            Classes = classes.Count,
            ClassesScored = scores.ClassesScored,
            NeverSeen = Names(scores.NeverSeen),
            NeverLabelled = Names(scores.NeverLabelled),
        };

        string[] Names(IReadOnlyList<int> ids) => [.. ids.Select(id => classes[id].Name)];
    }

    /// <summary>Both scores, such as <c>mIoU 71.20 % (2 of 3 classes; never seen: pole), pixel accuracy 93.10 %</c>.</summary>
    public override string ToString() => MeanIoU is null && PixelAccuracy is null
        ? $"mIoU and pixel accuracy {Undefined}"
        : $"mIoU {MeanIoUText}, pixel accuracy {PixelAccuracyText}";

    private string Classification()
    {
        if (NeverLabelled.Count == 0 && ClassesScored == Classes) return "";
        string[] predicted = [.. NeverLabelled.Except(NeverSeen)];
        string text = string.Create(CultureInfo.InvariantCulture, $" ({ClassesScored} of {Classes} classes");
        if (NeverSeen.Count > 0) text += $"; never seen: {Errors.NameList(NeverSeen, MostNames)}";
        if (predicted.Length > 0) text += $"; predicted but never labelled: {Errors.NameList(predicted, MostNames)}";
        return text + ")";
    }

    private static string Percent(double share) => string.Create(CultureInfo.InvariantCulture, $"{100 * share:F2} %");

    private static double? Finite(double value) => double.IsFinite(value) ? value : null;
}
