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
    internal SemanticSegmentationMetrics(ClassList classes, RowTally tally) : this(classes, tally,
        tally.Counts ?? new ConfusionCounts(classes.Count))
    {
    }

    private SemanticSegmentationMetrics(ClassList classes, RowTally tally, ConfusionCounts counts) : base(counts,
        classes.Names)
    {
        Classes = classes;
        ConfusionMatrix = new SegmentationConfusionMatrix(classes, counts, this);
        (Rows, RowsWithoutLabel, RowsWithoutPrediction) = (tally.Rows, tally.WithoutLabel, tally.WithoutPrediction);
        BoundaryDistance = tally.BoundaryDistance;
        PerClassBoundaryIoU =
        [
            .. Enumerable.Range(0, classes.Count).Select(id => tally.Boundaries?.IoU(id) ?? double.NaN)
        ];
        MeanBoundaryIoU = PerClassBoundaryIoU.Where(iou => !double.IsNaN(iou)).DefaultIfEmpty(double.NaN).Average();
        Calibration = tally.Calibration.Pixels > 0 ? new SegmentationCalibration(tally.Calibration) : null;
        ImageScores = tally.ImageScores;
        ImageScore[] ranked = [.. ImageScores.Where(image => !double.IsNaN(image.MeanIoU)).OrderBy(i => i.MeanIoU)];
        if (ranked.Length > 0)
            (WorstImage, MedianImage, BestImage) = (ranked[0], ranked[(ranked.Length - 1) / 2], ranked[^1]);
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

    /// <summary>Gets the mean of <see cref="PerClassBoundaryIoU"/> over the classes where it is defined; NaN if it
    /// is defined for no class.</summary>
    [JsonConverter(typeof(FiniteNumberConverter))]
    public double MeanBoundaryIoU { get; }

    /// <summary>Gets the Boundary IoU of each class: the IoU of the pixels near its boundary in the label and near its
    /// boundary in the prediction, which errors at the edges of large areas lower much more than
    /// <see cref="SegmentationScores.PerClassIoU"/>. NaN where a class has no boundary.</summary>
    /// <remarks>
    /// <para>Cheng, Girshick, Dollar, Berg, Kirillov: Boundary IoU, CVPR 2021, arXiv:2103.16562. Pixels are summed over
    /// all rows before they are divided, as for the mean IoU. A pixel is near the boundary of its class where another
    /// class is within <see cref="BoundaryDistance"/> in the same map, counted along rows and columns as in the
    /// authors' code.</para>
    /// <para>A pixel whose label is ignored belongs to no class in either map, so it makes no boundary, whatever is
    /// predicted there. Nor does the border of the image, which is one for the authors' masks of single
    /// objects.</para>
    /// </remarks>
    [JsonConverter(typeof(FiniteNumbersConverter))]
    public IReadOnlyList<double> PerClassBoundaryIoU { get; }

    /// <summary>Gets the distance of <see cref="PerClassBoundaryIoU"/> as a share of the image's diagonal.</summary>
    public double BoundaryDistance { get; }

    /// <summary>Gets how far the confidence can be trusted; null where no confidence was given.</summary>
    public SegmentationCalibration? Calibration { get; }

    /// <summary>Gets the scores of each row with a label alone, in the order of the data.</summary>
    public IReadOnlyList<ImageScore> ImageScores { get; }

    /// <summary>Gets the image with the lowest mean IoU, of equal ones the first; null where no image has a labelled
    /// pixel.</summary>
    public ImageScore? WorstImage { get; }

    /// <summary>Gets the image in the middle of those with a labelled pixel by their mean IoU, of two the lower one;
    /// null if no image has a labelled pixel.</summary>
    public ImageScore? MedianImage { get; }

    /// <summary>Gets the image with the highest mean IoU, of equal ones the last; null where no image has a labelled
    /// pixel.</summary>
    public ImageScore? BestImage { get; }

    /// <summary>Gets the number of rows that counted: those with a label.</summary>
    public long Rows { get; }

    /// <summary>Gets the number of rows that were left out because they have no label (null).</summary>
    public long RowsWithoutLabel { get; }

    /// <summary>Gets how many of <see cref="Rows"/> have no prediction (null); all of their labelled pixels are
    /// misses.</summary>
    public long RowsWithoutPrediction { get; }
}

/// <summary>The scores of one image alone.</summary>
/// <param name="Name">The name of the image, or which row it is of.</param>
/// <param name="MeanIoU">The mean IoU over the classes that are labelled or predicted in it; NaN without a labelled
/// pixel.</param>
/// <param name="PixelAccuracy">The share of labelled pixels that are right; NaN without a labelled pixel.</param>
/// <param name="LabelledPixels">The number of labelled pixels.</param>
public sealed record ImageScore(
    string Name,
    [property: JsonConverter(typeof(FiniteNumberConverter))] double MeanIoU,
    [property: JsonConverter(typeof(FiniteNumberConverter))] double PixelAccuracy,
    long LabelledPixels);
