using System.Text;
using System.Xml;
using System.Xml.Linq;

namespace FastScnn.ML;

/// <summary>Lays out the page of a <see cref="SegmentationReport"/>.</summary>
internal static class ReportPage
{
    public static string Draw(SegmentationReportOptions options, SemanticSegmentationMetrics metrics, ImageRanking ranking)
    {
        var page = new XDocument(Html.Element(
            "html",
            Html.Attribute("lang", "en"),
            Html.Element(
                "head",
                Html.Element("meta", Html.Attribute("charset", "utf-8")),
                Html.Element("meta", Html.Attribute("name", "viewport"), Html.Attribute("content", "width=device-width, initial-scale=1")),
                Html.Element("title", Html.Text(options.Title)),
                Html.Element("style", ReportStyle.Sheet)),
            Html.Element(
                "body",
                Html.Element("header", Html.Element("h1", Html.Text(options.Title)), Details(options)),
                Html.Element(
                    "main",
                    Scores(metrics),
                    Curves(options),
                    ClassTable.Draw(metrics),
                    CategoryTable(metrics),
                    ConfusionHeatMap.Draw(metrics),
                    ImageGallery.Draw(options, metrics.Classes, ranking)))));
        // A line for each element, and no indentation that would weigh more than the numbers.
        var settings = new XmlWriterSettings { OmitXmlDeclaration = true, Indent = true, IndentChars = "", NewLineChars = "\n" };
        var html = new StringBuilder("<!DOCTYPE html>\n");
        using (var writer = XmlWriter.Create(html, settings))
            page.Save(writer);
        return html.Append('\n').ToString();
    }

    private static XElement? Details(SegmentationReportOptions options) => options.Details.Count == 0 ? null : Html.Element(
        "dl",
        Html.Attribute("class", "details"),
        options.Details.Select(detail => Html.Element("div", Html.Element("dt", Html.Text(detail.Name)), Html.Element("dd", Html.Text(detail.Value)))));

    private static XElement Scores(SemanticSegmentationMetrics metrics) => Html.Element(
        "section",
        Html.Element("h2", "Scores"),
        Html.Element(
            "dl",
            Html.Attribute("class", "scores"),
            Score("Mean IoU", metrics.MeanIoU, Over(metrics.ClassesScored, metrics.Classes.Count, "classes")),
            Score("Pixel accuracy", metrics.PixelAccuracy, "of all labelled pixels"),
            Score("Mean pixel accuracy", metrics.MeanPixelAccuracy, "mean recall of " + Over(metrics.Classes.Count - metrics.NeverLabelled.Count, metrics.Classes.Count, "classes")),
            Score("Frequency weighted IoU", metrics.FrequencyWeightedIoU, "classes by their pixels"),
            metrics.MeanCategoryIoU is { } categories ? Score("Mean category IoU", categories, Over(metrics.PerCategoryIoU!.Count(iou => !double.IsNaN(iou)), metrics.PerCategoryIoU!.Count, "categories")) : null),
        Html.Element("p", Html.Attribute("class", "note"), Html.Text(
            $"{metrics.Rows:N0} images, {metrics.LabelledPixels:N0} labelled pixels. Pixels without a label never count; classes that are neither labelled nor predicted are in no mean.")),
        metrics.NeverLabelled.Count == 0 ? null : Html.Element("p", Html.Attribute("class", "note"), Html.Element("strong", Html.Text($"mIoU {metrics.Summary.MeanIoUText}"))));

    private static string Over(int some, int all, string what) => some == all ? $"over all {what}" : FormattableString.Invariant($"over {some} of {all} {what}");

    private static XElement Score(string name, double value, string meaning) => Html.Element(
        "div",
        Html.Element("dt", name),
        Html.Element("dd", double.IsNaN(value) ? Html.Percent(value) : Html.Percent(value) + " %", Html.Element("small", meaning)));

    private static XElement? Curves(SegmentationReportOptions options) => options.LearningCurves is not { } svg ? null : Html.Element(
        "section",
        Html.Element("h2", "Learning curves"),
        Html.Element(
            "img",
            Html.Attribute("class", "curves"),
            Html.Attribute("src", DataUri.OfSvg(svg)),
            Html.Attribute("alt", "Training loss, validation mean IoU and validation pixel accuracy by epoch")));

    private static XElement? CategoryTable(SemanticSegmentationMetrics metrics) =>
        metrics is not { Categories: { } names, PerCategoryIoU: { } scores } ? null : Html.Element(
            "section",
            Html.Element("h2", "Categories"),
            Html.Element(
                "table",
                Html.Element("thead", Html.Element("tr", ClassTable.Head("category"), ClassTable.Head("IoU %"))),
                Html.Element("tbody", names.Select((name, i) => Html.Element("tr", ClassTable.RowHead(Html.Text(name)), ClassTable.Bar(scores[i]))))));
}
