using System.Globalization;
using System.Text;
using FastScnn.Torch.Data;

namespace FastScnn.ML;

/// <summary>Lays out a <see cref="SegmentationConfusionMatrix"/> as text.</summary>
internal static class ConfusionTable
{
    private const int LeastCellWidth = 6;
    private const string NoClass = "none";

    public static string Format(SegmentationConfusionMatrix matrix, ClassList classes)
    {
        bool hasMisses = matrix.CountsWithoutPrediction.Any(count => count > 0);
        string[][] cells = [.. matrix.Counts.Select((row, label) => Cells(row, hasMisses ? matrix.CountsWithoutPrediction[label] : null))];
        // Counts of pixels are long, and a column must be as wide as its longest.
        int cell = Math.Max(LeastCellWidth, cells.Max(row => row.Max(text => text.Length)));
        int digits = (classes.Count - 1).ToString(CultureInfo.InvariantCulture).Length;
        // Where a name does not fit over a column, numbers do, and the rows say which is which.
        bool numbered = classes.Any(c => c.Name.Length > cell);
        string[] rows = [.. classes.Select((c, id) => numbered ? $"{id.ToString(CultureInfo.InvariantCulture).PadLeft(digits)}. {c.Name}" : c.Name)];
        string[] heads = [.. classes.Select((c, id) => numbered ? id.ToString(CultureInfo.InvariantCulture) : c.Name), .. hasMisses ? [NoClass] : Array.Empty<string>()];
        int name = Math.Max("PREDICTED".Length, rows.Max(row => row.Length));
        string rule = new('=', heads.Length * (cell + 3));

        var table = new StringBuilder();
        table.Append('\n').Append("Confusion table, in pixels\n");
        Line("", [rule]);
        Line("PREDICTED", [.. heads.Select(Column), " Recall"]);
        Line("TRUTH", [rule]);
        for (int label = 0; label < rows.Length; label++)
            Line(rows[label], [.. cells[label].Select(Column), " " + Share(matrix.PerClassRecall[label])]);
        Line("", [rule]);
        Line("Precision", [.. matrix.PerClassPrecision.Select(share => Column(Share(share)))]);
        return table.ToString();

        string Column(string text) => $" {text.PadLeft(cell)} |";

        void Line(string first, string[] rest) => table.Append(first.PadRight(name)).Append(" ||").AppendJoin("", rest).Append('\n');
    }

    private static string[] Cells(IReadOnlyList<double> row, double? misses) =>
        [.. (misses is { } last ? row.Append(last) : row).Select(count => count.ToString("N0", CultureInfo.InvariantCulture))];

    private static string Share(double share) => share.ToString("F4", CultureInfo.InvariantCulture);
}
