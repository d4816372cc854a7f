using System.Text.Json.Serialization;
using FastScnn.Torch.Data;
using FastScnn.Torch.Metrics;

namespace FastScnn.ML;

/// <summary>The scores of a semantic segmentation over a data set, 0..1 unless said otherwise, from one count of all its pixels.</summary>
/// <remarks>
/// <para>Pixels whose label is ignored never count. A prediction that is no class is a miss on a labelled pixel, and a labelled row without a
/// prediction is a row of misses. A row without a label is left out.</para>
/// <para>A class that is neither labelled nor predicted has NaN as its IoU and is left out of <see cref="MeanIoU"/>; a class that is predicted
/// but never labelled has IoU 0. cityscapesScripts and mmsegmentation do the same. <see cref="Summary"/> says which classes these are; show it
/// rather than <see cref="MeanIoU"/> alone, which flatters where classes are left out. System.Text.Json writes NaN as null.</para>
/// <para>The seed of this library (Tramac/Fast-SCNN-pytorch) prints running totals after each photo, of which the last line is the score of the
/// data set, and counts a class that is neither labelled nor predicted as 0 in its mean IoU. Its pixAcc is <see cref="PixelAccuracy"/>;
/// its mIoU is <see cref="MeanIoU"/> where every class occurs, and lower where one does not.</para>
/// </remarks>
/// <seealso cref="SemanticSegmentationCatalog.Evaluate"/>
public sealed class SemanticSegmentationMetrics
{
    internal SemanticSegmentationMetrics(ClassList classes, ConfusionCounts counts)
    {
        Classes = classes;
        SegmentationScores scores = SegmentationScores.From(counts, classes.Names);
        Summary = scores;
        (PixelAccuracy, MeanIoU, MeanPixelAccuracy) = (scores.PixelAccuracy, scores.MeanIoU, scores.MeanPixelAccuracy);
        (FrequencyWeightedIoU, LabelledPixels) = (scores.FrequencyWeightedIoU, scores.LabelledPixels);
        (PerClassIoU, PerClassPrecision) = (scores.PerClassIoU, scores.PerClassPrecision);
        (PerClassRecall, PerClassF1) = (scores.PerClassRecall, scores.PerClassF1);
        ConfusionMatrix = new SegmentationConfusionMatrix(classes, counts, scores);
        if (ClassCategories.Find(classes) is not { } categories)
            return;
        SegmentationScores grouped = SegmentationScores.From(counts.GroupBy(categories));
        (Categories, PerCategoryIoU, MeanCategoryIoU) = (categories.Names, grouped.PerClassIoU, grouped.MeanIoU);
    }

    /// <summary>The classes of labels and predictions; every per-class list has their order.</summary>
    public ClassList Classes { get; }

    /// <summary>
    /// <see cref="MeanIoU"/> and <see cref="PixelAccuracy"/> with what they are taken over; its text is such as
    /// <c>mIoU 71.20 % (2 of 3 classes; never seen: pole), pixel accuracy 93.10 %</c>.
    /// </summary>
    public SegmentationScores Summary { get; }

    /// <summary>The number of classes whose IoU is defined: those that <see cref="MeanIoU"/> is the mean of.</summary>
    public int ClassesScored => Summary.ClassesScored;

    /// <summary>The names of the classes that are neither labelled nor predicted on any pixel that counts: they are in no mean.</summary>
    public IReadOnlyList<string> NeverSeen => Summary.NeverSeen;

    /// <summary>The names of the classes that no pixel is labelled as, those of <see cref="NeverSeen"/> among them; where one is predicted its IoU is 0.</summary>
    public IReadOnlyList<string> NeverLabelled => Summary.NeverLabelled;

    /// <summary>The share of labelled pixels that are predicted right (pixAcc, overall accuracy).</summary>
    [JsonConverter(typeof(FiniteNumberConverter))]
    public double PixelAccuracy { get; }

    /// <summary>The mean of <see cref="PerClassIoU"/> over the <see cref="ClassesScored"/>, which are labelled or predicted (mIoU).</summary>
    [JsonConverter(typeof(FiniteNumberConverter))]
    public double MeanIoU { get; }

    /// <summary>The mean of <see cref="PerClassRecall"/> over the labelled classes (mean class accuracy).</summary>
    [JsonConverter(typeof(FiniteNumberConverter))]
    public double MeanPixelAccuracy { get; }

    /// <summary>The mean of <see cref="PerClassIoU"/> weighted by the labelled pixels of each class.</summary>
    [JsonConverter(typeof(FiniteNumberConverter))]
    public double FrequencyWeightedIoU { get; }

    /// <summary>Intersection over union of each class: hits / (labelled + predicted - hits). NaN for a class that is neither labelled nor predicted.</summary>
    [JsonConverter(typeof(FiniteNumbersConverter))]
    public IReadOnlyList<double> PerClassIoU { get; }

    /// <summary>The share of each class's predictions that are right; NaN for a class that is never predicted.</summary>
    [JsonConverter(typeof(FiniteNumbersConverter))]
    public IReadOnlyList<double> PerClassPrecision { get; }

    /// <summary>The share of each class's labelled pixels that are found; NaN for a class that is never labelled.</summary>
    [JsonConverter(typeof(FiniteNumbersConverter))]
    public IReadOnlyList<double> PerClassRecall { get; }

    /// <summary>The F1 (Dice) of each class: 2 hits / (labelled + predicted). NaN for a class that is neither labelled nor predicted.</summary>
    [JsonConverter(typeof(FiniteNumbersConverter))]
    public IReadOnlyList<double> PerClassF1 { get; }

    /// <summary>The names of the seven categories where the classes are those of Cityscapes; otherwise null.</summary>
    public IReadOnlyList<string>? Categories { get; }

    /// <summary>The IoU of each of <see cref="Categories"/>, as cityscapesScripts takes it: classes of one category may stand for each other. Null for other classes.</summary>
    [JsonConverter(typeof(FiniteNumbersConverter))]
    public IReadOnlyList<double>? PerCategoryIoU { get; }

    /// <summary>The mean of <see cref="PerCategoryIoU"/> over the categories that are labelled or predicted; null for other classes.</summary>
    [JsonConverter(typeof(FiniteNumberConverter))]
    public double? MeanCategoryIoU { get; }

    /// <summary>Which class was taken for which.</summary>
    public SegmentationConfusionMatrix ConfusionMatrix { get; }

    /// <summary>The number of pixels that counted: labelled and not ignored.</summary>
    public long LabelledPixels { get; }

    /// <summary>The number of rows that counted: those with a label.</summary>
    public required long Rows { get; init; }

    /// <summary>The number of rows that were left out because they have no label (null).</summary>
    public required long RowsWithoutLabel { get; init; }

    /// <summary>How many of <see cref="Rows"/> have no prediction (null); all of their labelled pixels are misses.</summary>
    public required long RowsWithoutPrediction { get; init; }
}
