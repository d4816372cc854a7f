using System.Text.Json;
using System.Text.Json.Serialization;
using static System.FormattableString;

namespace FastScnn.Torch.Metrics;

/// <summary>The usual scores of semantic segmentation, all in 0..1, computed from <see cref="ConfusionCounts"/>. Its
/// text is what the command line, the logs, the report and the model card print.</summary>
/// <remarks>
/// <para>A score whose denominator is 0 is NaN, and means leave NaN out. The IoU of a class is NaN only where no
/// counted pixel is labelled or predicted as it (<see cref="NeverSeen"/>); a class that is predicted but never labelled
/// has IoU 0 and is in the mean. cityscapesScripts and mmsegmentation (<c>nanmean</c> in <c>IoUMetric</c>) do the same.
/// System.Text.Json writes NaN as null.</para>
/// <para>The reference implementation (Tramac/Fast-SCNN-pytorch) also sums pixels over images, so its pixAcc is
/// <see cref="PixelAccuracy"/>. Its mean IoU is over all classes, and a class that is neither labelled nor predicted
/// counts as 0 there, so that number is lower where a split lacks a class. It prints the running scores after each
/// image; only the last line is the score of the data set.</para>
/// </remarks>
public class SegmentationScores
{
    // A longer list would bury the score.
    private const int MostNames = 10;

    private const string Undefined = "not defined (no labelled pixel)";

    [JsonConstructor]
    internal SegmentationScores(
        IReadOnlyList<string> classNames,
        IReadOnlyList<long> perClassCorrectPixels,
        IReadOnlyList<long> perClassLabelledPixels,
        IReadOnlyList<long> perClassPredictedPixels)
    {
        (ClassNames, PerClassCorrectPixels) = (classNames, perClassCorrectPixels);
        (PerClassLabelledPixels, PerClassPredictedPixels) = (perClassLabelledPixels, perClassPredictedPixels);
        int classes = classNames.Count;
        double[] iou = new double[classes], precision = new double[classes], recall = new double[classes],
            f1 = new double[classes];
        double weighted = 0;
        for (int id = 0; id < classes; id++)
        {
            long correct = perClassCorrectPixels[id], labelled = perClassLabelledPixels[id],
                predicted = perClassPredictedPixels[id];
            iou[id] = Ratio(correct, labelled + predicted - correct);
            precision[id] = Ratio(correct, predicted);
            recall[id] = Ratio(correct, labelled);
            f1[id] = Ratio(2 * correct, labelled + predicted);
            if (labelled > 0) weighted += labelled * iou[id];
        }
        LabelledPixels = perClassLabelledPixels.Sum();
        PixelAccuracy = Ratio(perClassCorrectPixels.Sum(), LabelledPixels);
        FrequencyWeightedIoU = LabelledPixels > 0 ? weighted / LabelledPixels : double.NaN;
        (PerClassIoU, PerClassPrecision, PerClassRecall, PerClassF1) = (iou, precision, recall, f1);
        (MeanIoU, MeanPixelAccuracy) = (Mean(iou), Mean(recall));
        NeverSeen = [.. classNames.Where((_, id) => double.IsNaN(iou[id]))];
        NeverLabelled = [.. classNames.Where((_, id) => perClassLabelledPixels[id] == 0)];
    }

    internal SegmentationScores(ConfusionCounts counts, IReadOnlyList<string> classNames) : this(
        [.. classNames],
        [.. Enumerable.Range(0, counts.ClassCount).Select(id => counts[id, id])],
        [.. Enumerable.Range(0, counts.ClassCount).Select(counts.LabelledPixels)],
        [.. Enumerable.Range(0, counts.ClassCount).Select(counts.PredictedPixels)])
    {
    }

    /// <summary>Computes the scores of counts.</summary>
    /// <param name="counts">The counts; later changes to them do not change the scores.</param>
    /// <param name="classNames">The names of the classes by id, such as <see cref="Data.ClassList.Names"/>; null:
    /// "class 0", "class 1" and so on.</param>
    /// <exception cref="ArgumentException">The number of names is not the number of counted classes.</exception>
    public static SegmentationScores From(ConfusionCounts counts, IReadOnlyList<string>? classNames = null)
    {
        ArgumentNullException.ThrowIfNull(counts);
        classNames ??= [.. Enumerable.Range(0, counts.ClassCount).Select(id => Invariant($"class {id}"))];
        return classNames.Count == counts.ClassCount ? new(counts, classNames) : throw new ArgumentException(
            Invariant($"The scores are of {counts.ClassCount} classes, and {classNames.Count} classes are given."),
            nameof(classNames));
    }

    /// <summary>The names of the classes; every per-class list has their order.</summary>
    public IReadOnlyList<string> ClassNames { get; }

    /// <summary>The number of counted pixels: labelled and not ignored.</summary>
    public long LabelledPixels { get; }

    /// <summary>The number of classes whose IoU is defined: those that <see cref="MeanIoU"/> is the mean of.</summary>
    public int ClassesScored => ClassNames.Count - NeverSeen.Count;

    /// <summary>The names of the classes that no counted pixel is labelled or predicted as: their IoU is NaN, and they
    /// are in no mean.</summary>
    public IReadOnlyList<string> NeverSeen { get; }

    /// <summary>The names of the classes that no pixel is labelled as, including those of <see cref="NeverSeen"/>;
    /// where one is predicted its IoU is 0.</summary>
    public IReadOnlyList<string> NeverLabelled { get; }

    /// <summary>The fraction of labelled pixels that are predicted correctly (pixAcc); NaN without labelled
    /// pixels.</summary>
    [JsonConverter(typeof(FiniteNumberConverter))]
    public double PixelAccuracy { get; }

    /// <summary>The mean of <see cref="PerClassIoU"/> over the <see cref="ClassesScored"/>; NaN without labelled
    /// pixels.</summary>
    [JsonConverter(typeof(FiniteNumberConverter))]
    public double MeanIoU { get; }

    /// <summary>The mean of <see cref="PerClassRecall"/> over the labelled classes (mean class accuracy).</summary>
    [JsonConverter(typeof(FiniteNumberConverter))]
    public double MeanPixelAccuracy { get; }

    /// <summary>The mean of <see cref="PerClassIoU"/> weighted by the labelled pixels of each class.</summary>
    [JsonConverter(typeof(FiniteNumberConverter))]
    public double FrequencyWeightedIoU { get; }

    /// <summary>The intersection over union of each class: correct / (labelled + predicted - correct).</summary>
    [JsonConverter(typeof(FiniteNumbersConverter))]
    public IReadOnlyList<double> PerClassIoU { get; }

    /// <summary>The fraction of a class's predictions that are correct; NaN for a class that is never
    /// predicted.</summary>
    [JsonConverter(typeof(FiniteNumbersConverter))]
    public IReadOnlyList<double> PerClassPrecision { get; }

    /// <summary>The fraction of a class's labelled pixels that are found; NaN for a class that is never
    /// labelled.</summary>
    [JsonConverter(typeof(FiniteNumbersConverter))]
    public IReadOnlyList<double> PerClassRecall { get; }

    /// <summary>The harmonic mean of precision and recall of each class (Dice): 2 correct / (labelled +
    /// predicted).</summary>
    [JsonConverter(typeof(FiniteNumbersConverter))]
    public IReadOnlyList<double> PerClassF1 { get; }

    /// <summary>For each class the pixels labelled and predicted as it.</summary>
    public IReadOnlyList<long> PerClassCorrectPixels { get; }

    /// <summary>For each class the pixels labelled as it.</summary>
    public IReadOnlyList<long> PerClassLabelledPixels { get; }

    /// <summary>For each class the labelled pixels predicted as it.</summary>
    public IReadOnlyList<long> PerClassPredictedPixels { get; }

    /// <summary>The mean IoU as text, such as <c>71.20 % (2 of 3 classes; never seen: pole)</c>; classes are named
    /// where not all are labelled.</summary>
    [JsonIgnore]
    public string MeanIoUText => double.IsNaN(MeanIoU) ? Undefined : Percent(MeanIoU) + LeftOut();

    /// <summary>The pixel accuracy as text, such as <c>93.10 %</c>.</summary>
    [JsonIgnore]
    public string PixelAccuracyText => double.IsNaN(PixelAccuracy) ? Undefined : Percent(PixelAccuracy);

    /// <summary>Both as text, such as <c>mIoU 71.20 % (2 of 3 classes; never seen: pole), pixel accuracy 93.10
    /// %</c>.</summary>
    public override string ToString() => LabelledPixels == 0
        ? $"mIoU and pixel accuracy {Undefined}"
        : $"mIoU {MeanIoUText}, pixel accuracy {PixelAccuracyText}";

    private string LeftOut()
    {
        if (NeverLabelled.Count == 0) return "";
        string[] predicted = [.. NeverLabelled.Except(NeverSeen)];
        string text = Invariant($" ({ClassesScored} of {ClassNames.Count} classes");
        if (NeverSeen.Count > 0) text += $"; never seen: {ErrorText.List(NeverSeen, MostNames)}";
        if (predicted.Length > 0) text += $"; predicted but never labelled: {ErrorText.List(predicted, MostNames)}";
        return text + ")";
    }

    private static string Percent(double fraction) => Invariant($"{100 * fraction:F2} %");

    private static double Ratio(long part, long whole) => whole > 0 ? (double)part / whole : double.NaN;

    private static double Mean(double[] values) =>
        values.Where(value => !double.IsNaN(value)).DefaultIfEmpty(double.NaN).Average();
}

/// <summary>Writes a number that is not finite as null, for which JSON has a form; reads null as NaN.</summary>
internal sealed class FiniteNumberConverter : JsonConverter<double>
{
    public override bool HandleNull => true;

    public override void Write(Utf8JsonWriter writer, double value, JsonSerializerOptions options)
    {
        if (double.IsFinite(value)) writer.WriteNumberValue(value);
        else writer.WriteNullValue();
    }

    public override double Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.Null ? double.NaN : reader.GetDouble();
}

/// <summary>Writes and reads numbers as <see cref="FiniteNumberConverter"/> does, as an array.</summary>
internal sealed class FiniteNumbersConverter : JsonConverter<IReadOnlyList<double>>
{
    private static readonly FiniteNumberConverter s_number = new();

    public override void Write(Utf8JsonWriter writer, IReadOnlyList<double> value, JsonSerializerOptions options)
    {
        writer.WriteStartArray();
        foreach (double number in value)
            s_number.Write(writer, number, options);
        writer.WriteEndArray();
    }

    public override IReadOnlyList<double> Read(ref Utf8JsonReader reader, Type typeToConvert,
        JsonSerializerOptions options)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
            throw new JsonException("Expected an array of numbers.");
        List<double> numbers = [];
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType is not (JsonTokenType.Number or JsonTokenType.Null))
                throw new JsonException("Expected an array of numbers.");
            numbers.Add(s_number.Read(ref reader, typeof(double), options));
        }
        return numbers;
    }
}
