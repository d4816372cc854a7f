using FastScnn.Torch.Checkpoints;
using FastScnn.Torch.Data;
using FastScnn.Torch.Data.Augmentation;
using FastScnn.Torch.Data.Loading;
using FastScnn.Torch.Metrics;
using FastScnn.Torch.Training.Distributed;
using FastScnn.Torch.Training.Reporting;
using static System.FormattableString;

namespace FastScnn.Torch.Training;

/// <summary>One training from its start, or its resume, to its end: epochs, validation, what is kept, and when to
/// stop.</summary>
internal sealed class TrainingRun : IDisposable
{
    private readonly TrainingOptions _options;
    private readonly ClassList _classes;
    private readonly BatchLoader _loader;
    private readonly NetworkEvaluator? _evaluator;
    private readonly Learner _learner;
    private readonly IReadOnlyDictionary<string, string> _recipe;
    private readonly ProcessGroup _processes;
    private readonly TrainingFolder? _folder;
    private readonly TrainingLock? _taken;
    private readonly LibtorchTurn _turn;
    private readonly TrainingLog _log;
    private readonly long _steps;
    private readonly ChosenPrecision _precision;
    private readonly IReadOnlyList<string> _warnings;
    private bool _warned, _stopped;
    private TrainingPosition _position = new();
    private Checkpoint? _best;

    public TrainingRun(TrainingOptions options, SegmentationDataset training, SegmentationDataset? validation,
        Func<Stream, PixelBuffer> decoder, CancellationToken cancellationToken)
    {
        (_options, _classes) = (options, training.Classes);
        _processes = options.Processes?.Group ?? new SingleProcess();
        try
        {
            SampleCounts.Check(training.Samples.Count, options);
            (double min, double max) = options.Augmentation.Scale;
            AugmentationOptions augmentation = options.Augmentation with
            {
                Scale = (min * options.InputScale, max * options.InputScale)
            };
            CropTeaching? teaching = options.Teacher is not { } teacher ? null
                : new CropTeaching(teacher, _classes, augmentation, options.InputScale, options.TeacherTemperature);
            _loader = new BatchLoader(training, decoder, new Augmenter(augmentation, _classes.IgnoreIndex),
                options.Loader, teaching);
            _evaluator = validation is null ? null
                : new NetworkEvaluator(validation, decoder, options.Normalization, options.InputScale, options.Loader);
            long all = (long)options.Epochs * _loader.BatchesPerEpoch;
            _steps = Math.Min(all, options.MaxSteps ?? all);
            if (_steps >= _loader.BatchesPerEpoch) SampleCounts.CheckLast(training.Samples.Count, options);
            // What a schedule cannot do it says at its first step: before a folder is made.
            _ = options.Schedule.RateAt(0, _steps);
            _precision = ChosenPrecision.Of(options);
            _warnings = [.. TrainingDataCheck.Run(training, validation, options.StepSize, options.Teacher is not null,
                    cancellationToken),
                .. _precision.Warning is { } slow ? [slow] : Array.Empty<string>()];
            teaching?.Try();
            _recipe = TrainingRecipe.Describe(options, training, _steps, _precision);
            _folder = options.OutputFolder is { } path && _processes.IsFirst ? new TrainingFolder(path) : null;
            _taken = _folder is null ? null : new TrainingLock(_folder);
            // After the folder: a second training of the same folder is refused at once.
            _turn = LibtorchTurn.Take(options, _processes, cancellationToken);
            SameTraining.Check(_processes, _recipe, training, validation);
            TrainingState? state = ReadState();
            _learner = new Learner(options, _classes, _steps, _turn.Device, _processes);
            _learner.Network.TrainsInBFloat16 = _precision.IsBFloat16;
            state = Share(state);
            if (state is not null) Restore(state);
            // The model card at the end needs all of the log; hours later would be late to say that it is damaged.
            if (_folder is not null && File.Exists(_folder.Log)) EpochRecord.Read(_folder.Log);
            _log = new TrainingLog(_folder, options.TensorBoard, _classes, _recipe, state, _warnings);
        }
        catch (Exception exception)
        {
            _learner?.Dispose();
            _turn?.Dispose();
            _taken?.Dispose();
            _processes.Fail(exception);
            throw;
        }
    }

    private bool Alone => _processes.Count == 1;

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
            Write(folder =>
            {
                _log.Ended(_position);
                WriteCard(folder);
            });
            return Result(Best());
        }
        catch (OperationCanceledException) when (_stopped || Alone && cancellationToken.IsCancellationRequested)
        {
            // What is kept already is better than weights that cannot be used.
            if (_learner.BrokenWeight() is null) SaveState();
            throw;
        }
        catch (Exception exception)
        {
            _processes.Fail(exception);
            throw;
        }
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
        using IEnumerator<SegmentationBatch> batches =
            _loader.ReadEpoch(_position.Epoch, _position.Batch, cancellationToken).GetEnumerator();
        while (Together(() => batches.MoveNext() ? batches.Current : null, cancellationToken) is { } batch)
        {
            meter.DataArrived();
            (double loss, double rate) = _learner.Step(batch, _position.Step);
            _position = _position with { Batch = batch.Number + 1, Step = _position.Step + 1 };
            meter.StepDone(loss, rate, batch.Whole.Count);
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
        }
    }

    private void FinishEpoch(Meter meter, IProgress<TrainingProgress>? progress, CancellationToken cancellationToken)
    {
        int epoch = _position.Epoch + 1;
        bool last = epoch >= _options.Epochs || _position.Step >= _steps;
        if (_learner.BrokenWeight() is { } broken) throw _learner.Diverged(broken, _position.Step);
        _learner.CompareProcesses();
        TrainingPosition next = _position with { Epoch = epoch, Batch = 0, Finished = last };
        using IDisposable averaged = _learner.UseAverage();
        SegmentationScores? scores = _evaluator is not null && (last || epoch % _options.ValidateEvery == 0)
            ? SegmentationScores.From(Score(_evaluator, cancellationToken), _classes.Names)
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
        Write(folder =>
        {
            if (_best == weights) weights.SaveSafetensors(folder.BestWeights);
            weights.SaveSafetensors(folder.LastWeights);
        });
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
        Together(() =>
        {
            if (progress is not null) _turn.Call(() => progress.Report(told));
            return true;
        });
    }

    private ConfusionCounts Score(NetworkEvaluator evaluator, CancellationToken cancellationToken)
    {
        ConfusionCounts counts = Together(() => evaluator.Evaluate(_learner.Network, cancellationToken),
            cancellationToken);
        _processes.Sum(counts.Values);
        return counts;
    }

    // Does work that may fail, or be stopped, on one process alone. Afterwards either all processes continue or all throw.
    private T Together<T>(Func<T> work, CancellationToken cancellationToken = default)
    {
        T? result = default;
        Exception? failure = null;
        try
        {
            result = work();
        }
        catch (Exception exception) when (!Alone)
        {
            failure = exception;
        }
        try
        {
            _processes.Agree(failure, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            _stopped = true;
            throw;
        }
        return result!;
    }

    // The first process alone has the folder.
    private void Write(Action<TrainingFolder> write)
    {
        if (_options.OutputFolder is not null)
            Together(() =>
            {
                if (_folder is not null) write(_folder);
                return true;
            });
    }

    // All begin with the state of the first process, also where no step was taken yet.
    private TrainingState? Share(TrainingState? own)
    {
        if (Alone) return own;
        byte[] state = _processes.FromFirst(
            _processes.IsFirst ? (own ?? _learner.Capture(_position, _recipe)).ToBytes() : null);
        return _processes.IsFirst ? own : TrainingState.FromBytes(state, "the state of the first process");
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
               let expected = TrainingRecipe.Entry(_recipe, name)
               where found != expected
               select $"{name}: '{found}' instead of '{expected}'",
        ];
        return different.Length == 0 ? state : throw new InvalidOperationException($"'{_folder.State}' is the state of "
            + $"another training, which cannot be resumed with these options. {string.Join("; ", different)}.");
    }

    private void Restore(TrainingState state)
    {
        string path = _folder?.State ?? "the state of the first process";
        _learner.Restore(state, path);
        _position = state.Position;
        if (_position.Batch > _loader.BatchesPerEpoch)
            throw Throw.StateDamaged(path, Invariant($"it stands after batch {_position.Batch} of an epoch, ")
                + Invariant($"which has {_loader.BatchesPerEpoch}"));
        // More epochs than before may be asked for, or fewer; what was cancelled within an epoch has its validation to
        // come.
        if (!_position.StoppedEarly)
            _position = _position with
            {
                Finished = _position.Batch == 0 && (_position.Epoch >= _options.Epochs || _position.Step >= _steps)
            };
    }

    private Checkpoint Best()
    {
        if (_best is not null) return _best;
        // After a resume without a better epoch.
        Checkpoint? stored = null;
        Write(folder => stored = Checkpoint.Load(
            File.Exists(folder.BestWeights) ? folder.BestWeights : folder.LastWeights));
        return Alone ? stored! : Checkpoint.Read(_processes.FromFirst(stored?.ToSafetensors()),
            "the weights of the first process");
    }

    private void SaveState() => Write(folder => _learner.Capture(_position, _recipe).Save(folder.State));

    private void WriteCard(TrainingFolder folder)
    {
        IReadOnlyList<EpochRecord> epochs = EpochRecord.Read(folder.Log);
        WholeFile.Write(folder.Curves, LearningCurves.Draw(epochs));
        WholeFile.Write(folder.ModelCard, ModelCard.Write(_options, _recipe, _position, epochs));
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

    private TrainingResult Result(Checkpoint best) => new()
    {
        Weights = best,
        Epoch = _position.BestEpoch,
        Scores = _position.BestScores,
        Epochs = _position.Epoch,
        Steps = _position.Step,
        StoppedEarly = _position.StoppedEarly,
        Warnings = _warnings,
    };
}
