using System.Text.Json.Serialization;
using FastScnn.Torch.Metrics;
using FastScnn.Torch.Training.Reporting;

namespace FastScnn.Torch.Training;

/// <summary>Where training stands, reported after every step and after every validation.</summary>
public sealed record TrainingProgress
{
    /// <summary>The epoch that is under way or, with <see cref="Scores"/>, was validated, from 1.</summary>
    public required int Epoch { get; init; }

    /// <summary>The number of epochs of the whole training.</summary>
    public required int Epochs { get; init; }

    /// <summary>Steps taken, those before a resume among them.</summary>
    public required long Step { get; init; }

    /// <summary>The number of steps of the whole training.</summary>
    public required long Steps { get; init; }

    /// <summary>The loss of the last batch.</summary>
    public required double Loss { get; init; }

    /// <summary>The mean loss of the epoch so far; after a resume within the epoch, since then. NaN (in JSON null) where no step was taken since.</summary>
    [JsonConverter(typeof(FiniteNumberConverter<double>))]
    public required double MeanLoss { get; init; }

    /// <summary>The learning rate of the last step.</summary>
    public required double LearningRate { get; init; }

    /// <summary>Photos a second, over the last steps, waiting for data among it; 0 before the second step.</summary>
    public required double ImagesPerSecond { get; init; }

    /// <summary>The share of the time of the last steps that was spent waiting for data, 0..1.</summary>
    public required double WaitingShare { get; init; }

    /// <summary>How long the rest takes at the speed of the last steps, without validation; null before the second step.</summary>
    public required TimeSpan? Remaining { get; init; }

    /// <summary>The validation scores, in the report after a validation; otherwise null.</summary>
    public SegmentationScores? Scores { get; init; }

    /// <summary>The headline of <see cref="Scores"/>, which says over how many of the classes their mean is; null where they are.</summary>
    public ScoreSummary? Summary { get; init; }

    /// <summary>The best validation mIoU so far; null before the first validation with a labelled pixel.</summary>
    public double? BestMeanIoU { get; init; }

    /// <summary>What in the data bears on the scores, such as classes without a pixel; in the first report of a training, or of a resume, alone.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];

    /// <summary>The headline of the scores that have <see cref="BestMeanIoU"/>; null where that is, and where a state of an older version was resumed.</summary>
    public ScoreSummary? Best { get; init; }
}
