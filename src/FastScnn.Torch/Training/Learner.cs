using System.Runtime.InteropServices;
using System.Security.Cryptography;
using FastScnn.Torch.Checkpoints;
using FastScnn.Torch.Data;
using FastScnn.Torch.Data.Augmentation;
using FastScnn.Torch.Data.Loading;
using FastScnn.Torch.Losses;
using FastScnn.Torch.Network;
using FastScnn.Torch.Training.Distributed;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static System.FormattableString;

namespace FastScnn.Torch.Training;

/// <summary>The network with what trains it: takes steps, and gives and takes their state.</summary>
internal sealed class Learner : IDisposable
{
    private readonly TrainingOptions _options;
    private readonly OutputLoss _loss;
    private readonly DistillationLoss? _distillation;
    private readonly LearningRateSchedule _schedule;
    private readonly long _steps;
    private readonly OptimizerHelper _optimizer;
    private readonly OptimizerTensors _memory;
    private readonly ExponentialMovingAverage? _average;
    private readonly BatchTensors _tensors;
    private readonly ProcessGroup _processes;
    private readonly BatchNormSynchronization? _synchronization;
    private IReadOnlyList<SamplePair> _lastSamples = [];

    public Learner(TrainingOptions options, ClassList classes, long steps, Device device,
        ProcessGroup? processes = null)
    {
        (_options, _processes) = (options, processes ?? new SingleProcess());
        SegmentationLoss main = options.Loss ?? SegmentationLoss.CrossEntropy(ignoreIndex: classes.IgnoreIndex);
        _loss = new OutputLoss(main, options.AuxiliaryWeight, options.AuxiliaryLoss);
        if (options.Teacher is not null)
            _distillation = new DistillationLoss(options.TeacherWeight, options.TeacherTemperature);
        (_schedule, _steps) = (options.Schedule, steps);
        Network = new FastScnnNetwork(new()
        {
            Classes = classes.Count,
            AuxiliaryHead = options.AuxiliaryHead,
            Dropout = options.Dropout,
            Seed = (ulong)SeedOf(-1)
        });
        try
        {
            if (options.InitialWeights is not null)
                Network.LoadCheckpoint(options.InitialWeights, CheckpointLoadMode.Backbone);
            Network.to(device);
            _optimizer = options.Optimizer.Create(Network, _schedule.RateAt(0, steps));
            _memory = new OptimizerTensors(Network, _optimizer);
            _average = options.AverageDecay is { } decay ? new ExponentialMovingAverage(Network, decay) : null;
            _tensors = new BatchTensors(options.Normalization, device);
            if (options.SyncBatchNorm && _processes.Count > 1)
                _synchronization = Network.SynchronizeBatchNorm(_processes.Sum);
        }
        catch
        {
            Network.Dispose();
            throw;
        }
    }

    public FastScnnNetwork Network { get; }

    /// <summary>Starts the random numbers of dropout anew for an epoch, so that they depend on its number
    /// alone.</summary>
    public void Seed(int epoch) => SeedWith(SeedOf(epoch));

    public void TrainMode()
    {
        Network.train();
        if (!_options.FreezeBatchNorm) return;
        // In evaluation mode batch norm uses its stored statistics and leaves them as they are.
        foreach (nn.Module norm in Network.modules().OfType<Network.BatchNorm>()) norm.eval();
    }

    /// <summary>Takes a step, over one batch of <see cref="TrainingOptions.BatchSize"/> or several.</summary>
    /// <returns>The loss before the step, and its learning rate.</returns>
    /// <exception cref="TrainingDivergedException">The loss or the gradients are not finite; no step was
    /// taken.</exception>
    public (double Loss, double Rate) Step(SegmentationBatch batch, long step)
    {
        double rate = _schedule.RateAt(step, _steps);
        _lastSamples = batch.Whole;
        OptimizerSettings.SetLearningRate(_optimizer, rate);
        using DisposeScope scope = NewDisposeScope();
        _optimizer.zero_grad();
        // A state holds the random numbers of one process; those of several depend on the step and the process alone.
        if (_processes.Count > 1)
            SeedWith(new SampleRandom(_options.Seed, (int)step, -3 - _processes.Rank).NextInteger(0, int.MaxValue));
        double loss = Sum(ComputeGradients(batch));
        if (!double.IsFinite(loss)) throw Diverged("loss", loss, step, rate);
        if (_options.MaxGradientNorm is { } longest
            && nn.utils.clip_grad_norm_(Network.parameters(), longest) is var norm && !double.IsFinite(norm))
            throw Diverged("norm of the gradients", norm, step, rate);
        _optimizer.step();
        _average?.Update();
        return (loss, rate);
    }

    private double ComputeGradients(SegmentationBatch batch)
    {
        // Batch norm needs two samples in a pass. All processes take the same number of passes.
        int passes = Math.Max(1, Math.Min((batch.Whole.Count - 1) / _options.BatchSize + 1,
            batch.Whole.Count / _processes.Count / (_options.FreezeBatchNorm ? 1 : 2)));
        LabelCounts? whole = passes * _processes.Count == 1 ? null : Count(..);
        if (whole is not null) _processes.Sum(whole.Pixels);
        long[] places = [batch.Taught?.Places.Sum(count => (long)count) ?? 0];
        if (_distillation is not null) _processes.Sum(places);
        double loss = 0;
        for (int pass = 0; pass < passes; pass++)
        {
            Range part = BatchLoader.Part(batch.Samples.Count, pass, passes);
            using DisposeScope scope = NewDisposeScope();
            using FastScnnOutput output = Network.ForwardAtEighth(_tensors.Images(batch, part));
            Tensor labels = _tensors.Labels(batch, part, _options.LossStride);
            Tensor value = _loss.Forward(output, labels,
                whole is null ? null : new(Count(part), whole));
            if (_distillation is not null)
                value = value.Plus(_distillation.Forward(output.Logits, _tensors.Taught(batch.Taught!, part),
                    places[0]));
            loss += value.item<float>();
            value.backward();
            _synchronization?.ThrowIfFailed();
        }
        return loss;

        LabelCounts Count(Range part)
        {
            (int start, int count) = part.GetOffsetAndLength(batch.Samples.Count);
            return LabelCounts.Of(batch.LabelsAt(start, count), batch.Height, batch.Width, _options.LossStride);
        }
    }

    // Adds up the gradients and the losses of all processes, and takes the mean of batch norm's statistics, of which each
    // has seen its own slice. After every step, so that it does not matter after which one the state is saved. As one
    // row of numbers this takes about a millisecond; the copying is not worth sparing.
    private double Sum(double loss)
    {
        if (_processes.Count == 1) return loss;
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradients = no_grad();
        Tensor[] gradients = [.. Network.parameters().Select(parameter => parameter.grad!)];
        Tensor[] statistics = _options.FreezeBatchNorm || _options.SyncBatchNorm ? []
            : [.. Network.buffers().Where(buffer => buffer.is_floating_point())];
        Tensor[] all = [.. gradients, .. statistics];
        using Tensor row = cat([.. all.Select(values => values.flatten()),
            tensor((float)loss, device: all[0].device).flatten()]).cpu();
        Span<float> numbers = MemoryMarshal.Cast<byte, float>(row.bytes);
        _processes.Sum(numbers);
        foreach (ref float sum in numbers[(int)gradients.Sum(values => values.numel())..^1]) sum /= _processes.Count;
        long from = 0;
        foreach (Tensor values in all)
        {
            values.copy_(row.narrow(0, from, values.numel()).view(values.shape));
            from += values.numel();
        }
        return numbers[^1];
    }

    /// <summary>Compares the weights of all processes, which one sum that differed would drive apart for ever.</summary>
    /// <exception cref="InvalidOperationException">They differ.</exception>
    public void CompareProcesses()
    {
        if (_processes.Count == 1) return;
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (CheckpointTensor tensor in Network.ToCheckpoint().Tensors.Values) hash.AppendData(tensor.Bytes.Span);
        byte[][] all = _processes.Gather(hash.GetHashAndReset());
        for (int rank = 1; rank < all.Length; rank++)
            if (!all[rank].AsSpan().SequenceEqual(all[0]))
                throw new InvalidOperationException($"The weights of {_processes.NameOf(rank)} are no longer those of "
                    + $"{_processes.NameOf(0)}. Are the machines of one kind, and the libraries the same? What the "
                    + "output folder holds is from before.");
    }

    /// <summary>The name of a weight or statistic that is not finite; null where all are. A step can spoil them
    /// although the loss before it was a number, and training does not use the statistics that validation then
    /// uses.</summary>
    public string? BrokenWeight()
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradients = no_grad();
        // The sum of zeros is NaN where one of the values is not finite; it takes one pass for each tensor.
        return Network.state_dict()
            .Where(item => item.Value.is_floating_point() && !double.IsFinite(item.Value.Times(0).sum().item<float>()))
            .Select(item => item.Key).FirstOrDefault();
    }

    public TrainingDivergedException Diverged(string weight, long step) => new(
        Invariant(
            $"'{weight}' of the network holds NaN or infinite values after {step} steps; such weights are not kept. The last batch was ")
        + LastBatch, _lastSamples);

    private TrainingDivergedException Diverged(string what, double value, long step, double rate) => new(
        Invariant($"The {what} is {value} at step {step} (from 0), learning rate {rate:G4}. The batch was {LastBatch}"),
        _lastSamples);

    private string LastBatch =>
        $"made of {ErrorText.List([.. _lastSamples.Select(sample => $"'{sample.ImagePath}'")])}. A lower learning "
        + "rate, a warm-up or a limit to the norm of the gradients may help; or look at these files.";

    /// <summary>Gives the network the averaged weights, if there are any, until the result is disposed.</summary>
    public IDisposable UseAverage() => _average?.Apply() ?? new Nothing();

    public TrainingState Capture(TrainingPosition position, IReadOnlyDictionary<string, string> recipe)
    {
        using Tensor random = Random.get_state();
        return new(position, recipe, Network.ToCheckpoint(), _average?.ToCheckpoint(), _memory.Capture().ToDictionary(),
            TensorConversion.ToCheckpoint(random));
    }

    public void Restore(TrainingState state, string path)
    {
        if (_average is not null && state.Average is null)
            throw new CheckpointException($"The training state '{path}' holds no moving average of the weights, which "
                + $"{nameof(TrainingOptions.AverageDecay)} asks for.");
        try
        {
            Network.LoadCheckpoint(state.Weights);
            _average?.Restore(state.Average!);
            _memory.Restore(state.Optimizer);
        }
        // These name the entry that does not fit, and not the file.
        catch (Exception exception) when (exception is CheckpointException or ArgumentException)
        {
            throw Throw.StateDamaged(path, exception.Message.TrimEnd('.'), exception);
        }
        using Tensor random = TensorConversion.ToTensor(state.Random), own = Random.get_state();
        // TorchSharp lets libtorch's complaint about another size end the process.
        if (!random.shape.SequenceEqual(own.shape))
            throw Throw.StateDamaged(path, $"its random state is {ErrorText.Shape(random.shape)} bytes; this "
                + $"libtorch's is {ErrorText.Shape(own.shape)}", null);
        Random.set_state(random);
    }

    public void Dispose()
    {
        _tensors.Dispose();
        _average?.Dispose();
        _optimizer.Dispose();
        Network.Dispose();
    }

    private Generator Random => Network.Random!;

    private void SeedWith(long seed)
    {
        Random.manual_seed(seed);
        // TorchSharp makes no generators on devices, and gives no way to read the state of theirs.
        if (_options.GpuDeviceId is not null) cuda.manual_seed_all(seed);
    }

    // Mixed into 31 bits: libtorch's generator on the processor takes the low 32 alone. No sample has the number -2.
    private long SeedOf(int epoch) => new SampleRandom(_options.Seed, epoch, -2).NextInteger(0, int.MaxValue);

    private sealed class Nothing : IDisposable
    {
        public void Dispose()
        {
        }
    }
}
