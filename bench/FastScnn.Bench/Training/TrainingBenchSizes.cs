namespace FastScnn.Bench.Training;

/// <summary>How much the training bench does.</summary>
internal sealed record TrainingBenchSizes
{
    /// <summary>What figures are quoted from; under six minutes on two quiet cores.</summary>
    public static TrainingBenchSizes Full { get; } = new()
    {
        Steps = [new(8, 256, 256), new(4, 352, 480)],
        StepRounds = 4,
        EndToEnd = new(8, 256, 320),
        Batches = 8,
        EndToEndRounds = 3,
        Scenes = 48,
        Memory = new(4, 64, 64),
        MemorySteps = (100, 1000),
    };

    /// <summary>Only to see that the bench itself works.</summary>
    public static TrainingBenchSizes Tiny { get; } = new()
    {
        Steps = [new(2, 64, 64), new(2, 64, 96)],
        StepRounds = 2,
        EndToEnd = new(2, 64, 64),
        Batches = 3,
        EndToEndRounds = 1,
        Scenes = 4,
        Memory = new(2, 64, 64),
        MemorySteps = (2, 6),
    };

    /// <summary>The batches whose steps are timed.</summary>
    public required IReadOnlyList<BatchSize> Steps { get; init; }

    /// <summary>How often each side takes its turn of <see cref="StepsPerTurn"/> steps, after a first turn that does
    /// not count.</summary>
    public required int StepRounds { get; init; }

    /// <summary>Steps in a turn.</summary>
    public int StepsPerTurn => 2;

    /// <summary>The batch of the end-to-end training.</summary>
    public required BatchSize EndToEnd { get; init; }

    /// <summary>Batches of an end-to-end turn.</summary>
    public required int Batches { get; init; }

    /// <summary>How often each side takes its turn, after a shorter one that does not count.</summary>
    public required int EndToEndRounds { get; init; }

    /// <summary>Generated scenes to train on.</summary>
    public required int Scenes { get; init; }

    /// <summary>The batch of the training whose memory is watched.</summary>
    public required BatchSize Memory { get; init; }

    /// <summary>After how many steps it is looked at.</summary>
    public required (int First, int Last) MemorySteps { get; init; }
}
