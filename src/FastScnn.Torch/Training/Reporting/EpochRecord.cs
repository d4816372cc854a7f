using System.Text.Json;
using FastScnn.Torch.Metrics;

namespace FastScnn.Torch.Training.Reporting;

/// <summary>An epoch as the log has it.</summary>
/// <param name="Epoch">From 1.</param>
/// <param name="Loss">The mean training loss; NaN where it is not known.</param>
/// <param name="MeanIoU">The validation mIoU, 0..1; null where the epoch was not validated.</param>
/// <param name="PixelAccuracy">The validation pixel accuracy, 0..1; null where the epoch was not validated.</param>
/// <param name="PerClassIoU">The validation IoU by class name, null where it is not defined; empty where the epoch was not validated.</param>
internal sealed record EpochRecord(int Epoch, double Loss, double? MeanIoU, double? PixelAccuracy, IReadOnlyList<(string Class, double? IoU)> PerClassIoU)
{
    /// <summary>The headline, as far as the line says it: not which classes are predicted but never labelled. Null where the epoch was not validated.</summary>
    public ScoreSummary? Summary => PerClassIoU.Count == 0 ? null : new()
    {
        MeanIoU = MeanIoU,
        PixelAccuracy = PixelAccuracy,
        Classes = PerClassIoU.Count,
        ClassesScored = PerClassIoU.Count(score => score.IoU is not null),
        NeverSeen = [.. PerClassIoU.Where(score => score.IoU is null).Select(score => score.Class)],
        NeverLabelled = [.. PerClassIoU.Where(score => score.IoU is null).Select(score => score.Class)],
    };

    /// <summary>
    /// Reads the epochs of a log in order; of one that a resumed run did again, the later line. A last line that a killed run left unfinished is left out.
    /// </summary>
    /// <exception cref="InvalidDataException">A line is none of a training's log.</exception>
    /// <exception cref="IOException">The log cannot be read.</exception>
    public static IReadOnlyList<EpochRecord> Read(string logPath)
    {
        SortedDictionary<int, EpochRecord> epochs = [];
        using FileStream stream = new(logPath, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using StreamReader reader = new(stream);
        for (int number = 1; reader.ReadLine() is { } line; number++)
        {
            try
            {
                if (Parse(line) is { } record)
                    epochs[record.Epoch] = record;
            }
            catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
            {
                if (e is not JsonException || !reader.EndOfStream)
                    throw Errors.NotATrainingLog(logPath, number, e);
            }
        }
        return [.. epochs.Values];
    }

    private static EpochRecord? Parse(string line)
    {
        using JsonDocument document = JsonDocument.Parse(line);
        JsonElement root = document.RootElement;
        if (root.GetProperty("event").GetString() != "epoch")
            return null;
        int epoch = root.GetProperty("epoch").GetInt32();
        return epoch >= 1
            ? new(epoch, Number(root, "loss", double.MinValue, double.MaxValue) ?? double.NaN, Number(root, "meanIoU", 0, 1), Number(root, "pixelAccuracy", 0, 1), Classes(root))
            : throw new FormatException($"The epoch is {epoch}.");
    }

    private static double? Number(JsonElement line, string name, double least, double most) =>
        line.TryGetProperty(name, out JsonElement value) ? ReadNumber(value, name, least, most) : null;

    private static double? ReadNumber(JsonElement value, string name, double least, double most)
    {
        if (value.ValueKind != JsonValueKind.Number)
            return null;
        double number = value.GetDouble();
        return number >= least && number <= most ? number : throw new FormatException($"The number '{name}' is {value.GetRawText()}.");
    }

    private static (string, double?)[] Classes(JsonElement line) => line.TryGetProperty("perClassIoU", out JsonElement classes)
        ? [.. classes.EnumerateObject().Select(c => (c.Name, ReadNumber(c.Value, c.Name, 0, 1)))]
        : [];
}
