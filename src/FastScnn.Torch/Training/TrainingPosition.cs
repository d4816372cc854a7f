using FastScnn.Torch.Metrics;

namespace FastScnn.Torch.Training;

/// <summary>How far a training is: what its state holds beside tensors.</summary>
internal sealed record TrainingPosition
{
    /// <summary>Epochs that are done, validation and all.</summary>
    public int Epoch { get; init; }

    /// <summary>Batches of the epoch under way that are done.</summary>
    public int Batch { get; init; }

    /// <summary>Steps of the optimizer that are done.</summary>
    public long Step { get; init; }

    /// <summary>The best validation mIoU so far; null before the first validation that has one.</summary>
    public double? BestMeanIoU { get; init; }

    /// <summary>The headline of the scores of the weights that are kept; null where they were not validated, and in states of older versions.</summary>
    public ScoreSummary? Best { get; init; }

    /// <summary>The epoch of the weights that are kept, from 1; 0 before the first validation.</summary>
    public int BestEpoch { get; init; }

    /// <summary>Validations since the best one.</summary>
    public int Stale { get; init; }

    /// <summary>Whether training has ended, so that a resume has nothing left to do.</summary>
    public bool Finished { get; init; }

    /// <summary>Whether the end was an early stop.</summary>
    public bool StoppedEarly { get; init; }
}
