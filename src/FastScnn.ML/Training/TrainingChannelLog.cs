using System.Globalization;
using FastScnn.Torch.Data;
using FastScnn.Torch.Training;
using Microsoft.ML.Runtime;

namespace FastScnn.ML.Training;

/// <summary>Tells the log of an MLContext how training goes: a line an epoch and, where epochs are long, one every half
/// minute.</summary>
internal sealed class TrainingChannelLog(IChannel channel,
    IProgress<TrainingProgress>? next) : IProgress<TrainingProgress>
{
    private readonly LogPace _pace = new();
    private TrainingProgress? _untold;
    private bool _begun;

    public void Starts(TrainingOptions recipe, SegmentationDataset training, SegmentationDataset? validation) => Tell(
        $"Training on {training.Samples.Count} rows of {training.Classes.Count} classes, {(validation is null ? "without validation" : $"validating on {validation.Samples.Count}")}: {recipe.Epochs} epochs in batches of {recipe.BatchSize}, on {(recipe.GpuDeviceId is { } device ? $"CUDA device {device}" : "the processor")}.");

    public void Report(TrainingProgress value)
    {
        if (!_begun && value.Precision != "float32")
            Tell($"The network computes with {value.Precision}.");
        _begun = true;
        foreach (string warning in value.Warnings)
            channel.Warning(MessageSensitivity.UserData, warning);
        // Without a validation only the first step of an epoch shows that the one before is done.
        if (_untold is { } last && last.Epoch != value.Epoch)
            TellEpoch(last);
        if (value.Scores is not null)
            TellEpoch(value);
        else
        {
            _untold = value;
            if (_pace.IsDue)
                Tell(
                    $"Epoch {value.Epoch} of {value.Epochs}, step {value.Step} of {value.Steps}: loss {value.MeanLoss:F4}, learning rate {value.LearningRate:G4}, {value.ImagesPerSecond:F1} images/s, {Duration(value.Remaining)} left.");
        }
        next?.Report(value);
    }

    public void Ended(TrainingResult result)
    {
        if (_untold is { } last)
            TellEpoch(last);
        string score = result.Scores is { } scores ? $", with {scores} on the validation set" : "";
        Tell(
            $"Trained for {result.Epochs} epochs, {result.Steps} steps{(result.StoppedEarly ? ", then stopped early" : "")}. The weights are those of epoch {result.Epoch}{score}.");
    }

    private void TellEpoch(TrainingProgress epoch)
    {
        _untold = null;
        string scores = epoch.Scores is { } found ? $", validation: {found}{Best(epoch)}" : "";
        string loss = double.IsNaN(epoch.MeanLoss) ? "not known" : Invariant($"{epoch.MeanLoss:F4}");
        Tell(
            $"Epoch {epoch.Epoch} of {epoch.Epochs}: loss {loss}, learning rate {epoch.LearningRate:G4}, {epoch.ImagesPerSecond:F1} images/s{scores}.");
    }

    private static string Best(TrainingProgress epoch) => epoch.BestScores is not { } best ? ""
        : best.MeanIoU == epoch.Scores?.MeanIoU ? " (the best so far)" : $", best mIoU {best.MeanIoUText}";

    private void Tell(FormattableString line)
    {
        channel.Info(MessageSensitivity.None, Invariant(line));
        _pace.Reported();
    }

    /// <summary>A time as a reader says it: with days only where there are some.</summary>
    internal static string Duration(TimeSpan? time) => time switch
    {
        null => "an unknown time",
        { Days: > 0 } days => days.ToString(@"d' d 'h' h'", CultureInfo.InvariantCulture),
        { } hours => hours.ToString(@"h\:mm\:ss", CultureInfo.InvariantCulture),
    };

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
