using System.Text;
using System.Text.Json.Serialization;
using FastScnn.Torch.Data;
using FastScnn.Torch.Metrics;
using static System.FormattableString;

namespace FastScnn.ML.Evaluation;

/// <summary>How many pixels of each class were predicted as which class, with the members of ML.NET's
/// <c>ConfusionMatrix</c>.</summary>
/// <remarks>Pixels whose label is ignored are in no count.</remarks>
public sealed class SegmentationConfusionMatrix
{
    private const int LeastCellWidth = 6;
    private const string NoClass = "none";

    private readonly ClassList _classes;

    internal SegmentationConfusionMatrix(ClassList classes, ConfusionCounts counts, SegmentationScores scores)
    {
        IEnumerable<int> ids = Enumerable.Range(0, classes.Count);
        Counts =
        [
            .. ids.Select(label => (IReadOnlyList<double>)[
                .. ids.Select(prediction => (double)counts[label, prediction])])
        ];
        CountsWithoutPrediction = [.. ids.Select(label => (double)counts.PixelsWithoutPrediction(label))];
        (PerClassPrecision, PerClassRecall) = (scores.PerClassPrecision, scores.PerClassRecall);
        _classes = classes;
    }

    /// <summary>Gets for each class the share of its predictions that are right, 0..1; NaN for a class that is never
    /// predicted.</summary>
    [JsonConverter(typeof(FiniteNumbersConverter))]
    public IReadOnlyList<double> PerClassPrecision { get; }

    /// <summary>Gets for each class the share of its labelled pixels that are found, 0..1; NaN for a class that is
    /// never labelled.</summary>
    [JsonConverter(typeof(FiniteNumbersConverter))]
    public IReadOnlyList<double> PerClassRecall { get; }

    /// <summary>Pixels: the outer list goes over the labelled (actual) classes, the inner lists over the predicted
    /// classes.</summary>
    public IReadOnlyList<IReadOnlyList<double>> Counts { get; }

    /// <summary>Gets for each class its labelled pixels whose prediction is no class. They are in no column of
    /// <see cref="Counts"/> but count as misses.</summary>
    [JsonConverter(typeof(FiniteNumbersConverter))]
    public IReadOnlyList<double> CountsWithoutPrediction { get; }

    /// <summary>Gets the number of classes.</summary>
    public int NumberOfClasses => Counts.Count;

    /// <summary>The pixels of an actual class that were predicted as a class.</summary>
    /// <param name="predictedClassIndicatorIndex">The id of the predicted class,
    /// 0..<see cref="NumberOfClasses"/>-1.</param>
    /// <param name="actualClassIndicatorIndex">The id of the labelled class,
    /// 0..<see cref="NumberOfClasses"/>-1.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such class.</exception>
    public double GetCountForClassPair(int predictedClassIndicatorIndex, int actualClassIndicatorIndex)
    {
        Require(predictedClassIndicatorIndex, nameof(predictedClassIndicatorIndex));
        Require(actualClassIndicatorIndex, nameof(actualClassIndicatorIndex));
        return Counts[actualClassIndicatorIndex][predictedClassIndicatorIndex];
    }

    /// <summary>Gets a table for people, laid out as ML.NET lays out its own: a row for each labelled class with its
    /// recall, a column for each predicted class with its precision. A column "none" is there only where predictions
    /// are no class.</summary>
    /// <returns>Lines of text in a fixed-width layout; numbers as in invariant culture.</returns>
    public string GetFormattedConfusionTable()
    {
        bool hasMisses = CountsWithoutPrediction.Any(count => count > 0);
        string[][] cells =
        [
            .. Counts.Select((row, label) => Cells(row, hasMisses ? CountsWithoutPrediction[label] : null))
        ];
        // Counts of pixels are long, and a column must be as wide as its longest.
        int cell = Math.Max(LeastCellWidth, cells.Max(row => row.Max(text => text.Length)));
        int digits = Invariant($"{_classes.Count - 1}").Length;
        // Where a name does not fit over a column, numbers do, and the rows say which is which.
        bool numbered = _classes.Any(c => c.Name.Length > cell);
        string[] rows =
        [
            .. _classes.Select((c, id) => numbered ? $"{Invariant($"{id}").PadLeft(digits)}. {c.Name}" : c.Name)
        ];
        string[] heads =
        [
            .. _classes.Select((c, id) => numbered ? Invariant($"{id}") : c.Name),
            .. hasMisses ? [NoClass] : Array.Empty<string>(),
        ];
        int name = Math.Max("PREDICTED".Length, rows.Max(row => row.Length));
        string rule = new('=', heads.Length * (cell + 3));

        var table = new StringBuilder("\nConfusion table, in pixels\n");
        Line("", [rule]);
        Line("PREDICTED", [.. heads.Select(Column), " Recall"]);
        Line("TRUTH", [rule]);
        for (int label = 0; label < rows.Length; label++)
            Line(rows[label], [.. cells[label].Select(Column), Invariant($" {PerClassRecall[label]:F4}")]);
        Line("", [rule]);
        Line("Precision", [.. PerClassPrecision.Select(share => Column(Invariant($"{share:F4}")))]);
        return table.ToString();

        string Column(string text) => $" {text.PadLeft(cell)} |";

        void Line(string first, string[] rest) =>
            table.Append(first.PadRight(name)).Append(" ||").AppendJoin("", rest).Append('\n');

        static string[] Cells(IReadOnlyList<double> row, double? misses) =>
            [.. (misses is { } last ? row.Append(last) : row).Select(count => Invariant($"{count:N0}"))];
    }

    private void Require(int index, string parameter)
    {
        if (index < 0 || index >= NumberOfClasses)
            throw new ArgumentOutOfRangeException(parameter, index,
                Invariant($"Class {index}: expected 0 to {NumberOfClasses - 1}."));
    }
}
