using FastScnn.Torch.Checkpoints;
using FastScnn.Torch.Data;
using FastScnn.Torch.Data.Augmentation;
using FastScnn.Torch.Data.Loading;
using FastScnn.Torch.Losses;
using FastScnn.Torch.Network;
using FastScnn.Torch.Training.Optimizers;
using FastScnn.Torch.Training.Schedules;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace FastScnn.Torch.Training;

/// <summary>The network with what trains it: takes steps, and gives and takes their state.</summary>
internal sealed class Learner : IDisposable
{
    private readonly TrainingOptions options;
    private readonly OutputLoss loss;
    private readonly LearningRateSchedule schedule;
    private readonly OptimizerHelper optimizer;
    private readonly OptimizerTensors memory;
    private readonly ExponentialMovingAverage? average;
    private readonly BatchTensors tensors;

    public Learner(TrainingOptions options, ClassList classes, long steps)
    {
        this.options = options;
        SegmentationLoss main = options.Loss ?? new SoftmaxCrossEntropyLoss(ignoreIndex: classes.IgnoreIndex);
        loss = new OutputLoss(main, options.AuxiliaryWeight, options.AuxiliaryLoss);
        schedule = options.Schedule(steps);
        Device device = ChooseDevice(options.CudaDevice);
        set_num_threads(options.Threads > 0 ? options.Threads : Environment.ProcessorCount);
        Seed(-1);
        Network = new FastScnnNetwork(new() { Classes = classes.Count, AuxiliaryHead = options.AuxiliaryHead, Dropout = options.Dropout });
        try
        {
            if (options.InitialWeights is not null) Network.LoadCheckpoint(options.InitialWeights, CheckpointLoadMode.Backbone);
            Network.to(device);
            optimizer = options.Optimizer.Create(Network, schedule.RateAt(0));
            memory = new OptimizerTensors(Network, optimizer);
            average = options.AverageDecay is { } decay ? new ExponentialMovingAverage(Network, decay) : null;
            tensors = new BatchTensors(options.Normalization, device);
        }
        catch
        {
            Network.Dispose();
            throw;
        }
    }

    public FastScnnNetwork Network { get; }

    /// <summary>Starts libtorch's random numbers anew for an epoch, so that they do not depend on what else drew from them.</summary>
    public void Seed(int epoch)
    {
        // Mixed into 31 bits: libtorch's generator on the processor takes the low 32 alone. No sample has the number -2.
        long seed = new SampleRandom(options.Loader.Seed, epoch, -2).NextInteger(0, int.MaxValue);
        manual_seed(seed).Dispose();
        if (options.CudaDevice is not null) cuda.manual_seed_all(seed);
    }

    public void TrainMode()
    {
        if (options.FreezeBatchNorm) FrozenBatchNorm.Train(Network);
        else Network.train();
    }

    /// <summary>Takes a step.</summary>
    /// <returns>The loss before the step, and its learning rate.</returns>
    /// <exception cref="TrainingDivergedException">The loss or the gradients are not finite; no step was taken.</exception>
    public (double Loss, double Rate) Step(SegmentationBatch batch, long step)
    {
        double rate = schedule.RateAt(step);
        OptimizerSettings.SetLearningRate(optimizer, rate);
        using DisposeScope scope = NewDisposeScope();
        optimizer.zero_grad();
        using FastScnnOutput output = Network.ForwardAtEighth(tensors.Photos(batch));
        Tensor labels = tensors.Labels(batch, options.LossStride);
        Tensor value = loss.Forward(output.ResizeLike(labels), labels);
        double number = value.item<float>();
        if (!double.IsFinite(number)) throw Errors.LossDiverged("loss", number, step, rate, batch.Samples);
        value.backward();
        if (options.MaxGradientNorm is { } longest && GradientClipping.ByNorm(Network, longest) is var norm && !double.IsFinite(norm))
            throw Errors.LossDiverged("norm of the gradients", norm, step, rate, batch.Samples);
        optimizer.step();
        average?.Update();
        return (number, rate);
    }

    /// <summary>Gives the network the averaged weights, if there are any, until the result is disposed.</summary>
    public IDisposable UseAverage() => average?.Apply() ?? new Nothing();

    public TrainingState Capture(TrainingPosition position, IReadOnlyDictionary<string, string> recipe)
    {
        using Tensor random = get_rng_state();
        return new(position, recipe, Network.ToCheckpoint(), average?.ToCheckpoint(), memory.Capture().ToDictionary(), TensorConversion.ToCheckpoint(random));
    }

    public void Restore(TrainingState state, string path)
    {
        if (average is not null && state.Average is null) throw Errors.StateWithoutAverage(path);
        try
        {
            Network.LoadCheckpoint(state.Weights);
            average?.Restore(state.Average!);
            memory.Restore(state.Optimizer);
        }
        // These name the entry that does not fit, and not the file.
        catch (Exception exception) when (exception is CheckpointException or ArgumentException)
        {
            throw Errors.StateDamaged(path, exception.Message.TrimEnd('.'), exception);
        }
        using Tensor random = TensorConversion.ToTensor(state.Random), own = get_rng_state();
        // TorchSharp lets libtorch's complaint about another size end the process.
        if (!random.shape.SequenceEqual(own.shape)) throw Errors.StateDamaged(path, Errors.RandomState(random.shape, own.shape), null);
        set_rng_state(random);
    }

    public void Dispose()
    {
        tensors.Dispose();
        average?.Dispose();
        optimizer.Dispose();
        Network.Dispose();
    }

    private static Device ChooseDevice(int? cudaDevice)
    {
        if (cudaDevice is not { } index)
        {
            Libtorch.Load(nameof(FastScnnTrainer));
            return CPU;
        }
        return CudaDevices.Fault(index) is { } fault ? throw fault : device(DeviceType.CUDA, index);
    }

    private sealed class Nothing : IDisposable
    {
        public void Dispose()
        {
        }
    }
}
