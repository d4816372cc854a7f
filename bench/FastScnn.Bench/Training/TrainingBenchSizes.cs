namespace FastScnn.Bench.Training;

/// <summary>How much the training bench does.</summary>
internal sealed record TrainingBenchSizes
{
    /// <summary>What figures are quoted from; about a quarter of an hour on two quiet cores.</summary>
    public static TrainingBenchSizes Full { get; } = new()
    {
        Threads = [1, 2],
        Main = new(8, 320, 416),
        StepRounds = 5,
        Batches = 6,
        EndToEndRounds = 2,
        Scenes = 48,
        Memory = new(4, 64, 64),
        MemorySteps = (100, 1000),
    };

    /// <summary>Only to see that the bench itself works.</summary>
    public static TrainingBenchSizes Tiny { get; } = new()
    {
        Threads = [2],
        Main = new(4, 64, 96),
        StepRounds = 1,
        Batches = 3,
        EndToEndRounds = 1,
        Scenes = 4,
        Memory = new(2, 64, 64),
        MemorySteps = (2, 6),
    };

    /// <summary>The numbers of threads of a step; training from files has the last.</summary>
    public required IReadOnlyList<int> Threads { get; init; }

    /// <summary>The batch that is trained on.</summary>
    public required BatchSize Main { get; init; }

    /// <summary>How often each side takes its turn of <see cref="StepsPerTurn"/> steps, after a first turn that does
    /// not count.</summary>
    public required int StepRounds { get; init; }

    /// <summary>Steps in a turn.</summary>
    public int StepsPerTurn => 2;

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
