using System.Globalization;
using System.Text;

namespace FastScnn.Torch.Training.Reporting;

/// <summary>Writes what was trained, how, and how well, for whoever meets the weights later.</summary>
internal static class ModelCard
{
    /// <summary>The card as Markdown.</summary>
    public static string Write(TrainingOptions options, IReadOnlyDictionary<string, string> recipe, TrainingPosition position, IReadOnlyList<EpochRecord> epochs)
    {
        EpochRecord? best = epochs.FirstOrDefault(e => e.Epoch == position.BestEpoch);
        StringBuilder card = new();
        card.Append(CultureInfo.InvariantCulture, $"# Fast-SCNN, {recipe["samples"]} training photos, {recipe["classes"].Split(", ").Length} classes\n\n");
        card.Append(CultureInfo.InvariantCulture, $"Trained with FastScnn.Torch {Onnx.OnnxModelInfo.ProducerVersion}; {position.Epoch} epochs, {position.Step} steps{(position.StoppedEarly ? ", stopped early" : "")}, finished {DateTime.UtcNow:yyyy-MM-dd}.\n\n");
        if (options.Command is { } command) card.Append(CultureInfo.InvariantCulture, $"```\n{command}\n```\n\n");
        if (best?.MeanIoU is not null && (position.Best ?? best.Summary) is { } summary)
        {
            card.Append(CultureInfo.InvariantCulture, $"## Validation\n\nBest epoch {best.Epoch}: **{summary}**; whole photos, single scale, plain arg-max. The validation split chose the epoch, so a split that had no say scores lower.\n\n");
            card.Append("| class | IoU % |\n|---|---|\n");
            foreach ((string name, double? iou) in best.PerClassIoU)
                card.Append(CultureInfo.InvariantCulture, $"| {name} | {(iou is { } value ? (100 * value).ToString("F2", CultureInfo.InvariantCulture) : "not defined: neither labelled nor predicted")} |\n");
            card.Append('\n');
        }
        else if (best?.PerClassIoU.Count > 0)
        {
            card.Append("## Validation\n\nThe scores are not defined: no pixel of the validation split has a label. The last epoch was kept.\n\n");
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
