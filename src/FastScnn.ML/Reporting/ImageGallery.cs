using System.Globalization;
using System.Xml.Linq;
using FastScnn.Torch.Data;

namespace FastScnn.ML;

/// <summary>The worst and the best images, each as photo, label, prediction and errors side by side.</summary>
internal static class ImageGallery
{
    public static IEnumerable<XElement> Draw(SegmentationReportOptions options, ClassList classes, ImageRanking ranking)
    {
        if (options.ImageCount == 0 || ranking.Ranked == 0)
            return [];
        // Few images would stand on both lists.
        return ranking.HoldsAll
            ? [Section("Images, the worst first", ranking.All, classes, ranking)]
            : [Section($"Worst {ranking.Worst.Count} images", ranking.Worst, classes, ranking), Section($"Best {ranking.Best.Count} images", ranking.Best, classes, ranking)];
    }

    private static XElement Section(string title, IReadOnlyList<ReportedImage> images, ClassList classes, ImageRanking ranking) => Html.Element(
        "section",
        Html.Element("h2", title),
        Html.Element("p", Html.Attribute("class", "note"), Html.Text(
            $"By the mean IoU of the image alone, of {ranking.Ranked:N0} images{(ranking.Unranked > 0 ? $"; {ranking.Unranked:N0} without a labelled pixel are left out" : "")}.")),
        Html.Legend("Classes", [.. classes, new SegmentationClass("no label", 0, 0, 0)]),
        Html.Legend("Errors", ReportedImage.ErrorClasses),
        images.Select(image => Article(image, classes)));

    private static XElement Article(ReportedImage image, ClassList classes)
    {
        string accuracy = Html.Percent(image.Scores.PixelAccuracy), wrong = Html.Percent(1 - image.Scores.PixelAccuracy);
        return Html.Element(
            "article",
            Html.Element("h3", Html.Text(image.Name), Html.Element("small", Html.Text($"mIoU {Html.Percent(image.Scores.MeanIoU)} % over {image.Scores.ClassesScored} of {classes.Count} classes, pixel accuracy {accuracy} %"))),
            Html.Element(
                "div",
                Html.Attribute("class", "pictures"),
                Figure(image, "photo", $"Photo {image.Name}", DataUri.Of(image.Photo)),
                Figure(image, "label", $"True classes of {image.Name}", DataUri.Of(image.Label, classes)),
                Figure(image, "prediction", $"Predicted classes of {image.Name}", DataUri.Of(image.Prediction, classes)),
                Figure(image, "errors", $"Errors in {image.Name}: {wrong} % of the labelled pixels", DataUri.Of(image.Errors, ReportedImage.ErrorClasses))));
    }

    private static XElement Figure(ReportedImage image, string caption, string description, string source) => Html.Element(
        "figure",
        Html.Element(
            "img",
            Html.Attribute("src", source),
            Html.Attribute("alt", description),
            Html.Attribute("width", image.Photo.Width.ToString(CultureInfo.InvariantCulture)),
            Html.Attribute("height", image.Photo.Height.ToString(CultureInfo.InvariantCulture))),
        Html.Element("figcaption", caption));
}
