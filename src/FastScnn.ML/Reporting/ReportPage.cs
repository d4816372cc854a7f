using System.Security;
using System.Text;
using System.Xml;
using FastScnn.ML.Evaluation;
using FastScnn.Torch.Data;
using FastScnn.Torch.Metrics;
using static System.FormattableString;

namespace FastScnn.ML.Reporting;

/// <summary>Writes the page of a <see cref="SegmentationReport"/>: one HTML file that is also well-formed
/// XML.</summary>
/// <param name="options">The title, the details and what is shown.</param>
/// <param name="metrics">The scores.</param>
/// <param name="ranking">The images.</param>
internal sealed class ReportPage(SegmentationReportOptions options, SemanticSegmentationMetrics metrics,
    ImageRanking ranking)
{
    // From this share on a cell of the heat map is so dark that its number is light, by the colours of the style sheet.
    private const double Strong = 0.75;

    // With more columns the numbers of the heat map are smaller.
    private const int ManyClasses = 30;

    private readonly ClassList _classes = metrics.Classes;
    private readonly SegmentationConfusionMatrix _matrix = metrics.ConfusionMatrix;

    public string Draw() => $$"""
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>{{Text(options.Title)}}</title>
        <style>
        :root { color-scheme: light; --paper: #fff; --ink: #1b1d21; --faint: #5a606b; --line: #d5d9e0;
          --tile: #f3f5f8; --heat: #0b4f94; --on-heat: #fff; }
        @media screen and (prefers-color-scheme: dark) {
          :root { color-scheme: dark; --paper: #15171b; --ink: #f0f1f3; --faint: #a6acb7; --line: #3a3f48;
            --tile: #1f2228; --heat: #4f9be0; --on-heat: #08090b; }
        }
        * { box-sizing: border-box; }
        body { margin: 0 auto; padding: 1.5rem; max-width: 76rem; background: var(--paper); color: var(--ink);
          font: 15px/1.45 system-ui, sans-serif; }
        h1 { margin: 0 0 .75rem; font-size: 1.7rem; }
        h2 { margin: 2.25rem 0 .75rem; font-size: 1.25rem; }
        h3 { margin: 1.25rem 0 .4rem; font-size: 1rem; overflow-wrap: anywhere; }
        h3 small { margin-left: .75rem; color: var(--faint); font-weight: normal; }
        dl, dd, figure { margin: 0; }
        .details { display: flex; flex-wrap: wrap; gap: .25rem 1.75rem; }
        .details div { display: flex; gap: .5rem; }
        .details dt, .note, figcaption { color: var(--faint); }
        .details dd { overflow-wrap: anywhere; }
        .note { margin: .5rem 0; font-size: .875rem; }
        .scores { display: grid; grid-template-columns: repeat(auto-fit, minmax(11rem, 1fr)); gap: .75rem; }
        .scores div { padding: .75rem 1rem; background: var(--tile); border: 1px solid var(--line);
          border-radius: .5rem; }
        .scores dd { font-size: 1.6rem; font-weight: 600; font-variant-numeric: tabular-nums; }
        .scores small { display: block; color: var(--faint); font-size: .8rem; font-weight: normal; }
        .curves { display: block; width: 100%; max-width: 45rem; border-radius: .5rem; }
        table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
        th, td { padding: .3rem .7rem; border-bottom: 1px solid var(--line); text-align: right; }
        thead th { vertical-align: bottom; color: var(--faint); font-weight: 600; white-space: nowrap; }
        tbody th, tfoot th, thead th:first-child { text-align: left; font-weight: normal; white-space: nowrap; }
        tfoot th, tfoot td { border-bottom: 0; font-weight: 600; }
        .ranks th:nth-child(2), .ranks td:nth-child(2) { text-align: left; }
        .bar { min-width: 8rem;
          background: linear-gradient(to right, var(--heat) calc(var(--s) * 100%), transparent 0) no-repeat
            .7rem calc(100% - .12rem) / calc(100% - 1.4rem) .2rem; }
        .heat { margin-top: 1rem; }
        .swatch { display: inline-block; width: .9em; height: .9em; margin-right: .5em;
          border: 1px solid var(--faint); border-radius: 2px; vertical-align: -.08em; }
        .wide { overflow-x: auto; }
        .heat th, .heat td { padding: .25rem .35rem; border: 0; }
        .heat td { min-width: 2.4rem; border: 1px solid var(--line); text-align: center;
          background: color-mix(in srgb, var(--heat) calc(var(--s, 0) * 100%), var(--paper)); }
        .heat td.hit { outline: 1px solid var(--ink); outline-offset: -2px; }
        .heat td.strong { color: var(--on-heat); }
        .heat thead th:first-child { padding-right: .75rem; }
        .heat thead span { writing-mode: vertical-rl; transform: rotate(180deg); text-align: left;
          white-space: nowrap; }
        .many { font-size: .72rem; }
        .many td { min-width: 1.7rem; }
        .legend { display: flex; flex-wrap: wrap; gap: .2rem 1.1rem; margin: .4rem 0; padding: 0; list-style: none;
          font-size: .875rem; }
        .images { display: grid; grid-template-columns: repeat(4, 1fr); gap: .6rem; }
        .images img { display: block; width: 100%; height: auto; border-radius: 3px; }
        figcaption { font-size: .8rem; }
        @media (max-width: 45rem) { .images { grid-template-columns: repeat(2, 1fr); } }
        @media print {
          body { max-width: none; padding: 0; font-size: 10pt; print-color-adjust: exact;
            -webkit-print-color-adjust: exact; }
          h2, h3 { break-after: avoid; }
          article, table, tr, .scores, .curves { break-inside: avoid; }
          .note, .legend { break-after: avoid; }
          tfoot { display: table-row-group; }
          .wide { overflow: visible; }
        }
        </style>
        </head>
        <body>
        <header>
        <h1>{{Text(options.Title)}}</h1>
        {{Details()}}
        </header>
        <main>
        <section>
        <h2>Scores</h2>
        <dl class="scores">
        {{Score("Mean IoU", metrics.MeanIoU, Over(metrics.ClassesScored, _classes.Count, "classes"))}}
        {{Score("Pixel accuracy", metrics.PixelAccuracy, "of all labelled pixels")}}
        {{Score("Mean pixel accuracy", metrics.MeanPixelAccuracy, MeanRecall())}}
        {{Score("Frequency weighted IoU", metrics.FrequencyWeightedIoU, "classes by their pixels")}}
        {{Score("Mean boundary IoU", metrics.MeanBoundaryIoU, BoundaryMeaning())}}
        {{CalibrationScore()}}
        {{CategoryScore()}}
        </dl>
        <p class="note">{{Invariant($"{metrics.Rows:N0} images, {metrics.LabelledPixels:N0} labelled pixels.")}} Pixels without
        a label never count; classes that are neither labelled nor predicted are in no mean.</p>
        {{NeverLabelled()}}
        {{ImageScores()}}
        </section>
        {{Curves()}}
        <section>
        <h2>Classes</h2>
        <div class="wide" role="region" aria-label="Scores by class" tabindex="0">
        <table class="classes">
        <thead><tr>{{Heads("class", "IoU %", "boundary IoU %", "precision %", "recall %", "F1 %", "share of labelled pixels %")}}</tr></thead>
        <tbody>
        {{Lines(_classes, ClassRow)}}
        </tbody>
        <tfoot><tr><th scope="row">mean of those that are defined</th>{{Cells(
            metrics.MeanIoU, metrics.MeanBoundaryIoU, Mean(metrics.PerClassPrecision), Mean(metrics.PerClassRecall), Mean(metrics.PerClassF1))}}<td></td></tr></tfoot>
        </table>
        </div>
        </section>
        {{Categories()}}
        {{Calibration()}}
        <section>
        <h2>Confusion</h2>
        <p class="note">Rows are the labelled classes, columns what was predicted; numbers are per cent of the row.
        Point at a cell for its pixels.</p>
        <div class="wide" role="region" aria-label="Confusion matrix" tabindex="0">
        <table class="{{(_classes.Count > ManyClasses ? "heat many" : "heat")}}">
        <thead><tr><th scope="col">labelled \ predicted</th>{{HeatHeads()}}</tr></thead>
        <tbody>
        {{Lines(_classes, HeatRow)}}
        </tbody>
        </table>
        </div>
        </section>
        {{Gallery()}}
        </main>
        </body>
        </html>

        """;

    /// <summary>Replaces what XML cannot hold, such as control characters in file names.</summary>
    public static string Clean(string text)
    {
        StringBuilder? clean = null;
        for (int i = 0; i < text.Length; i++)
        {
            bool isPair = i + 1 < text.Length && XmlConvert.IsXmlSurrogatePair(text[i + 1], text[i]);
            if (!isPair && !XmlConvert.IsXmlChar(text[i]))
                (clean ??= new StringBuilder(text))[i] = '\uFFFD';
            i += isPair ? 1 : 0;
        }
        return clean?.ToString() ?? text;
    }

    private string Details() => options.Details.Count == 0 ? "" : $"""
        <dl class="details">
        {Lines(options.Details, (detail, _) => $"<div><dt>{Text(detail.Name)}</dt><dd>{Text(detail.Value)}</dd></div>")}
        </dl>
        """;

    private static string Score(string name, double value, string meaning) =>
        $"<div><dt>{name}</dt><dd>{(double.IsNaN(value) ? Percent(value) : Percent(value) + " %")}<small>{meaning}</small></dd></div>";

    private static string Over(int some, int all, string what) =>
        some == all ? $"over all {what}" : Invariant($"over {some} of {all} {what}");

    private string NeverLabelled() =>
        metrics.NeverLabelled.Count == 0 ? ""
            : $"""<p class="note"><strong>mIoU {Text(metrics.MeanIoUText)}</strong></p>""";

    private string MeanRecall() =>
        "mean recall, " + Over(_classes.Count - metrics.NeverLabelled.Count, _classes.Count, "classes");

    private string CategoryScore() => metrics is { MeanCategoryIoU: { } mean, PerCategoryIoU: { } scores }
        ? Score("Mean category IoU", mean, Over(scores.Count(iou => !double.IsNaN(iou)), scores.Count, "categories"))
        : "";

    private string BoundaryMeaning() => Invariant($"within {100 * metrics.BoundaryDistance:0.##} % of the diagonal, ")
        + Over(metrics.PerClassBoundaryIoU.Count(iou => !double.IsNaN(iou)), _classes.Count, "classes");

    private string CalibrationScore() => metrics.Calibration is not { } calibration ? ""
        : Score("Expected calibration error", calibration.ExpectedCalibrationError, "of the confidence");

    private string Calibration() => metrics.Calibration is not { } calibration ? "" : $"""
        <section>
        <h2>Calibration</h2>
        <p class="note">Below the dashed line the model is surer than it is right. Of {Invariant($"{calibration.Pixels:N0}")} labelled
        pixels, by the probability of the predicted class.</p>
        <img class="curves" alt="Accuracy by confidence, and the share of pixels by confidence"
          src="{DataUri("image/svg+xml", Encoding.UTF8.GetBytes(ReliabilityDiagram.Draw(calibration)))}" />
        </section>
        """;

    private string ImageScores()
    {
        return metrics is not { WorstImage: { } worst, MedianImage: { } median, BestImage: { } best } ? "" : $"""
            <table class="ranks">
            <thead><tr>{Heads("by mean IoU", "image", "mIoU %", "pixel accuracy %")}</tr></thead>
            <tbody>
            {Row("worst", worst)}
            {Row("median", median)}
            {Row("best", best)}
            </tbody>
            </table>
            """;

        static string Row(string rank, ImageScore image) =>
            $"""<tr><th scope="row">{rank}</th><td>{Text(image.Name)}</td>{Cells(image.MeanIoU, image.PixelAccuracy)}</tr>""";
    }

    // As an image, an SVG image can neither run scripts nor load anything.
    private string Curves() => options.LearningCurves is not { } svg ? "" : $"""
        <section>
        <h2>Learning curves</h2>
        <img class="curves" alt="Training loss, validation mean IoU and validation pixel accuracy by epoch"
          src="{DataUri("image/svg+xml", Encoding.UTF8.GetBytes(svg))}" />
        </section>
        """;

    private string ClassRow(SegmentationClass c, int id)
    {
        double labelled = _matrix.Counts[id].Sum() + _matrix.CountsWithoutPrediction[id];
        double share = metrics.LabelledPixels == 0 ? double.NaN : labelled / metrics.LabelledPixels;
        return $"<tr>{RowHead(c)}{Bar(metrics.PerClassIoU[id])}"
            + $"{Cells(metrics.PerClassBoundaryIoU[id], metrics.PerClassPrecision[id], metrics.PerClassRecall[id], metrics.PerClassF1[id], share)}</tr>";
    }

    private string Categories() => metrics is not { Categories: { } names, PerCategoryIoU: { } scores } ? "" : $"""
        <section>
        <h2>Categories</h2>
        <table>
        <thead><tr>{Heads("category", "IoU %")}</tr></thead>
        <tbody>
        {Lines(names, (name, i) => $"""<tr><th scope="row">{Text(name)}</th>{Bar(scores[i])}</tr>""")}
        </tbody>
        </table>
        </section>
        """;

    private bool HasMisses => _matrix.CountsWithoutPrediction.Any(count => count > 0);

    private IEnumerable<string> Predictions() =>
        [.. _classes.Select(c => c.Name), .. HasMisses ? ["no class"] : Array.Empty<string>()];

    private string HeatHeads() =>
        string.Concat(Predictions().Select(name => $"""<th scope="col"><span>{Text(name)}</span></th>"""));

    private string HeatRow(SegmentationClass c, int label)
    {
        double[] counts = [.. _matrix.Counts[label],
            .. HasMisses ? [_matrix.CountsWithoutPrediction[label]] : Array.Empty<double>()];
        double pixels = counts.Sum();
        return $"<tr>{RowHead(c)}{string.Concat(Predictions().Select(Cell))}</tr>";

        string Cell(string prediction, int id)
        {
            double share = pixels > 0 ? counts[id] / pixels : 0;
            string kind = ((id == label ? "hit" : "") + (share >= Strong ? " strong" : "")).Trim();
            string title = Invariant($"{c.Name} as {prediction}: {counts[id]:N0} of {pixels:N0} pixels");
            string style = (kind.Length > 0 ? $" class=\"{kind}\"" : "") + (share > 0 ? " " + Share(share) : "");
            return $"<td{style} title=\"{Text(title)}\">{(counts[id] > 0 ? Invariant($"{100 * share:F0}") : "")}</td>";
        }
    }

    private string Gallery()
    {
        if (options.ImageCount == 0 || ranking.Ranked == 0)
            return "";
        // Few images would stand on both lists.
        return ranking.HoldsAll
            ? ImageSection("Images, the worst first", ranking.All)
            : ImageSection(Invariant($"Worst {ranking.Worst.Count} images"), ranking.Worst)
                + "\n" + ImageSection(Invariant($"Best {ranking.Best.Count} images"), ranking.Best);
    }

    private string ImageSection(string title, IReadOnlyList<ReportedImage> images)
    {
        string left = ranking.Unranked > 0 ? Invariant($"; {ranking.Unranked:N0} without a labelled pixel are left out")
            : "";
        return $"""
            <section>
            <h2>{title}</h2>
            <p class="note">By the mean IoU of the image alone, of {Invariant($"{ranking.Ranked:N0}")} images{left}.</p>
            {Legend("Classes", [.. _classes, new SegmentationClass("no label", 0, 0, 0)])}
            {Legend("Errors", ReportedImage.ErrorClasses)}
            {Lines(images, (image, _) => Article(image))}
            </section>
            """;
    }

    private string Article(ReportedImage image)
    {
        SegmentationScores scores = image.Scores;
        string name = Text(image.Name), accuracy = Percent(scores.PixelAccuracy),
            wrong = Percent(1 - scores.PixelAccuracy);
        string over = Invariant($"over {scores.ClassesScored} of {_classes.Count} classes");
        return $"""
            <article>
            <h3>{name}<small>mIoU {Percent(scores.MeanIoU)} % {over}, pixel accuracy {accuracy} %</small></h3>
            <div class="images">
            {Figure("image", $"Image {name}", "image/jpeg", image.Image)}
            {Figure("label", $"True classes of {name}", "image/png", image.Label)}
            {Figure("prediction", $"Predicted classes of {name}", "image/png", image.Prediction)}
            {Figure("errors", $"Errors in {name}: {wrong} % of the labelled pixels", "image/png", image.Errors)}
            </div>
            </article>
            """;

        string Figure(string caption, string description, string type, byte[] encoded) =>
            Invariant($"<figure><img width=\"{image.Width}\" height=\"{image.Height}\" alt=\"{description}\" ")
            + $"src=\"{DataUri(type, encoded)}\" /><figcaption>{caption}</figcaption></figure>";
    }

    private static string Legend(string label, IEnumerable<SegmentationClass> classes) =>
        $"""<ul class="legend" aria-label="{label}">{string.Concat(classes.Select(c => $"<li>{Swatch(c)}{Text(c.Name)}</li>"))}</ul>""";

    private static string Heads(params ReadOnlySpan<string> names)
    {
        var heads = new StringBuilder();
        foreach (string name in names)
            heads.Append("<th scope=\"col\">").Append(name).Append("</th>");
        return heads.ToString();
    }

    private static string RowHead(SegmentationClass c) => $"""<th scope="row">{Swatch(c)}{Text(c.Name)}</th>""";

    private static string Swatch(SegmentationClass c) =>
        Invariant($"<span class=\"swatch\" style=\"background:rgb({c.Red},{c.Green},{c.Blue})\"></span>");

    private static string Cells(params double[] shares) =>
        string.Concat(shares.Select(share => $"<td>{Percent(share)}</td>"));

    private static string Bar(double share) =>
        $"""<td class="bar" {Share(double.IsNaN(share) ? 0 : share)}>{Percent(share)}</td>""";

    private static string Share(double share) => Invariant($"style=\"--s:{share:0.###}\"");

    // A dash stands for what is not defined.
    private static string Percent(double share) => double.IsNaN(share) ? "\u2013" : Invariant($"{100 * share:F2}");

    private static double Mean(IReadOnlyList<double> scores) =>
        scores.Where(score => !double.IsNaN(score)).DefaultIfEmpty(double.NaN).Average();

    private static string Lines<T>(IEnumerable<T> items, Func<T, int, string> draw) =>
        string.Join('\n', items.Select(draw));

    private static string DataUri(string type, byte[] content) =>
        $"data:{type};base64,{Convert.ToBase64String(content)}";

    private static string Text(string text) => SecurityElement.Escape(Clean(text));
}
