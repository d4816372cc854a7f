using System.Globalization;
using System.Text;

namespace FastScnn.Torch.Training.Reporting;

/// <summary>Writes what was trained, how, and how well, for whoever meets the weights later.</summary>
internal static class ModelCard
{
    /// <summary>The card as Markdown.</summary>
    public static string Write(TrainingOptions options, IReadOnlyDictionary<string, string> recipe,
        TrainingPosition position, IReadOnlyList<EpochRecord> epochs)
    {
        EpochRecord? best = epochs.FirstOrDefault(e => e.Epoch == position.BestEpoch);
        StringBuilder card = new();
        card.Append(CultureInfo.InvariantCulture,
            $"# Fast-SCNN, {recipe["samples"]} training images, {recipe["classes"].Split(", ").Length} classes\n\n");
        card.Append(CultureInfo.InvariantCulture,
            $"Trained with FastScnn.Torch {ModelInfo.ProducerVersion}; {position.Epoch} epochs, {position.Step} "
                + $"steps{(position.StoppedEarly ? ", stopped early" : "")}, finished {DateTime.UtcNow:yyyy-MM-dd}.\n\n");
        if (options.Command is { } command) card.Append(CultureInfo.InvariantCulture, $"```\n{command}\n```\n\n");
        if (best is { MeanIoU: >= 0 } scored)
        {
            // The log alone knows the best epoch of a training that an older version began.
            string scores = position.BestScores?.ToString()
                ?? string.Create(CultureInfo.InvariantCulture,
                    $"mIoU {100 * scored.MeanIoU:F2} %, pixel accuracy {100 * scored.PixelAccuracy:F2} %");
            card.Append(CultureInfo.InvariantCulture,
                $"## Validation\n\nBest epoch {best.Epoch}: **{scores}**; whole images, single scale, plain arg-max. ");
            card.Append(
                "The validation split chose the epoch, so a split that had no say scores lower.\n\n| class | IoU % "
                    + "|\n|---|---|\n");
            foreach ((string name, double? iou) in best.PerClassIoU ?? [])
                card.Append(CultureInfo.InvariantCulture,
                    $"| {name} | {(iou is { } value ? (100 * value).ToString("F2", CultureInfo.InvariantCulture) : "not defined: neither labelled nor predicted")} |\n");
            card.Append('\n');
        }
        else if (best?.PerClassIoU?.Count > 0)
        {
            card.Append(
                "## Validation\n\nThe scores are not defined: no pixel of the validation split has a label. The last "
                    + "epoch was kept.\n\n");
        }
        else
        {
            card.Append("## Validation\n\nNone: the last epoch was kept.\n\n");
        }
        card.Append("![learning curves](curves.svg)\n\n## Recipe\n\n| | |\n|---|---|\n");
        foreach ((string name, string value) in recipe)
            card.Append(CultureInfo.InvariantCulture, $"| {name} | {value.Replace("|", "\\|")} |\n");
        if (options.Notes is { } notes) card.Append(CultureInfo.InvariantCulture, $"\n## Notes\n\n{notes}\n");
        return card.ToString();
    }
}

/// <summary>Draws loss and scores over epochs as an SVG image.</summary>
internal static class LearningCurves
{
    private const int Width = 720, Height = 360, Left = 60, Right = 60, Top = 40, Bottom = 45;

    /// <summary>The text of the image: the loss on the left axis, validation mIoU and pixel accuracy in per cent on the
    /// right one.</summary>
    public static string Draw(IReadOnlyList<EpochRecord> epochs)
    {
        (int Epoch, double Value)[] loss =
        [
            .. epochs.Where(e => double.IsFinite(e.Loss)).Select(e => (e.Epoch, e.Loss))
        ];
        double top = NextOf([1, 2, 2.5, 5, 10], loss.Length == 0 ? 1 : loss.Max(point => point.Value));
        int last = Math.Max(2, epochs.Count == 0 ? 2 : epochs.Max(e => e.Epoch));
        StringBuilder svg = new();
        svg.Append(CultureInfo.InvariantCulture, $"""
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {Width} {Height}" font-family="sans-serif" font-size="12">
            <rect width="{Width}" height="{Height}" fill="white"/>

            """);
        for (int i = 0; i <= 5; i++)
        {
            double y = Height - Bottom - (Height - Top - Bottom) * i / 5.0;
            svg.Append(CultureInfo.InvariantCulture, $"""
                <path d="M{Left} {y:F1}H{Width - Right}" stroke="#ddd"/>
                <text x="{Left - 6}" y="{y + 4:F1}" text-anchor="end" fill="#888">{top * i / 5:0.###}</text>
                <text x="{Width - Right + 6}" y="{y + 4:F1}" fill="#333">{20 * i} %</text>

                """);
        }
        foreach (long epoch in Ticks(last))
        {
            svg.Append(CultureInfo.InvariantCulture,
                $"<text x=\"{X(epoch, last):F1}\" y=\"{Height - Bottom + 18}\" text-anchor=\"middle\" "
                    + $"fill=\"#333\">{epoch}</text>\n");
        }
        svg.Append(CultureInfo.InvariantCulture,
            $"<text x=\"{Width / 2}\" y=\"{Height - 8}\" text-anchor=\"middle\" fill=\"#333\">epoch</text>\n");
        Line(svg, "training loss", "#999", 0, loss, last, top);
        Line(svg, "validation mIoU", "#1668b8", 1, Scores(epochs, e => e.MeanIoU), last, 1);
        Line(svg, "validation pixel accuracy", "#2a9d4a", 2, Scores(epochs, e => e.PixelAccuracy), last, 1);
        return svg.Append("</svg>\n").ToString();
    }

    private static (int Epoch, double Value)[] Scores(IReadOnlyList<EpochRecord> epochs,
        Func<EpochRecord, double?> score) =>
        [.. epochs.Where(e => score(e) is >= 0).Select(e => (e.Epoch, score(e)!.Value))];

    private static void Line(StringBuilder svg, string name, string color, int position,
        (int Epoch, double Value)[] points, int last, double top)
    {
        int x = Left + 10 + 210 * position;
        svg.Append(CultureInfo.InvariantCulture,
            $"<path d=\"M{x} {Top - 18}h24\" stroke=\"{color}\" stroke-width=\"2\"/><text x=\"{x + 30}\" "
                + $"y=\"{Top - 14}\" fill=\"#333\">{name}</text>\n");
        string path = string.Join(' ',
            points.Select(point => string.Create(CultureInfo.InvariantCulture,
                $"{X(point.Epoch, last):F1},{Height - Bottom - (Height - Top - Bottom) * point.Value / top:F1}")));
        if (points.Length > 1) svg.Append(CultureInfo.InvariantCulture,
            $"<polyline points=\"{path}\" fill=\"none\" stroke=\"{color}\" stroke-width=\"2\"/>\n");
    }

    // The first epoch, and round numbers.
    private static IEnumerable<long> Ticks(int last)
    {
        long step = (long)NextOf([1, 2, 5, 10], Math.Max(1, last / 6.0));
        yield return 1;
        for (long epoch = step == 1 ? 2 : step; epoch <= last; epoch += step)
            yield return epoch;
    }

    private static double X(long epoch, int last) => Left + (Width - Left - Right) * (epoch - 1.0) / (last - 1);

    // One of the factors times a power of ten, the next one up.
    private static double NextOf(double[] factors, double value)
    {
        double power = Math.Pow(10, Math.Floor(Math.Log10(Math.Max(value, 1e-6))));
        return factors.First(factor => factor * power >= value) * power;
    }
}
