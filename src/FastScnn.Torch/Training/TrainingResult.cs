using FastScnn.Torch.Checkpoints;
using FastScnn.Torch.Metrics;

namespace FastScnn.Torch.Training;

/// <summary>What training gives.</summary>
public sealed record TrainingResult
{
    /// <summary>The weights with the best validation mIoU, or the last ones where nothing was validated; with classes and facts in <see cref="Checkpoint.Info"/>.</summary>
    public required Checkpoint Weights { get; init; }

    /// <summary>The epoch of <see cref="Weights"/>, from 1.</summary>
    public required int Epoch { get; init; }

    /// <summary>The validation scores of <see cref="Weights"/>; null where nothing was validated, or where the best epoch lies before a resume.</summary>
    public required SegmentationScores? Scores { get; init; }

    /// <summary>The headline of the validation scores of <see cref="Weights"/>, also where they lie before a resume; null where nothing was validated.</summary>
    public ScoreSummary? Summary { get; init; }

    /// <summary>The validation mIoU of <see cref="Weights"/>; null where nothing was validated, or no validated pixel has a label.</summary>
    public required double? MeanIoU { get; init; }

    /// <summary>The epochs that were gone through, those before a resume among them.</summary>
    public required int Epochs { get; init; }

    /// <summary>The steps that were taken, those before a resume among them.</summary>
    public required long Steps { get; init; }

    /// <summary>Whether <see cref="TrainingOptions.Patience"/> ended the training.</summary>
    public required bool StoppedEarly { get; init; }

    /// <summary>What in the data bears on the scores, such as classes without a pixel; a text for each.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];
}
