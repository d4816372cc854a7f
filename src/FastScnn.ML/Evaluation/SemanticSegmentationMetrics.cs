using System.Text.Json.Serialization;
using FastScnn.ML.Catalog;
using FastScnn.Torch.Data;
using FastScnn.Torch.Metrics;

namespace FastScnn.ML.Evaluation;

/// <summary>The scores of a semantic segmentation over a data set, with the counts of its rows. Its text is such as
/// <c>mIoU 71.20 % (2 of 3 classes; never seen: pole), pixel accuracy 93.10 %</c>.</summary>
/// <remarks>Pixels whose label is ignored never count. A prediction that is no class is a miss on a labelled pixel, and
/// a labelled row without a prediction is a row of misses. A row without a label is left out. Show the text rather than
/// <see cref="SegmentationScores.MeanIoU"/> alone, which flatters where classes are left out.</remarks>
/// <seealso cref="SemanticSegmentationCatalog.Evaluate"/>
public sealed class SemanticSegmentationMetrics : SegmentationScores
{
    internal SemanticSegmentationMetrics(ClassList classes, ConfusionCounts counts) : base(counts, classes.Names)
    {
        Classes = classes;
        ConfusionMatrix = new SegmentationConfusionMatrix(classes, counts, this);
        if (ClassCategories.Find(classes) is not { } categories)
            return;
        SegmentationScores grouped = From(counts.GroupBy(categories));
        (Categories, PerCategoryIoU, MeanCategoryIoU) = (categories.Names, grouped.PerClassIoU, grouped.MeanIoU);
    }

    /// <summary>Gets the classes of labels and predictions; every per-class list has their order.</summary>
    public ClassList Classes { get; }

    /// <summary>Gets which class was taken for which.</summary>
    public SegmentationConfusionMatrix ConfusionMatrix { get; }

    /// <summary>Gets the names of the seven categories where the classes are those of Cityscapes; otherwise
    /// null.</summary>
    public IReadOnlyList<string>? Categories { get; }

    /// <summary>Gets the IoU of each of <see cref="Categories"/>, as cityscapesScripts takes it: classes of one
    /// category may stand for each other. Null for other classes.</summary>
    [JsonConverter(typeof(FiniteNumbersConverter))]
    public IReadOnlyList<double>? PerCategoryIoU { get; }

    /// <summary>Gets the mean of <see cref="PerCategoryIoU"/> over the categories that are labelled or predicted; null
    /// for other classes.</summary>
    [JsonConverter(typeof(FiniteNumberConverter))]
    public double? MeanCategoryIoU { get; }

    /// <summary>Gets the number of rows that counted: those with a label.</summary>
    public required long Rows { get; init; }

    /// <summary>Gets the number of rows that were left out because they have no label (null).</summary>
    public required long RowsWithoutLabel { get; init; }

    /// <summary>Gets how many of <see cref="Rows"/> have no prediction (null); all of their labelled pixels are
    /// misses.</summary>
    public required long RowsWithoutPrediction { get; init; }
}
