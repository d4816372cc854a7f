namespace FastScnn.Torch.Data;

/// <summary>What <see cref="DatasetCheck"/> found in a split.</summary>
public sealed record DatasetReport
{
    /// <summary>The number of pairs.</summary>
    public required int SampleCount { get; init; }

    /// <summary>The number of pairs without a fault.</summary>
    public required int SoundCount { get; init; }

    /// <summary>The sizes of photos and how many have each, the most frequent first.</summary>
    public required IReadOnlyList<(int Width, int Height, int Count)> PhotoSizes { get; init; }

    /// <summary>Pixels of each class over all readable labels, by class id.</summary>
    public required IReadOnlyList<long> ClassPixels { get; init; }

    /// <summary>Labels that hold at least one pixel of each class, by class id.</summary>
    public required IReadOnlyList<int> ClassSamples { get; init; }

    /// <summary>Pixels that belong to no class over all readable labels.</summary>
    public required long IgnoredPixels { get; init; }

    /// <summary>What would stop training, a text for each, in the order of the samples.</summary>
    public required IReadOnlyList<string> Faults { get; init; }

    /// <summary>What training survives but its user may not expect, a text for each.</summary>
    public required IReadOnlyList<string> Warnings { get; init; }

    /// <summary>Those of <see cref="Warnings"/> that bear on the scores of a model, such as classes without a pixel; training and scoring repeat them.</summary>
    public IReadOnlyList<string> ScoreWarnings { get; init; } = [];
}
