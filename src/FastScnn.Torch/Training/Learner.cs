using FastScnn.Torch.Checkpoints;
using FastScnn.Torch.Data;
using FastScnn.Torch.Data.Augmentation;
using FastScnn.Torch.Data.Loading;
using FastScnn.Torch.Losses;
using FastScnn.Torch.Network;
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
    private IReadOnlyList<SamplePair> lastSamples = [];

    public Learner(TrainingOptions options, ClassList classes, long steps, Device device)
    {
        this.options = options;
        SegmentationLoss main = options.Loss ?? new SoftmaxCrossEntropyLoss(ignoreIndex: classes.IgnoreIndex);
        loss = new OutputLoss(main, options.AuxiliaryWeight, options.AuxiliaryLoss);
        schedule = options.Schedule(steps);
        Network = new FastScnnNetwork(new() { Classes = classes.Count, AuxiliaryHead = options.AuxiliaryHead, Dropout = options.Dropout, Seed = (ulong)SeedOf(-1) });
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

    /// <summary>Starts the random numbers of dropout anew for an epoch, so that they depend on its number alone.</summary>
    public void Seed(int epoch)
    {
        Random.manual_seed(SeedOf(epoch));
        // TorchSharp makes no generators on devices, and gives no way to read the state of theirs.
        if (options.CudaDevice is not null) cuda.manual_seed_all(SeedOf(epoch));
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
        lastSamples = batch.Samples;
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

    /// <summary>
    /// The name of a weight or statistic that is not finite; null where all are. A step can spoil them although the loss before it was a
    /// number, and training does not use the statistics that validation then uses.
    /// </summary>
    public string? BrokenWeight()
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradients = no_grad();
        // The sum of zeros is NaN where one of the values is not finite; it takes one pass for each tensor.
        return Network.state_dict().Where(item => item.Value.is_floating_point() && !double.IsFinite(item.Value.Times(0).sum().item<float>())).Select(item => item.Key).FirstOrDefault();
    }

    public TrainingDivergedException Diverged(string weight, long step) => Errors.WeightsDiverged(weight, step, lastSamples);

    /// <summary>Gives the network the averaged weights, if there are any, until the result is disposed.</summary>
    public IDisposable UseAverage() => average?.Apply() ?? new Nothing();

    public TrainingState Capture(TrainingPosition position, IReadOnlyDictionary<string, string> recipe)
    {
        using Tensor random = Random.get_state();
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
        using Tensor random = TensorConversion.ToTensor(state.Random), own = Random.get_state();
        // TorchSharp lets libtorch's complaint about another size end the process.
        if (!random.shape.SequenceEqual(own.shape)) throw Errors.StateDamaged(path, Errors.RandomState(random.shape, own.shape), null);
        Random.set_state(random);
    }

    public void Dispose()
    {
        tensors.Dispose();
        average?.Dispose();
        optimizer.Dispose();
        Network.Dispose();
    }

    private Generator Random => Network.Random!;

    // Mixed into 31 bits: libtorch's generator on the processor takes the low 32 alone. No sample has the number -2.
    private long SeedOf(int epoch) => new SampleRandom(options.Loader.Seed, epoch, -2).NextInteger(0, int.MaxValue);

    private sealed class Nothing : IDisposable
    {
        public void Dispose()
        {
        }
    }
}

/// <summary>Keeps a step from being too long where a batch gives large gradients.</summary>
public static class GradientClipping
{
    /// <summary>
    /// Scales all gradients of a module by maxNorm / (norm + 1e-6) where their joint Euclidean norm is above <paramref name="maxNorm"/>, as PyTorch does.
    /// </summary>
    /// <param name="module">The module, after its backward pass; parameters without a gradient are left out.</param>
    /// <param name="maxNorm">The largest norm that is left as it is, above 0.</param>
    /// <returns>The norm before. If it is not finite the gradients are spoilt: take no step with them.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="maxNorm"/> is out of range.</exception>
    public static double ByNorm(nn.Module module, double maxNorm)
    {
        ArgumentNullException.ThrowIfNull(module);
        if (maxNorm is not (> 0 and < double.PositiveInfinity)) throw Errors.Option(nameof(maxNorm), maxNorm, "above 0 and finite");
        return nn.utils.clip_grad_norm_(module.parameters(), maxNorm);
    }
}

/// <summary>
/// Training on the stored statistics of batch normalisation, for fine-tuning with batches too small to measure them (even of one image).
/// </summary>
public static class FrozenBatchNorm
{
    /// <summary>
    /// Puts a module into training mode, but its batch normalisation into evaluation mode: it uses its stored statistics and leaves
    /// them as they are. The module's own <c>train()</c> ends this; call this in its place every time.
    /// </summary>
    /// <param name="module">The module.</param>
    /// <param name="freezeScales">Whether the scales and shifts of batch normalisation are to stay as they are too: they then ask for
    /// no gradient, until they are told to. Do this before the optimizer is made.</param>
    public static void Train(nn.Module module, bool freezeScales = false)
    {
        ArgumentNullException.ThrowIfNull(module);
        module.train();
        foreach (BatchNorm norm in module.modules().Prepend(module).OfType<BatchNorm>())
        {
            norm.eval();
            if (!freezeScales) continue;
            foreach (Parameter parameter in norm.parameters())
                parameter.requires_grad = false;
        }
    }
}
