using System.Diagnostics;
using FastScnn.Torch.Checkpoints;
using FastScnn.Torch.Data;
using FastScnn.Torch.Data.Augmentation;
using FastScnn.Torch.Data.Loading;
using FastScnn.Torch.Metrics;
using FastScnn.Torch.Training.Reporting;
using static System.FormattableString;

namespace FastScnn.Torch.Training;

/// <summary>One training from its start, or its resume, to its end: epochs, validation, what is kept, and when to stop.</summary>
internal sealed class TrainingRun : IDisposable
{
    // The command line replaces the property names in these texts by its options, so each name stands alone, with values after it.
    internal const string OneSample = "pyramid pooling averages an image to one value a channel, and batch norm needs two to find their variance";

    internal const string SingleImages =
        $"with {nameof(TrainingOptions.FreezeBatchNorm)}, which keeps the statistics of {nameof(TrainingOptions.InitialWeights)}";

    internal const string OneImage =
        $"There is one image to train on; there must be 2 or more, as {OneSample}. "
        + $"Add images, or train on the one {SingleImages}, and {nameof(TrainingOptions.BatchSize)} 1.";

    private readonly TrainingOptions options;
    private readonly ClassList classes;
    private readonly BatchLoader loader;
    private readonly NetworkEvaluator? evaluator;
    private readonly Learner learner;
    private readonly IReadOnlyDictionary<string, string> recipe;
    private readonly TrainingFolder? folder;
    private readonly TrainingLock? taken;
    private readonly LibtorchTurn turn;
    private readonly TrainingLog log;
    private readonly long steps;
    private readonly IReadOnlyList<string> warnings;
    private bool warned;
    private TrainingPosition position = new();
    private Checkpoint? best;

    public TrainingRun(TrainingOptions options, SegmentationDataset training, SegmentationDataset? validation, PixelDecoder decoder, CancellationToken cancellationToken)
    {
        (this.options, classes) = (options, training.Classes);
        CheckCount(training.Samples.Count);
        (double min, double max) = options.Augmentation.Scale;
        AugmentationOptions augmentation = options.Augmentation with { Scale = (min * options.InputScale, max * options.InputScale) };
        loader = new BatchLoader(training, decoder, new Augmenter(augmentation, classes.IgnoreIndex), options.Loader);
        evaluator = validation is null ? null : new NetworkEvaluator(validation, decoder, options.Normalization, options.InputScale, options.Loader);
        long all = (long)options.Epochs * loader.BatchesPerEpoch;
        steps = Math.Min(all, options.MaxSteps ?? all);
        if (!options.DropLast && !options.FreezeBatchNorm && training.Samples.Count % options.BatchSize == 1 && steps >= loader.BatchesPerEpoch)
            throw new ArgumentException(Invariant($"{training.Samples.Count} samples in batches of ")
                + Invariant($"{options.BatchSize} leave a last batch of 1; it must be of 2 or more, as {OneSample}. ")
                + $"Give another {nameof(TrainingOptions.BatchSize)}, or {nameof(TrainingOptions.DropLast)} = true.", "options");
        // What a schedule cannot do it says at its first step: before a folder is made.
        _ = options.Schedule.RateAt(0, steps);
        warnings = TrainingDataCheck.Run(training, validation, options.BatchSize, cancellationToken);
        recipe = TrainingRecipe.Describe(options, training, steps);
        folder = options.OutputFolder is { } path ? new TrainingFolder(path) : null;
        taken = folder is null ? null : new TrainingLock(folder);
        try
        {
            // After the folder: a second training of the same folder is refused at once.
            turn = LibtorchTurn.Take(options, cancellationToken);
            TrainingState? state = ReadState();
            learner = new Learner(options, classes, steps, turn.Device);
            if (state is not null) Restore(state);
            // The model card at the end needs all of the log; hours later would be late to say that it is damaged.
            if (folder is not null && File.Exists(folder.Log)) EpochRecord.Read(folder.Log);
            log = new TrainingLog(folder, options.TensorBoard, classes, recipe, state, warnings);
        }
        catch
        {
            learner?.Dispose();
            turn?.Dispose();
            taken?.Dispose();
            throw;
        }
    }

    public TrainingResult Run(IProgress<TrainingProgress>? progress, CancellationToken cancellationToken)
    {
        Meter meter = new(options, steps, position.Step);
        try
        {
            while (!position.Finished)
            {
                TrainEpoch(meter, progress, cancellationToken);
                FinishEpoch(meter, progress, cancellationToken);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // What is kept already is better than weights that cannot be used.
            if (learner.BrokenWeight() is null) SaveState();
            throw;
        }
        log.Ended(position);
        WriteCard();
        return Result();
    }

    public void Dispose()
    {
        // First, so that what is the caller's is put back whatever comes after.
        turn.Dispose();
        log.Dispose();
        learner.Dispose();
        taken?.Dispose();
    }

    private void TrainEpoch(Meter meter, IProgress<TrainingProgress>? progress, CancellationToken cancellationToken)
    {
        if (position.Batch == 0) learner.Seed(position.Epoch);
        meter.StartEpoch();
        // What was cancelled during the validation has no step left.
        if (position.Step >= steps) return;
        learner.TrainMode();
        foreach (SegmentationBatch batch in loader.ReadEpoch(position.Epoch, position.Batch, cancellationToken))
        {
            meter.DataArrived();
            (double loss, double rate) = learner.Step(batch, position.Step);
            position = position with { Batch = batch.Number + 1, Step = position.Step + 1 };
            meter.StepDone(loss, rate, batch.Samples.Count);
            TrainingProgress report = meter.Report(position);
            log.StepDone(report);
            Tell(progress, report);
            if (position.Step == steps) break;
            // At the end of the epoch the state is saved after the validation.
            if (position.Step % options.SaveEverySteps == 0 && position.Batch < loader.BatchesPerEpoch)
            {
                if (learner.BrokenWeight() is { } broken) throw learner.Diverged(broken, position.Step);
                SaveState();
            }
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    private void FinishEpoch(Meter meter, IProgress<TrainingProgress>? progress, CancellationToken cancellationToken)
    {
        int epoch = position.Epoch + 1;
        bool last = epoch >= options.Epochs || position.Step >= steps;
        if (learner.BrokenWeight() is { } broken) throw learner.Diverged(broken, position.Step);
        TrainingPosition next = position with { Epoch = epoch, Batch = 0, Finished = last };
        using IDisposable averaged = learner.UseAverage();
        SegmentationScores? scores = evaluator is not null && (last || epoch % options.ValidateEvery == 0)
            ? SegmentationScores.From(evaluator.Evaluate(learner.Network, cancellationToken: cancellationToken), classes.Names)
            : null;
        double? mean = scores is null || double.IsNaN(scores.MeanIoU) ? null : scores.MeanIoU;
        Checkpoint weights = learner.Network.ToCheckpoint(Info(epoch, next.Step, scores));
        if (IsBest(scores, mean))
        {
            best = weights;
            next = next with { BestEpoch = epoch, BestMeanIoU = mean, BestScores = scores, Stale = 0 };
        }
        else if (mean is not null)
        {
            next = next with { Stale = next.Stale + 1 };
            if (next.Stale >= options.Patience) next = next with { Finished = true, StoppedEarly = !last };
        }
        if (folder is not null)
        {
            if (best == weights) weights.SaveSafetensors(folder.BestWeights);
            weights.SaveSafetensors(folder.LastWeights);
        }
        averaged.Dispose();
        position = next;
        TrainingProgress report = meter.Report(position with { Epoch = epoch - 1 }) with { Scores = scores };
        log.EpochDone(report, position.BestMeanIoU);
        // The state comes last: a process killed before goes through this again, with the same result, and of two lines for an epoch the later counts.
        SaveState();
        if (scores is not null) Tell(progress, report);
    }

    private void Tell(IProgress<TrainingProgress>? progress, TrainingProgress report)
    {
        TrainingProgress told = warned ? report : report with { Warnings = warnings };
        warned = true;
        if (progress is not null) turn.Call(() => progress.Report(told));
    }

    private void CheckCount(int samples)
    {
        if (samples == 1 && !options.FreezeBatchNorm) throw new ArgumentException(OneImage, "training");
        if (samples > 0 && options.DropLast && samples < options.BatchSize)
        {
            int least = options.FreezeBatchNorm ? 1 : 2;
            string images = samples == 1 ? "1 image to train on makes" : Invariant($"{samples} images to train on make");
            throw new ArgumentException(
                Invariant($"{images} no batch of {options.BatchSize}. Add images, or give {nameof(TrainingOptions.BatchSize)} ")
                + (samples > least ? Invariant($"{least} to {samples}.") : Invariant($"{samples}.")), "training");
        }
    }

    // Without validation, or while no validation has a labelled pixel to score, the last epoch is the best one.
    private bool IsBest(SegmentationScores? scores, double? mean) => mean is not null
        ? !(mean <= position.BestMeanIoU)
        : position.BestMeanIoU is null && (scores is not null || evaluator is null);

    private TrainingState? ReadState()
    {
        if (folder is null || !File.Exists(folder.State)) return null;
        if (!options.Resume)
            throw new InvalidOperationException($"'{folder.State}' is the state of a training that was begun. To go on "
                + $"with it set {nameof(TrainingOptions.Resume)}; or give another "
                + $"{nameof(TrainingOptions.OutputFolder)}.");
        TrainingState state = TrainingState.Load(folder.State);
        string[] different = [.. TrainingRecipe.Fixed.Where(name => state.Recipe.GetValueOrDefault(name) != recipe[name])
            .Select(name => $"{name}: '{state.Recipe.GetValueOrDefault(name)}' instead of '{recipe[name]}'")];
        return different.Length == 0 ? state : throw new InvalidOperationException($"'{folder.State}' is the state of "
            + $"another training, which cannot be resumed with these options. {string.Join("; ", different)}.");
    }

    private void Restore(TrainingState state)
    {
        learner.Restore(state, folder!.State);
        position = state.Position;
        if (position.Batch > loader.BatchesPerEpoch)
            throw Throw.StateDamaged(folder.State, Invariant($"it stands after batch {position.Batch} of an epoch, ")
                + Invariant($"which has {loader.BatchesPerEpoch}"));
        // More epochs than before may be asked for, or fewer; what was cancelled within an epoch has its validation to come.
        if (!position.StoppedEarly) position = position with { Finished = position.Batch == 0 && (position.Epoch >= options.Epochs || position.Step >= steps) };
    }

    private void SaveState()
    {
        if (folder is not null) learner.Capture(position, recipe).Save(folder.State);
    }

    private void WriteCard()
    {
        if (folder is null) return;
        IReadOnlyList<EpochRecord> epochs = EpochRecord.Read(folder.Log);
        WholeFile.Write(folder.Curves, LearningCurves.Draw(epochs));
        WholeFile.Write(folder.ModelCard, ModelCard.Write(options, recipe, position, epochs));
    }

    private ModelInfo Info(int epoch, long step, SegmentationScores? scores) => new()
    {
        Classes = classes,
        Normalization = options.Normalization,
        InputScale = options.InputScale,
        Training = new Dictionary<string, string>(recipe)
        {
            ["epoch"] = $"{epoch}",
            ["step"] = $"{step}",
            ["validation mIoU"] = Fact(scores?.MeanIoU),
            ["validation pixel accuracy"] = Fact(scores?.PixelAccuracy),
            ["validation scores"] = scores?.ToString() ?? "none",
        },
    };

    private static string Fact(double? score) => score is not { } value ? "none" : double.IsNaN(value) ? "not defined" : Invariant($"{value:F4}");

    private TrainingResult Result() => new()
    {
        Weights = best ?? Checkpoint.Load(File.Exists(folder!.BestWeights) ? folder.BestWeights : folder.LastWeights),
        Epoch = position.BestEpoch,
        Scores = position.BestScores,
        Epochs = position.Epoch,
        Steps = position.Step,
        StoppedEarly = position.StoppedEarly,
        Warnings = warnings,
    };
}

/// <summary>Measures loss and speed between reports.</summary>
internal sealed class Meter(TrainingOptions options, long steps, long firstStep)
{
    // Long enough to even out single steps, short enough to follow a change of load.
    private const int Window = 50;

    private readonly Queue<(TimeSpan Waited, TimeSpan Whole, int Images)> recent = new();
    private long mark;
    private TimeSpan waited;
    private double lossSum, loss, rate;
    private int batches;

    public void StartEpoch()
    {
        (lossSum, batches) = (0, 0);
        mark = Stopwatch.GetTimestamp();
    }

    public void DataArrived() => waited = Stopwatch.GetElapsedTime(mark);

    public void StepDone(double stepLoss, double learningRate, int images)
    {
        (loss, rate) = (stepLoss, learningRate);
        lossSum += stepLoss;
        batches++;
        recent.Enqueue((waited, Stopwatch.GetElapsedTime(mark), images));
        if (recent.Count > Window) recent.Dequeue();
        mark = Stopwatch.GetTimestamp();
    }

    public TrainingProgress Report(TrainingPosition position)
    {
        double seconds = recent.Sum(step => step.Whole.TotalSeconds);
        // The first step also loads kernels and starts threads.
        bool known = position.Step - firstStep >= 2 && seconds > 0;
        return new()
        {
            Epoch = position.Epoch + 1,
            Epochs = options.Epochs,
            Step = position.Step,
            Steps = steps,
            Loss = loss,
            MeanLoss = batches > 0 ? lossSum / batches : double.NaN,
            LearningRate = rate,
            ImagesPerSecond = known ? recent.Sum(step => step.Images) / seconds : 0,
            DataWaitFraction = seconds > 0 ? recent.Sum(step => step.Waited.TotalSeconds) / seconds : 0,
            Remaining = known ? TimeSpan.FromSeconds(seconds / recent.Count * (steps - position.Step)) : null,
            BestScores = position.BestMeanIoU is null ? null : position.BestScores,
        };
    }
}

/// <summary>Looks at all labels before a training makes a folder or a step: hours later would be late to learn that a score means nothing.</summary>
internal static class TrainingDataCheck
{
    /// <summary>Reads the labels.</summary>
    /// <returns>What bears on the scores, a text for each kind.</returns>
    /// <exception cref="InvalidDataException">A label cannot be read, or no label of the data has a pixel with a class.</exception>
    /// <exception cref="IOException">A label cannot be opened.</exception>
    public static IReadOnlyList<string> Run(SegmentationDataset training, SegmentationDataset? validation, int batchSize, CancellationToken cancellationToken)
    {
        List<string> warnings = [];
        MaskSurvey learned = Read(training, SplitUse.Training, warnings, cancellationToken);
        if (validation is not null)
        {
            MaskSurvey scored = Read(validation, SplitUse.Validation, warnings, cancellationToken);
            warnings.AddRange(DatasetCheck.Compare(training.Classes, learned.ClassPixels, scored.ClassPixels));
        }
        if (DatasetCheck.FewerThanBatch(training.Samples.Count, batchSize) is { } few) warnings.Add(few);
        return warnings;
    }

    private static MaskSurvey Read(SegmentationDataset dataset, SplitUse use, List<string> warnings, CancellationToken cancellationToken)
    {
        MaskSurvey survey = MaskSurvey.Read(dataset, cancellationToken);
        if (survey.WhyUseless(use) is { } reason)
            throw new InvalidDataException(reason + (use == SplitUse.Validation ? " Its scores would be undefined: "
                + "give other data, or train without validation." : " Nothing can be learned from it."));
        if (dataset.Unsupported.Count > 0)
            warnings.Add($"{use.Name}: {ImageFolder.DescribeUnsupported(dataset.Unsupported)}");
        if (dataset.Unpaired.Count > 0)
            warnings.Add(Invariant($"{use.Name}: {dataset.Unpaired.Count} files have no partner and are left out: ")
                + Invariant($"{ErrorText.List(dataset.Unpaired, 10)}."));
        warnings.AddRange(survey.ScoreWarnings(use));
        return survey;
    }
}
