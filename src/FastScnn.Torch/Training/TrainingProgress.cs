using System.Text.Json.Serialization;
using FastScnn.Torch.Checkpoints;
using FastScnn.Torch.Data;
using FastScnn.Torch.Metrics;

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

    /// <summary>The mean loss of the epoch so far; after a resume within the epoch, since then. NaN (in JSON null)
    /// where no step was taken since.</summary>
    [JsonConverter(typeof(FiniteNumberConverter))]
    public required double MeanLoss { get; init; }

    /// <summary>The learning rate of the last step.</summary>
    public required double LearningRate { get; init; }

    /// <summary>Images a second, over the last steps, waiting for data among it; 0 before the second step.</summary>
    public required double ImagesPerSecond { get; init; }

    /// <summary>Gets the fraction of the time of the last steps that was spent waiting for data, 0..1.</summary>
    public required double DataWaitFraction { get; init; }

    /// <summary>How long the rest takes at the speed of the last steps, without validation; null before the second
    /// step.</summary>
    public required TimeSpan? Remaining { get; init; }

    /// <summary>Gets the validation scores, in the report after a validation; otherwise null.</summary>
    public SegmentationScores? Scores { get; init; }

    /// <summary>Gets the validation scores with the best mIoU so far; null before the first validation with a labelled
    /// pixel, and where the best epoch lies before a resume from a state of an older version.</summary>
    public SegmentationScores? BestScores { get; init; }

    /// <summary>Gets what the network computes with: "float32" or "bfloat16", and with
    /// <see cref="Training.Precision.Auto"/> why, such as "bfloat16 (chosen: the processor has AVX512_BF16)".</summary>
    public string Precision { get; init; } = ChosenPrecision.Float32Name;

    /// <summary>What in the data bears on the scores, such as classes without a pixel, or on the speed; in the first
    /// report of a training, or of a resume, alone.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];
}

/// <summary>What training gives.</summary>
public sealed record TrainingResult
{
    /// <summary>The weights with the best validation mIoU, or the last ones where nothing was validated; with classes
    /// and facts in <see cref="Checkpoint.Info"/>.</summary>
    public required Checkpoint Weights { get; init; }

    /// <summary>The epoch of <see cref="Weights"/>, from 1.</summary>
    public required int Epoch { get; init; }

    /// <summary>Gets the validation scores of <see cref="Weights"/>; null where nothing was validated, and where the
    /// best epoch lies before a resume from a state of an older version.</summary>
    public required SegmentationScores? Scores { get; init; }

    /// <summary>The epochs that were gone through, those before a resume among them.</summary>
    public required int Epochs { get; init; }

    /// <summary>The steps that were taken, those before a resume among them.</summary>
    public required long Steps { get; init; }

    /// <summary>Whether <see cref="TrainingOptions.Patience"/> ended the training.</summary>
    public required bool StoppedEarly { get; init; }

    /// <summary>What in the data bears on the scores, such as classes without a pixel, or on the speed; a text for
    /// each.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];
}

/// <summary>The loss, the gradients or the weights became NaN or infinite. What the output folder holds is from before:
/// the best and the last weights and the state of an earlier epoch or save.</summary>
/// <param name="message">Names the step and the files of the batch.</param>
/// <param name="samples">What the batch was made of.</param>
public sealed class TrainingDivergedException(string message, IReadOnlyList<SamplePair> samples) : Exception(message)
{
    /// <summary>What the batch was made of.</summary>
    public IReadOnlyList<SamplePair> Samples { get; } = samples;
}
