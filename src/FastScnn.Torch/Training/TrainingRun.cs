using System.Diagnostics;
using FastScnn.Torch.Checkpoints;
using FastScnn.Torch.Data;
using FastScnn.Torch.Data.Augmentation;
using FastScnn.Torch.Data.Loading;
using FastScnn.Torch.Metrics;
using FastScnn.Torch.Training.Reporting;
using static System.FormattableString;

namespace FastScnn.Torch.Training;

/// <summary>One training from its start, or its resume, to its end: epochs, validation, what is kept, and when to
/// stop.</summary>
internal sealed class TrainingRun : IDisposable
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

    private readonly TrainingOptions _options;
    private readonly ClassList _classes;
    private readonly BatchLoader _loader;
    private readonly NetworkEvaluator? _evaluator;
    private readonly Learner _learner;
    private readonly IReadOnlyDictionary<string, string> _recipe;
    private readonly TrainingFolder? _folder;
    private readonly TrainingLock? _taken;
    private readonly LibtorchTurn _turn;
    private readonly TrainingLog _log;
    private readonly long _steps;
    private readonly ChosenPrecision _precision;
    private readonly IReadOnlyList<string> _warnings;
    private bool _warned;
    private TrainingPosition _position = new();
    private Checkpoint? _best;

    public TrainingRun(TrainingOptions options, SegmentationDataset training, SegmentationDataset? validation,
        Func<Stream, PixelBuffer> decoder, CancellationToken cancellationToken)
    {
        (_options, _classes) = (options, training.Classes);
        CheckCount(training.Samples.Count);
        (double min, double max) = options.Augmentation.Scale;
        AugmentationOptions augmentation = options.Augmentation with
        {
            Scale = (min * options.InputScale, max * options.InputScale)
        };
        _loader = new BatchLoader(training, decoder, new Augmenter(augmentation, _classes.IgnoreIndex), options.Loader);
        _evaluator = validation is null ? null
            : new NetworkEvaluator(validation, decoder, options.Normalization, options.InputScale, options.Loader);
        long all = (long)options.Epochs * _loader.BatchesPerEpoch;
        _steps = Math.Min(all, options.MaxSteps ?? all);
        if (!options.DropLast && !options.FreezeBatchNorm && training.Samples.Count % options.StepSize == 1
            && _steps >= _loader.BatchesPerEpoch)
            throw new ArgumentException(Invariant($"{training.Samples.Count} samples in batches of ")
                + Invariant($"{options.StepSize} leave a last batch of 1; it must be of 2 or more, as {OneSample}. ")
                + $"Give another {nameof(TrainingOptions.BatchSize)}, or {nameof(TrainingOptions.DropLast)} = true.",
                "options");
        // What a schedule cannot do it says at its first step: before a folder is made.
        _ = options.Schedule.RateAt(0, _steps);
        _precision = ChosenPrecision.Of(options);
        _warnings = [.. TrainingDataCheck.Run(training, validation, options.StepSize, cancellationToken),
            .. _precision.Warning is { } slow ? [slow] : Array.Empty<string>()];
        _recipe = TrainingRecipe.Describe(options, training, _steps, _precision);
        _folder = options.OutputFolder is { } path ? new TrainingFolder(path) : null;
        _taken = _folder is null ? null : new TrainingLock(_folder);
        try
        {
            // After the folder: a second training of the same folder is refused at once.
            _turn = LibtorchTurn.Take(options, cancellationToken);
            TrainingState? state = ReadState();
            _learner = new Learner(options, _classes, _steps, _turn.Device);
            _learner.Network.TrainsInBFloat16 = _precision.IsBFloat16;
            if (state is not null) Restore(state);
            // The model card at the end needs all of the log; hours later would be late to say that it is damaged.
            if (_folder is not null && File.Exists(_folder.Log)) EpochRecord.Read(_folder.Log);
            _log = new TrainingLog(_folder, options.TensorBoard, _classes, _recipe, state, _warnings);
        }
        catch
        {
            _learner?.Dispose();
            _turn?.Dispose();
            _taken?.Dispose();
            throw;
        }
    }

    public TrainingResult Run(IProgress<TrainingProgress>? progress, CancellationToken cancellationToken)
    {
        Meter meter = new(_options, _steps, _position.Step);
        try
        {
            while (!_position.Finished)
            {
                TrainEpoch(meter, progress, cancellationToken);
                FinishEpoch(meter, progress, cancellationToken);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // What is kept already is better than weights that cannot be used.
            if (_learner.BrokenWeight() is null) SaveState();
            throw;
        }
        _log.Ended(_position);
        WriteCard();
        return Result();
    }

    public void Dispose()
    {
        // First, so that what is the caller's is put back whatever comes after.
        _turn.Dispose();
        _log.Dispose();
        _learner.Dispose();
        _taken?.Dispose();
    }

    private void TrainEpoch(Meter meter, IProgress<TrainingProgress>? progress, CancellationToken cancellationToken)
    {
        if (_position.Batch == 0) _learner.Seed(_position.Epoch);
        meter.StartEpoch();
        // What was cancelled during the validation has no step left.
        if (_position.Step >= _steps) return;
        _learner.TrainMode();
        foreach (SegmentationBatch batch in _loader.ReadEpoch(_position.Epoch, _position.Batch, cancellationToken))
        {
            meter.DataArrived();
            (double loss, double rate) = _learner.Step(batch, _position.Step);
            _position = _position with { Batch = batch.Number + 1, Step = _position.Step + 1 };
            meter.StepDone(loss, rate, batch.Samples.Count);
            TrainingProgress report = meter.Report(_position);
            _log.StepDone(report);
            Tell(progress, report);
            if (_position.Step == _steps) break;
            // At the end of the epoch the state is saved after the validation.
            if (_position.Step % _options.SaveEverySteps == 0 && _position.Batch < _loader.BatchesPerEpoch)
            {
                if (_learner.BrokenWeight() is { } broken) throw _learner.Diverged(broken, _position.Step);
                SaveState();
            }
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    private void FinishEpoch(Meter meter, IProgress<TrainingProgress>? progress, CancellationToken cancellationToken)
    {
        int epoch = _position.Epoch + 1;
        bool last = epoch >= _options.Epochs || _position.Step >= _steps;
        if (_learner.BrokenWeight() is { } broken) throw _learner.Diverged(broken, _position.Step);
        TrainingPosition next = _position with { Epoch = epoch, Batch = 0, Finished = last };
        using IDisposable averaged = _learner.UseAverage();
        SegmentationScores? scores = _evaluator is not null && (last || epoch % _options.ValidateEvery == 0)
            ? SegmentationScores.From(_evaluator.Evaluate(_learner.Network, cancellationToken: cancellationToken),
                _classes.Names)
            : null;
        double? mean = scores is null || double.IsNaN(scores.MeanIoU) ? null : scores.MeanIoU;
        Checkpoint weights = _learner.Network.ToCheckpoint(Info(epoch, next.Step, scores));
        if (IsBest(scores, mean))
        {
            _best = weights;
            next = next with { BestEpoch = epoch, BestMeanIoU = mean, BestScores = scores, Stale = 0 };
        }
        else if (mean is not null)
        {
            next = next with { Stale = next.Stale + 1 };
            if (next.Stale >= _options.Patience) next = next with { Finished = true, StoppedEarly = !last };
        }
        if (_folder is not null)
        {
            if (_best == weights) weights.SaveSafetensors(_folder.BestWeights);
            weights.SaveSafetensors(_folder.LastWeights);
        }
        averaged.Dispose();
        _position = next;
        TrainingProgress report = meter.Report(_position with { Epoch = epoch - 1 }) with { Scores = scores };
        _log.EpochDone(report, _position.BestMeanIoU);
        // The state comes last: a process killed before goes through this again, with the same result, and of two lines
        // for an epoch the later counts.
        SaveState();
        if (scores is not null) Tell(progress, report);
    }

    private void Tell(IProgress<TrainingProgress>? progress, TrainingProgress report)
    {
        TrainingProgress told = report with { Precision = $"{_precision}", Warnings = _warned ? [] : _warnings };
        _warned = true;
        if (progress is not null) _turn.Call(() => progress.Report(told));
    }

    private void CheckCount(int samples)
    {
        if (samples == 1 && !_options.FreezeBatchNorm) throw new ArgumentException(OneImage, "training");
        if (samples > 0 && _options.DropLast && samples < _options.StepSize)
        {
            int least = _options.FreezeBatchNorm ? 1 : 2;
            string images = samples == 1 ? "1 image to train on makes"
                : Invariant($"{samples} images to train on make");
            if (_options.AccumulateSteps > 1)
                throw new ArgumentException(Invariant($"{images} no step of {_options.AccumulateSteps} batches of ")
                    + Invariant($"{_options.BatchSize}. Add images, or give a smaller ")
                    + $"{nameof(TrainingOptions.AccumulateSteps)} or {nameof(TrainingOptions.BatchSize)}.", "training");
            throw new ArgumentException(
                Invariant(
                    $"{images} no batch of {_options.BatchSize}. Add images, or give {nameof(TrainingOptions.BatchSize)} ")
                + (samples > least ? Invariant($"{least} to {samples}.") : Invariant($"{samples}.")), "training");
        }
    }

    // Without validation, or while no validation has a labelled pixel to score, the last epoch is the best one.
    private bool IsBest(SegmentationScores? scores, double? mean) => mean is not null
        ? !(mean <= _position.BestMeanIoU)
        : _position.BestMeanIoU is null && (scores is not null || _evaluator is null);

    private TrainingState? ReadState()
    {
        if (_folder is null || !File.Exists(_folder.State)) return null;
        if (!_options.Resume)
            throw new InvalidOperationException(
                $"'{_folder.State}' is the state of a training that was begun. To go on with it set "
                + $"{nameof(TrainingOptions.Resume)}; or give another {nameof(TrainingOptions.OutputFolder)}.");
        TrainingState state = TrainingState.Load(_folder.State);
        string[] different =
        [
            .. from name in TrainingRecipe.Fixed
               let found = TrainingRecipe.Entry(state.Recipe, name)
               where found != _recipe[name]
               select $"{name}: '{found}' instead of '{_recipe[name]}'",
        ];
        return different.Length == 0 ? state : throw new InvalidOperationException($"'{_folder.State}' is the state of "
            + $"another training, which cannot be resumed with these options. {string.Join("; ", different)}.");
    }

    private void Restore(TrainingState state)
    {
        _learner.Restore(state, _folder!.State);
        _position = state.Position;
        if (_position.Batch > _loader.BatchesPerEpoch)
            throw Throw.StateDamaged(_folder.State, Invariant($"it stands after batch {_position.Batch} of an epoch, ")
                + Invariant($"which has {_loader.BatchesPerEpoch}"));
        // More epochs than before may be asked for, or fewer; what was cancelled within an epoch has its validation to
        // come.
        if (!_position.StoppedEarly)
            _position = _position with
            {
                Finished = _position.Batch == 0 && (_position.Epoch >= _options.Epochs || _position.Step >= _steps)
            };
    }

    private void SaveState()
    {
        if (_folder is not null) _learner.Capture(_position, _recipe).Save(_folder.State);
    }

    private void WriteCard()
    {
        if (_folder is null) return;
        IReadOnlyList<EpochRecord> epochs = EpochRecord.Read(_folder.Log);
        WholeFile.Write(_folder.Curves, LearningCurves.Draw(epochs));
        WholeFile.Write(_folder.ModelCard, ModelCard.Write(_options, _recipe, _position, epochs));
    }

    private ModelInfo Info(int epoch, long step, SegmentationScores? scores) => new()
    {
        Classes = _classes,
        Normalization = _options.Normalization,
        InputScale = _options.InputScale,
        Training = new Dictionary<string, string>(_recipe)
        {
            ["epoch"] = $"{epoch}",
            ["step"] = $"{step}",
            ["validation mIoU"] = Fact(scores?.MeanIoU),
            ["validation pixel accuracy"] = Fact(scores?.PixelAccuracy),
            ["validation scores"] = scores?.ToString() ?? "none",
        },
    };

    private static string Fact(double? score) =>
        score is not { } value ? "none" : double.IsNaN(value) ? "not defined" : Invariant($"{value:F4}");

    private TrainingResult Result() => new()
    {
        Weights = _best ?? Checkpoint.Load(File.Exists(_folder!.BestWeights) ? _folder.BestWeights
            : _folder.LastWeights),
        Epoch = _position.BestEpoch,
        Scores = _position.BestScores,
        Epochs = _position.Epoch,
        Steps = _position.Step,
        StoppedEarly = _position.StoppedEarly,
        Warnings = _warnings,
    };
}

/// <summary>Measures loss and speed between reports.</summary>
internal sealed class Meter(TrainingOptions options, long steps, long firstStep)
{
    // Long enough to even out single steps, short enough to follow a change of load.
    private const int Window = 50;

    private readonly Queue<(TimeSpan Waited, TimeSpan Whole, int Images)> _recent = new();
    private long _mark;
    private TimeSpan _waited;
    private double _lossSum, _loss, _rate;
    private int _batches;

    public void StartEpoch()
    {
        (_lossSum, _batches) = (0, 0);
        _mark = Stopwatch.GetTimestamp();
    }

    public void DataArrived() => _waited = Stopwatch.GetElapsedTime(_mark);

    public void StepDone(double stepLoss, double learningRate, int images)
    {
        (_loss, _rate) = (stepLoss, learningRate);
        _lossSum += stepLoss;
        _batches++;
        _recent.Enqueue((_waited, Stopwatch.GetElapsedTime(_mark), images));
        if (_recent.Count > Window) _recent.Dequeue();
        _mark = Stopwatch.GetTimestamp();
    }

    public TrainingProgress Report(TrainingPosition position)
    {
        double seconds = _recent.Sum(step => step.Whole.TotalSeconds);
        // The first step also loads kernels and starts threads.
        bool known = position.Step - firstStep >= 2 && seconds > 0;
        return new()
        {
            Epoch = position.Epoch + 1,
            Epochs = options.Epochs,
            Step = position.Step,
            Steps = steps,
            Loss = _loss,
            MeanLoss = _batches > 0 ? _lossSum / _batches : double.NaN,
            LearningRate = _rate,
            ImagesPerSecond = known ? _recent.Sum(step => step.Images) / seconds : 0,
            DataWaitFraction = seconds > 0 ? _recent.Sum(step => step.Waited.TotalSeconds) / seconds : 0,
            Remaining = known ? TimeSpan.FromSeconds(seconds / _recent.Count * (steps - position.Step)) : null,
            BestScores = position.BestMeanIoU is null ? null : position.BestScores,
        };
    }
}

/// <summary>Looks at all masks before a training makes a folder or a step: hours later would be late to learn that a
/// score means nothing.</summary>
internal static class TrainingDataCheck
{
    /// <summary>Reads the masks.</summary>
    /// <returns>Warnings that bear on the scores.</returns>
    /// <exception cref="InvalidDataException">A mask cannot be read, or no mask of the data has a pixel with a
    /// class.</exception>
    /// <exception cref="IOException">A mask cannot be opened.</exception>
    public static IReadOnlyList<string> Run(SegmentationDataset training, SegmentationDataset? validation,
        int batchSize, CancellationToken cancellationToken)
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

    private static MaskSurvey Read(SegmentationDataset dataset, SplitUse use, List<string> warnings,
        CancellationToken cancellationToken)
    {
        MaskSurvey survey = MaskSurvey.Read(dataset, cancellationToken);
        if (survey.WhyUseless(use) is { } reason)
            throw new InvalidDataException(reason + (use == SplitUse.Validation ? " Its scores would be undefined: "
                + "give other data, or train without validation." : " Nothing can be learned from it."));
        if (dataset.Unsupported.Count > 0)
            warnings.Add($"{use.Name}: {ImageFiles.DescribeUnsupported(dataset.Unsupported)}");
        if (dataset.Unpaired.Count > 0)
            warnings.Add(Invariant($"{use.Name}: {dataset.Unpaired.Count} files have no partner and are left out: ")
                + Invariant($"{ErrorText.List(dataset.Unpaired, 10)}."));
        warnings.AddRange(survey.ScoreWarnings(use));
        return survey;
    }
}
