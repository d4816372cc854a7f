using static System.FormattableString;

namespace FastScnn.Torch.Training;

/// <summary>Whether there are samples enough for the batches, and for what each process takes of them.</summary>
internal static class SampleCounts
{
    // The command line replaces the property names in these texts by its options, so each name stands alone, with
    // values after it.
    internal const string OneSample =
        "pyramid pooling averages an image to one value a channel, and batch norm needs two to find their variance";

    internal const string SingleImages =
        $"with {nameof(TrainingOptions.FreezeBatchNorm)}, which keeps the statistics of "
            + $"{nameof(TrainingOptions.InitialWeights)}";

    internal const string OneImage =
        $"There is one image to train on; there must be 2 or more, as {OneSample}. Add images, or train on the one "
        + $"{SingleImages}, and {nameof(TrainingOptions.BatchSize)} 1.";

    /// <summary>Checks the batches before anything is made.</summary>
    /// <exception cref="ArgumentException">There are too few samples, or a batch is too small.</exception>
    public static void Check(int samples, TrainingOptions options)
    {
        if (options.BatchSize < Least(options))
            throw new ArgumentException(Invariant($"{nameof(TrainingOptions.BatchSize)} is {options.BatchSize}; it ")
                + Invariant($"must be {Least(options)} or more, as {Why(options)}."), nameof(options));
        if (samples == 1 && !options.FreezeBatchNorm) throw new ArgumentException(OneImage, "training");
        if (samples == 0 || !options.DropLast || samples >= options.StepSize) return;
        string images = samples == 1 ? "1 image to train on makes" : Invariant($"{samples} images to train on make");
        if (options.AccumulateSteps > 1)
            throw new ArgumentException(Invariant($"{images} no step of {options.AccumulateSteps} batches of ")
                + Invariant($"{options.BatchSize}. Add images, or give a smaller ")
                + $"{nameof(TrainingOptions.AccumulateSteps)} or {nameof(TrainingOptions.BatchSize)}.", "training");
        int least = options.FreezeBatchNorm ? 1 : 2;
        throw new ArgumentException(
            Invariant($"{images} no batch of {options.BatchSize}. Add images, or give ")
            + $"{nameof(TrainingOptions.BatchSize)} "
            + (samples > least ? Invariant($"{least} to {samples}.") : Invariant($"{samples}.")), "training");
    }

    /// <summary>Checks the last, smaller batch of an epoch.</summary>
    /// <exception cref="ArgumentException">It is kept, and too small.</exception>
    public static void CheckLast(int samples, TrainingOptions options)
    {
        int last = samples % options.StepSize, least = Least(options);
        if (options.DropLast || last == 0 || last >= least) return;
        throw new ArgumentException(Invariant($"{samples} samples in batches of {options.StepSize} leave a last ")
            + Invariant($"batch of {last}; it must be of {least} or more, as {Why(options)}. Give another ")
            + $"{nameof(TrainingOptions.BatchSize)}, or {nameof(TrainingOptions.DropLast)} = true.", nameof(options));
    }

    private static int Least(TrainingOptions options) =>
        (options.FreezeBatchNorm ? 1 : 2) * (options.Processes?.Count ?? 1);

    private static string Why(TrainingOptions options) => options.Processes is not { Count: > 1 } processes ? OneSample
        : Invariant($"{processes.Count} processes share it") + (options.FreezeBatchNorm ? "" : $", and {OneSample}");
}
