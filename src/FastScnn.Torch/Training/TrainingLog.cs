using System.Text.Json;
using FastScnn.Torch.Data;

namespace FastScnn.Torch.Training;

/// <summary>Writes what happens in a training as JSON lines.</summary>
internal sealed class TrainingLog : IDisposable
{
    private readonly StreamWriter? writer;

    public TrainingLog(TrainingFolder? folder, bool tensorBoard, IReadOnlyDictionary<string, string> recipe, TrainingState? resumed)
    {
        _ = tensorBoard;
        if (folder is null) return;
        writer = new StreamWriter(new FileStream(folder.Log, FileMode.Append, FileAccess.Write, FileShare.ReadWrite)) { AutoFlush = true };
        Write(new() { ["event"] = resumed is null ? "start" : "resume", ["time"] = DateTimeOffset.Now, ["step"] = resumed?.Position.Step ?? 0, ["recipe"] = recipe });
    }

    public void EpochDone(TrainingProgress report, ClassList classes)
    {
        Dictionary<string, object?> line = new()
        {
            ["event"] = "epoch",
            ["time"] = DateTimeOffset.Now,
            ["epoch"] = report.Epoch,
            ["step"] = report.Step,
            ["loss"] = Finite(report.MeanLoss),
            ["learningRate"] = report.LearningRate,
            ["imagesPerSecond"] = Finite(report.ImagesPerSecond),
            ["waitingShare"] = Finite(report.WaitingShare),
        };
        if (report.Scores is { } scores)
        {
            line["meanIoU"] = Finite(scores.MeanIoU);
            line["pixelAccuracy"] = Finite(scores.PixelAccuracy);
            line["perClassIoU"] = Enumerable.Range(0, classes.Count).ToDictionary(id => classes[id].Name, id => Finite(scores.PerClassIoU[id]));
            line["bestMeanIoU"] = report.BestMeanIoU;
        }
        Write(line);
    }

    public void Ended(TrainingPosition position) =>
        Write(new() { ["event"] = "end", ["time"] = DateTimeOffset.Now, ["epoch"] = position.Epoch, ["step"] = position.Step, ["bestEpoch"] = position.BestEpoch, ["bestMeanIoU"] = position.BestMeanIoU });

    public void Dispose() => writer?.Dispose();

    private void Write(Dictionary<string, object?> line) => writer?.WriteLine(JsonSerializer.Serialize(line));

    // JSON has no NaN.
    private static double? Finite(double value) => double.IsFinite(value) ? value : null;
}
