using System.Xml.Linq;

namespace FastScnn.ML;

/// <summary>The scores by class.</summary>
internal static class ClassTable
{
    public static XElement Draw(SemanticSegmentationMetrics metrics)
    {
        IReadOnlyList<double>[] scores = [metrics.PerClassPrecision, metrics.PerClassRecall, metrics.PerClassF1];
        double[] labelled = [.. metrics.ConfusionMatrix.Counts.Zip(metrics.ConfusionMatrix.CountsWithoutPrediction, (row, misses) => row.Sum() + misses)];
        string[] heads = ["class", "IoU %", "precision %", "recall %", "F1 %", "share of labelled pixels %"];
        IEnumerable<XElement> rows = metrics.Classes.Select((c, id) => Html.Element(
            "tr",
            RowHead(Html.Swatch(c), Html.Text(c.Name)),
            Bar(metrics.PerClassIoU[id]),
            scores.Select(score => Number(score[id])),
            Number(metrics.LabelledPixels == 0 ? double.NaN : labelled[id] / metrics.LabelledPixels)));
        return Html.Element(
            "section",
            Html.Element("h2", "Classes"),
            Html.Wide("Scores by class", Html.Element(
                "table",
                Html.Attribute("class", "classes"),
                Html.Element("thead", Html.Element("tr", heads.Select(Head))),
                Html.Element("tbody", rows),
                Html.Element("tfoot", Html.Element("tr", RowHead("mean of those that are defined"), Number(metrics.MeanIoU), scores.Select(score => Number(Mean(score))), Html.Element("td", ""))))));
    }

    public static XElement Head(string text) => Html.Element("th", Html.Attribute("scope", "col"), text);

    public static XElement RowHead(params object[] content) => Html.Element("th", Html.Attribute("scope", "row"), content);

    /// <summary>A share with a bar below it.</summary>
    public static XElement Bar(double share) => Html.Element("td", Html.Attribute("class", "bar"), Html.Share(share), Html.Percent(share));

    private static XElement Number(double share) => Html.Element("td", Html.Percent(share));

    private static double Mean(IReadOnlyList<double> scores) => scores.Where(score => !double.IsNaN(score)).DefaultIfEmpty(double.NaN).Average();
}
