using FastScnn.Torch;
using FastScnn.Torch.Checkpoints;
using FastScnn.Torch.Data;
using FastScnn.Torch.Data.Augmentation;
using FastScnn.Torch.Data.Loading;
using FastScnn.Torch.Losses;
using FastScnn.Torch.Metrics;
using FastScnn.Torch.Network;
using FastScnn.Torch.Training;
using FastScnn.Torch.Training.Distributed;
using FastScnn.Torch.Training.Reporting;
using TorchSharp;
using TorchSharp.Modules;
using static System.FormattableString;
using static TorchSharp.torch;

namespace FastScnn.Teacher;

/// <summary>Trains the teacher as <see cref="FastScnnTrainer"/> trains Fast-SCNN, on the processor and in one process.
/// The encoder, which knows ImageNet, learns at a quarter of the rate. What is kept is the average of the weights after
/// the last epoch: validation chooses nothing.</summary>
internal sealed class TeacherTraining : IDisposable
{
    private const double EncoderRate = 0.25;

    private readonly TrainingOptions _options;
    private readonly ClassList _classes;
    private readonly SegmentationDataset? _validation;
    private readonly Func<Stream, PixelBuffer> _decoder;
    private readonly BatchLoader _loader;
    private readonly long _steps;
    private readonly IReadOnlyDictionary<string, string> _recipe;
    private readonly TrainingFolder _folder;
    private readonly TrainingLock _taken;
    private readonly LibtorchTurn _turn;
    private readonly TeacherNetwork _network;
    private readonly (string Prefix, OptimizerHelper Steps, OptimizerTensors Memory, double Rate)[] _optimizers;
    private readonly ExponentialMovingAverage _average;
    private readonly BatchTensors _tensors;
    private readonly OutputLoss _loss;
    private readonly TrainingLog _log;
    private TrainingPosition _position = new();

    /// <param name="options">The recipe; the settings of Fast-SCNN's heads have no meaning here.</param>
    /// <param name="training">What is learned from.</param>
    /// <param name="validation">What scores are taken on; none if null.</param>
    /// <param name="decoder">Decodes images.</param>
    /// <param name="package">The weights that the encoder starts from; fresh ones if null.</param>
    public TeacherTraining(TrainingOptions options, SegmentationDataset training, SegmentationDataset? validation,
        Func<Stream, PixelBuffer> decoder, ResNet18Package? package)
    {
        (_options, _classes, _validation, _decoder) = (options, training.Classes, validation, decoder);
        (double min, double max) = options.Augmentation.Scale;
        AugmentationOptions augmentation = options.Augmentation with
        {
            Scale = (min * options.InputScale, max * options.InputScale)
        };
        _loader = new(training, decoder, new Augmenter(augmentation, _classes.IgnoreIndex), options.Loader);
        _steps = (long)options.Epochs * _loader.BatchesPerEpoch;
        ChosenPrecision precision = ChosenPrecision.Of(options);
        _recipe = TrainingRecipe.Describe(options, training, _steps, precision);
        _folder = new(options.OutputFolder!);
        _taken = new(_folder);
        try
        {
            TrainingState? state = ReadState();
            _turn = LibtorchTurn.Take(options, new SingleProcess(), CancellationToken.None);
            _network = new(_classes.Count, options.Seed) { TrainsInBFloat16 = precision.IsBFloat16 };
            if (package is not null && state is null) _network.LoadEncoder(package);
            _optimizers =
            [
                Optimizer("encoder.", _network.Encoder, EncoderRate), Optimizer("decoder.", _network.Decoder, 1)
            ];
            _average = new(_network, options.AverageDecay ?? 0);
            _tensors = new(options.Normalization, CPU);
            _loss = new(options.Loss ?? SegmentationLoss.CrossEntropy(ignoreIndex: _classes.IgnoreIndex));
            if (state is not null) Restore(state);
            _log = new(_folder, tensorBoard: false, _classes, _recipe, state, []);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The exported model, in the output folder.</summary>
    public string Model => Path.Combine(_folder.Path, "teacher.onnx");

    /// <summary>Trains from where the state stands to the end, and exports.</summary>
    /// <param name="progress">Gets a report after every step and every validation.</param>
    /// <param name="cancellation">Ends the training after the step that is under way; the state is saved.</param>
    /// <returns>The scores of the last epoch; null if it was not validated.</returns>
    public SegmentationScores? Run(Action<TrainingProgress> progress, CancellationToken cancellation)
    {
        Meter meter = new(_options, _steps, _position.Step);
        try
        {
            while (!_position.Finished)
            {
                TrainEpoch(meter, progress, cancellation);
                FinishEpoch(meter, progress, cancellation);
            }
        }
        catch (OperationCanceledException)
        {
            SaveState();
            throw;
        }
        _log.Ended(_position);
        // Again also where nothing was left to train: another input scale may be asked for.
        using (_average.Apply()) Export();
        return _position.BestScores;
    }

    public void Dispose()
    {
        // After a constructor that failed, what it had not come to is null.
        _log?.Dispose();
        _tensors?.Dispose();
        _average?.Dispose();
        foreach ((_, OptimizerHelper steps, _, _) in _optimizers ?? []) steps.Dispose();
        _network?.Dispose();
        _turn?.Dispose();
        _taken.Dispose();
    }

    // Of whole images, in float32.
    private SegmentationScores Score(SegmentationDataset dataset, CancellationToken cancellation)
    {
        BatchLoader images = new(dataset, _decoder, augmenter: null,
            _options.Loader with { BatchSize = 1, Shuffle = false, DropLast = false, CacheBytes = 0 });
        ConfusionCounts counts = new(_classes.Count);
        _network.eval();
        using IDisposable noGradients = no_grad();
        foreach (SegmentationBatch batch in images.ReadEpoch(0, cancellationToken: cancellation))
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor logits = _network.Predict(_tensors.Images(batch, ..), _options.InputScale);
            counts.Add(batch.Labels, logits.argmax(1).to(ScalarType.Byte).bytes.ToArray(), _classes.IgnoreIndex);
        }
        return SegmentationScores.From(counts, _classes.Names);
    }

    private void TrainEpoch(Meter meter, Action<TrainingProgress> progress, CancellationToken cancellation)
    {
        meter.StartEpoch();
        _network.train();
        foreach (SegmentationBatch batch in _loader.ReadEpoch(_position.Epoch, _position.Batch, cancellation))
        {
            meter.DataArrived();
            (double loss, double rate) = Step(batch, _position.Step);
            _position = _position with { Batch = batch.Number + 1, Step = _position.Step + 1 };
            meter.StepDone(loss, rate, batch.Samples.Count);
            progress(meter.Report(_position));
            if (_position.Step % _options.SaveEverySteps == 0 && _position.Batch < _loader.BatchesPerEpoch) SaveState();
        }
    }

    private void FinishEpoch(Meter meter, Action<TrainingProgress> progress, CancellationToken cancellation)
    {
        int epoch = _position.Epoch + 1;
        bool last = epoch >= _options.Epochs;
        SegmentationScores? scores = null;
        if (last || epoch % _options.ValidateEvery == 0)
        {
            using IDisposable averaged = _average.Apply();
            scores = _validation is null ? null : Score(_validation, cancellation);
            Export(epoch, scores);
        }
        TrainingProgress report = meter.Report(_position with { Epoch = epoch - 1 }) with { Scores = scores };
        // The scores of the weights that are kept, and not of the best ones.
        _position = _position with
        {
            Epoch = epoch,
            Batch = 0,
            Finished = last,
            BestEpoch = epoch,
            BestScores = scores,
            BestMeanIoU = scores is { MeanIoU: >= 0 and var mean } ? mean : null
        };
        _log.EpochDone(report, _position.BestMeanIoU);
        SaveState();
        if (scores is not null) progress(report);
    }

    private (double Loss, double Rate) Step(SegmentationBatch batch, long step)
    {
        double rate = _options.Schedule.RateAt(step, _steps);
        using DisposeScope scope = NewDisposeScope();
        foreach ((_, OptimizerHelper optimizer, _, double share) in _optimizers)
        {
            OptimizerSettings.SetLearningRate(optimizer, rate * share);
            optimizer.zero_grad();
        }
        using FastScnnOutput output = new(_network.call(_tensors.Images(batch, ..)), null);
        Tensor loss = _loss.Forward(output, _tensors.Labels(batch, .., _options.LossStride));
        double value = loss.item<float>();
        loss.backward();
        double norm = nn.utils.clip_grad_norm_(_network.parameters(), _options.MaxGradientNorm ?? double.MaxValue);
        if (!double.IsFinite(value) || !double.IsFinite(norm))
            throw new TrainingDivergedException(
                Invariant($"The loss is {value} and the norm of the gradients {norm} at step {step}; ")
                    + "try a lower --lr.", batch.Samples);
        foreach ((_, OptimizerHelper optimizer, _, _) in _optimizers) optimizer.step();
        _average.Update();
        return (value, rate);
    }

    private (string, OptimizerHelper, OptimizerTensors, double) Optimizer(string prefix, nn.Module part, double rate)
    {
        OptimizerHelper optimizer = _options.Optimizer.Create(part, rate * _options.Schedule.RateAt(0, _steps));
        return (prefix, optimizer, new(part, optimizer), rate);
    }

    private void Export(int? epoch = null, SegmentationScores? scores = null)
    {
        Checkpoint weights = _network.ToCheckpoint().WithInfo(new()
        {
            Classes = _classes,
            Normalization = _options.Normalization,
            InputScale = _options.InputScale,
            Training = new Dictionary<string, string>(_recipe)
            {
                ["epoch"] = $"{epoch ?? _position.Epoch}",
                ["validation scores"] = (scores ?? _position.BestScores)?.ToString() ?? "none",
            },
        });
        weights.SaveSafetensors(_folder.LastWeights);
        TeacherOnnx.Export(weights, Model);
    }

    private void SaveState()
    {
        Dictionary<string, CheckpointTensor> memory = new(_optimizers.SelectMany(part => part.Memory.Capture()
            .Select(item => KeyValuePair.Create(part.Prefix + item.Key, item.Value))));
        // Nothing here draws random numbers in a step.
        new TrainingState(_position, _recipe, _network.ToCheckpoint(), _average.ToCheckpoint(), memory,
            new CheckpointTensor(CheckpointType.UInt8, [0], default)).Save(_folder.State);
    }

    private TrainingState? ReadState()
    {
        if (!File.Exists(_folder.State)) return null;
        if (!_options.Resume)
            throw new InvalidOperationException($"'{_folder.State}' is the state of a training that was begun. Give "
                + "--resume to go on with it, or another --output.");
        TrainingState state = TrainingState.Load(_folder.State);
        return TrainingRecipe.Fixed.FirstOrDefault(name =>
            TrainingRecipe.Entry(state.Recipe, name) != TrainingRecipe.Entry(_recipe, name)) is not { } other ? state
            : throw new InvalidOperationException($"'{_folder.State}' is the state of another training: {other} is "
                + $"'{TrainingRecipe.Entry(state.Recipe, other)}' there and '{TrainingRecipe.Entry(_recipe, other)}' "
                + "here.");
    }

    private void Restore(TrainingState state)
    {
        _network.Load(state.Weights);
        _average.Restore(state.Average!);
        foreach ((string prefix, _, OptimizerTensors memory, _) in _optimizers)
            memory.Restore(state.Optimizer.Where(item => item.Key.StartsWith(prefix, StringComparison.Ordinal))
                .ToDictionary(item => item.Key[prefix.Length..], item => item.Value));
        _position = state.Position with
        {
            Finished = state.Position.Batch == 0 && state.Position.Epoch >= _options.Epochs
        };
    }
}
