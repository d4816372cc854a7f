using System.Globalization;
using System.Text.Json.Serialization;
using FastScnn.Torch.Data;

namespace FastScnn.Torch.Metrics;

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
