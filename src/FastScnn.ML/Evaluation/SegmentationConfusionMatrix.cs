using System.Text.Json.Serialization;
using FastScnn.Torch.Data;
using FastScnn.Torch.Metrics;
using FastScnn.Torch.Training.Reporting;

namespace FastScnn.ML;

/// <summary>How many pixels of each class were predicted as which class, with the members of ML.NET's <c>ConfusionMatrix</c>.</summary>
/// <remarks>Pixels whose label is ignored are in no count.</remarks>
public sealed class SegmentationConfusionMatrix
{
    private readonly Lazy<string> _table;

    internal SegmentationConfusionMatrix(ClassList classes, ConfusionCounts counts, SegmentationScores scores)
    {
        IEnumerable<int> ids = Enumerable.Range(0, classes.Count);
        Counts = [.. ids.Select(label => (IReadOnlyList<double>)[.. ids.Select(prediction => (double)counts[label, prediction])])];
        CountsWithoutPrediction = [.. ids.Select(label => (double)counts.PixelsWithoutPrediction(label))];
        (PerClassPrecision, PerClassRecall) = (scores.PerClassPrecision, scores.PerClassRecall);
        _table = new Lazy<string>(() => ConfusionTable.Format(this, classes));
    }

    /// <summary>For each class the share of its predictions that are right, 0..1; NaN for a class that is never predicted.</summary>
    [JsonConverter(typeof(FiniteNumbersConverter))]
    public IReadOnlyList<double> PerClassPrecision { get; }

    /// <summary>For each class the share of its labelled pixels that are found, 0..1; NaN for a class that is never labelled.</summary>
    [JsonConverter(typeof(FiniteNumbersConverter))]
    public IReadOnlyList<double> PerClassRecall { get; }

    /// <summary>Pixels: the outer list goes over the labelled (actual) classes, the inner lists over the predicted classes.</summary>
    public IReadOnlyList<IReadOnlyList<double>> Counts { get; }

    /// <summary>For each class its labelled pixels whose prediction is no class. They are in no column of <see cref="Counts"/> but count as misses.</summary>
    [JsonConverter(typeof(FiniteNumbersConverter))]
    public IReadOnlyList<double> CountsWithoutPrediction { get; }

    /// <summary>The number of classes.</summary>
    public int NumberOfClasses => Counts.Count;

    /// <summary>The pixels of an actual class that were predicted as a class.</summary>
    /// <param name="predictedClassIndicatorIndex">The id of the predicted class, 0..<see cref="NumberOfClasses"/>-1.</param>
    /// <param name="actualClassIndicatorIndex">The id of the labelled class, 0..<see cref="NumberOfClasses"/>-1.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such class.</exception>
    public double GetCountForClassPair(int predictedClassIndicatorIndex, int actualClassIndicatorIndex)
    {
        Require(predictedClassIndicatorIndex, nameof(predictedClassIndicatorIndex));
        Require(actualClassIndicatorIndex, nameof(actualClassIndicatorIndex));
        return Counts[actualClassIndicatorIndex][predictedClassIndicatorIndex];
    }

    /// <summary>
    /// A table for people, laid out as ML.NET lays out its own: a row for each labelled class with its recall, a column for each predicted class
    /// with its precision. A column "none" is there only where predictions are no class.
    /// </summary>
    /// <returns>Lines of text in a fixed-width layout; numbers as in invariant culture.</returns>
    public string GetFormattedConfusionTable() => _table.Value;

    private void Require(int index, string parameter)
    {
        if (index < 0 || index >= NumberOfClasses)
            throw Errors.ClassPair(parameter, index, NumberOfClasses);
    }
}
