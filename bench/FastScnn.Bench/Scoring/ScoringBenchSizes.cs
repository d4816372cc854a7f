namespace FastScnn.Bench.Scoring;

/// <summary>How much the scoring bench does.</summary>
internal sealed record ScoringBenchSizes
{
    /// <summary>What figures are quoted from; some minutes on two quiet cores.</summary>
    public static ScoringBenchSizes Full { get; } = new()
    {
        Sizes = [(256, 512), (360, 480), (512, 1024), (1024, 2048)],
        Rounds = 8,
        WarmUp = 30,
        MixedFrames = 1000,
    };

    /// <summary>Only to see that the bench itself works.</summary>
    public static ScoringBenchSizes Tiny { get; } = new()
    {
        Sizes = [(64, 96)],
        Rounds = 1,
        WarmUp = 2,
        MixedFrames = 40,
    };

    public required IReadOnlyList<(int Height, int Width)> Sizes { get; init; }

    /// <summary>How often each peer takes its turn of three images, the first of which is not counted.</summary>
    public required int Rounds { get; init; }

    /// <summary>Images of each peer before the first turn; fewer where they take long.</summary>
    public required int WarmUp { get; init; }

    /// <summary>Images of changing sizes in the memory test.</summary>
    public required int MixedFrames { get; init; }
}
