using FastScnn.Torch.Data;
using FastScnn.Torch.Training.Reporting;

namespace FastScnn.Torch.Training;

/// <summary>Writes what happens in a training as JSON lines and, if asked for, for TensorBoard; without a folder it writes nothing.</summary>
internal sealed class TrainingLog : IDisposable
{
    // A record for every step would make event files that TensorBoard thins out anyway.
    private const int StepsBetweenRecords = 10;

    private readonly ClassList classes;
    private readonly JsonLinesLog? lines;
    private readonly TensorBoardLog? board;

    public TrainingLog(TrainingFolder? folder, bool tensorBoard, ClassList classes, IReadOnlyDictionary<string, string> recipe, TrainingState? resumed, IReadOnlyList<string> warnings)
    {
        this.classes = classes;
        if (folder is null) return;
        lines = new JsonLinesLog(folder.Log);
        lines.Write(new Dictionary<string, object?>
        {
            ["event"] = resumed is null ? "start" : "resume",
            ["time"] = DateTimeOffset.Now,
            ["step"] = resumed?.Position.Step ?? 0,
            ["recipe"] = recipe,
            ["warnings"] = warnings,
        });
        if (!tensorBoard) return;
        board = new TensorBoardLog(folder.TensorBoard);
        if (resumed is null) board.WriteText("recipe", string.Join("\n\n", recipe.Select(item => $"{item.Key}: {item.Value}")), 0);
    }

    public void StepDone(TrainingProgress report)
    {
        if (board is null || report.Step % StepsBetweenRecords != 0) return;
        board.Write("train/loss", report.Loss, report.Step);
        board.Write("train/learning rate", report.LearningRate, report.Step);
    }

    public void EpochDone(TrainingProgress report)
    {
        Dictionary<string, object?> line = new()
        {
            ["event"] = "epoch",
            ["time"] = DateTimeOffset.Now,
            ["epoch"] = report.Epoch,
            ["step"] = report.Step,
            ["loss"] = report.MeanLoss,
            ["learningRate"] = report.LearningRate,
            ["imagesPerSecond"] = report.ImagesPerSecond,
            ["waitingShare"] = report.WaitingShare,
        };
        Show("train/mean loss", report.MeanLoss, report.Step);
        if (report.Scores is { } scores)
        {
            line["meanIoU"] = scores.MeanIoU;
            line["classes"] = classes.Count;
            line["classesScored"] = scores.ClassesScored;
            line["neverSeen"] = report.Summary?.NeverSeen;
            line["neverLabelled"] = report.Summary?.NeverLabelled;
            line["pixelAccuracy"] = scores.PixelAccuracy;
            line["perClassIoU"] = Enumerable.Range(0, classes.Count).ToDictionary(id => classes[id].Name, id => scores.PerClassIoU[id]);
            line["bestMeanIoU"] = report.BestMeanIoU;
            Show("validation/mIoU", scores.MeanIoU, report.Step);
            Show("validation/pixel accuracy", scores.PixelAccuracy, report.Step);
            for (int id = 0; id < classes.Count; id++)
                Show($"validation IoU/{classes[id].Name}", scores.PerClassIoU[id], report.Step);
        }
        lines?.Write(line);
    }

    public void Ended(TrainingPosition position) => lines?.Write(new Dictionary<string, object?>
    {
        ["event"] = "end",
        ["time"] = DateTimeOffset.Now,
        ["epoch"] = position.Epoch,
        ["step"] = position.Step,
        ["bestEpoch"] = position.BestEpoch,
        ["bestMeanIoU"] = position.BestMeanIoU,
        ["classes"] = classes.Count,
        ["classesScored"] = position.Best?.ClassesScored,
        ["neverSeen"] = position.Best?.NeverSeen,
        ["neverLabelled"] = position.Best?.NeverLabelled,
        ["stoppedEarly"] = position.StoppedEarly,
    });

    // What is not defined has no point on a curve.
    private void Show(string tag, double value, long step)
    {
        if (double.IsFinite(value)) board?.Write(tag, value, step);
    }

    public void Dispose()
    {
        lines?.Dispose();
        board?.Dispose();
    }
}
