using System.Globalization;
using System.Xml.Linq;
using FastScnn.Torch.Data;

namespace FastScnn.ML;

/// <summary>The confusion matrix, each row in shares of its class's pixels, the darker the more.</summary>
internal static class ConfusionHeatMap
{
    // From this share on the cell is so dark that numbers are light, by the colours of the style sheet.
    private const double Strong = 0.75;

    // With more columns, smaller numbers.
    private const int ManyClasses = 30;

    public static XElement Draw(SemanticSegmentationMetrics metrics)
    {
        SegmentationConfusionMatrix matrix = metrics.ConfusionMatrix;
        ClassList classes = metrics.Classes;
        bool hasMisses = matrix.CountsWithoutPrediction.Any(count => count > 0);
        string[] predictions = [.. classes.Select(c => c.Name), .. hasMisses ? ["no class"] : Array.Empty<string>()];
        IEnumerable<XElement> heads = predictions.Select(name => Html.Element("th", Html.Attribute("scope", "col"), Html.Element("span", Html.Text(name))));
        IEnumerable<XElement> rows = classes.Select((c, label) => Html.Element(
            "tr",
            ClassTable.RowHead(Html.Swatch(c), Html.Text(c.Name)),
            Row(c.Name, label, predictions, [.. matrix.Counts[label], .. hasMisses ? [matrix.CountsWithoutPrediction[label]] : Array.Empty<double>()])));
        return Html.Element(
            "section",
            Html.Element("h2", "Confusion"),
            Html.Element(
                "p",
                Html.Attribute("class", "note"),
                "Rows are the labelled classes, columns what was predicted; numbers are per cent of the row. Point at a cell for its pixels."),
            Html.Wide("Confusion matrix", Html.Element(
                "table",
                Html.Attribute("class", classes.Count > ManyClasses ? "heat many" : "heat"),
                Html.Element("thead", Html.Element("tr", ClassTable.Head("labelled \\ predicted"), heads)),
                Html.Element("tbody", rows))));
    }

    private static IEnumerable<XElement> Row(string name, int label, string[] predictions, double[] counts)
    {
        double pixels = counts.Sum();
        for (int prediction = 0; prediction < counts.Length; prediction++)
        {
            double count = counts[prediction], share = pixels > 0 ? count / pixels : 0;
            string kind = (prediction == label ? "hit" : "") + (share >= Strong ? " strong" : "");
            yield return Html.Element(
                "td",
                kind.Length > 0 ? Html.Attribute("class", kind.Trim()) : null,
                share > 0 ? Html.Share(share) : null,
                Html.Attribute("title", string.Create(CultureInfo.InvariantCulture, $"{name} as {predictions[prediction]}: {count:N0} of {pixels:N0} pixels")),
                count > 0 ? string.Create(CultureInfo.InvariantCulture, $"{100 * share:F0}") : "");
        }
    }
}
