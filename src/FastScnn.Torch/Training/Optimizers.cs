using System.Diagnostics.CodeAnalysis;
using FastScnn.Torch.Checkpoints;
using FastScnn.Torch.Network;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace FastScnn.Torch.Training;

/// <summary>Which optimizer trains a module, and how. The learning rate is not among it: a schedule gives it for each
/// step.</summary>
// A recipe names all settings, by reflection.
[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicProperties)]
public abstract record OptimizerSettings
{
    private protected OptimizerSettings(double weightDecay) => WeightDecay = weightDecay;

    /// <summary>The weight decay, 0 or more.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public double WeightDecay { get; init => field = Check.AtLeast(value, 0); }

    /// <summary>Whether the weight decay holds for every parameter, as in Tramac/Fast-SCNN-pytorch, and not only for
    /// the weights of convolutions that are not depthwise. Default: false.</summary>
    public bool DecayAllParameters { get; init; }

    /// <summary>Makes the optimizer, which the caller disposes. TorchSharp knows parameters by their place in memory:
    /// move the module to its device and type before. Parameters that ask for no gradient are left out.</summary>
    /// <exception cref="ArgumentException">No parameter asks for a gradient.</exception>
    internal OptimizerHelper Create(nn.Module module, double learningRate)
    {
        CheckRate(learningRate);
        ParameterGroups groups = ParameterGroups.Of(module);
        (Parameter[] Parameters, double WeightDecay)[] parts = DecayAllParameters
            ? [([.. module.parameters().Where(parameter => parameter.requires_grad)], WeightDecay)]
            : [([.. groups.Decayed], WeightDecay), ([.. groups.NotDecayed], 0)];
        parts = [.. parts.Where(part => part.Parameters.Length > 0)];
        return parts.Length > 0 ? Create(parts, learningRate) : throw new ArgumentException("No parameter of the "
            + "module asks for a gradient, so there is nothing to train.", nameof(module));
    }

    /// <summary>Sets the learning rate of all parameters, before a step.</summary>
    internal static void SetLearningRate(optim.Optimizer optimizer, double learningRate)
    {
        ArgumentNullException.ThrowIfNull(optimizer);
        CheckRate(learningRate);
        foreach (optim.ILearningRateController group in optimizer.ParamGroups)
            group.LearningRate = learningRate;
    }

    private protected abstract OptimizerHelper Create(IEnumerable<(Parameter[] Parameters, double WeightDecay)> groups,
        double learningRate);

    private static void CheckRate(double learningRate)
    {
        if (learningRate is not (>= 0 and <= float.MaxValue))
            throw Throw.OutOfRange(nameof(learningRate), learningRate, "0 or more and finite in single precision");
    }
}

/// <summary>Stochastic gradient descent with momentum, as PyTorch's <c>SGD</c> without dampening; weight decay is added
/// to the gradient. It is 1e-4 by default, as in the reference implementation.</summary>
public sealed record SgdSettings() : OptimizerSettings(weightDecay: 1e-4)
{
    /// <summary>The momentum, 0 up to but not including 1. Default: 0.9.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public double Momentum { get; init => field = Check.BelowOne(value); } = 0.9;

    /// <summary>Whether the momentum looks ahead (Nesterov); without momentum it changes nothing. Default:
    /// false.</summary>
    public bool Nesterov { get; init; }

    private protected override OptimizerHelper Create(IEnumerable<(Parameter[] Parameters, double WeightDecay)> groups,
        double learningRate) =>
        new Steps(
            groups.Select(group => new SGD.ParamGroup
            {
                Parameters = group.Parameters,
                Options = new SGD.Options { weight_decay = group.WeightDecay }
            }),
            learningRate, Momentum, Nesterov && Momentum > 0);

    // TorchSharp's own, with numbers that stay alive while libtorch reads them; see ScalarOperations.
    private sealed class Steps(IEnumerable<SGD.ParamGroup> groups, double learningRate, double momentum,
        bool nesterov) : SGD(groups, learningRate, momentum, nesterov: nesterov)
    {
        public override Tensor step(Func<Tensor>? closure = null) => _step<ParamGroup>(
            group =>
            {
                SGD.Options options = group.Options;
                (double momentum, double decay, double rate) = (options.momentum!.Value, options.weight_decay!.Value,
                    options.LearningRate!.Value);
                foreach (Parameter parameter in group.Parameters)
                {
                    if (parameter.grad is not { } gradient)
                        continue;
                    if (decay != 0)
                        gradient = gradient.Plus(parameter, decay);
                    if (momentum != 0)
                    {
                        var state = (State)_state[parameter.Handle];
                        if (state.momentum_buffer is null)
                            state.momentum_buffer = gradient.clone().detach().DetachFromDisposeScope();
                        else
                            state.momentum_buffer.TimesInPlace(momentum).AddInPlace(gradient, 1);
                        gradient = options.nesterov!.Value ? gradient.Plus(state.momentum_buffer, momentum)
                            : state.momentum_buffer;
                    }
                    parameter.AddInPlace(gradient, -rate);
                }
            },
            closure);
    }
}

/// <summary>AdamW (Loshchilov, Hutter: "Decoupled Weight Decay Regularization", arXiv:1711.05101). The weight decay is
/// 0.01 by default, as in PyTorch; TorchSharp's own default is 0.</summary>
public sealed record AdamWSettings() : OptimizerSettings(weightDecay: 0.01)
{
    /// <summary>How slowly the mean of the gradient follows it, 0 up to but not including 1. Default: 0.9.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public double Beta1 { get; init => field = Check.BelowOne(value); } = 0.9;

    /// <summary>How slowly the mean of the squared gradient follows it, 0 up to but not including 1. Default:
    /// 0.999.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public double Beta2 { get; init => field = Check.BelowOne(value); } = 0.999;

    /// <summary>What is added to the root of the squared gradient's mean, above 0. Default: 1e-8.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public double Epsilon { get; init => field = Check.Positive(value); } = 1e-8;

    private protected override OptimizerHelper Create(IEnumerable<(Parameter[] Parameters, double WeightDecay)> groups,
        double learningRate) =>
        new Steps(
            groups.Select(group => new AdamW.ParamGroup
            {
                Parameters = group.Parameters,
                Options = new AdamW.Options { weight_decay = group.WeightDecay }
            }),
            learningRate, Beta1, Beta2, Epsilon);

    // TorchSharp's own, with numbers that stay alive while libtorch reads them; see ScalarOperations.
    private sealed class Steps(IEnumerable<AdamW.ParamGroup> groups, double learningRate, double beta1, double beta2,
        double epsilon) : AdamW(groups, learningRate, beta1, beta2, epsilon)
    {
        public override Tensor step(Func<Tensor>? closure = null) => _step<ParamGroup>(
            group =>
            {
                var options = (Options)group.Options;
                (double beta1, double beta2, double epsilon) = (options.beta1!.Value, options.beta2!.Value,
                    options.eps!.Value);
                (double decay, double rate) = (options.weight_decay!.Value, options.LearningRate!.Value);
                foreach (Parameter parameter in group.Parameters)
                {
                    if (parameter.grad is not { } gradient)
                        continue;
                    var state = (State)_state[parameter.Handle];
                    state.step++;
                    parameter.TimesInPlace(1 - rate * decay);
                    state.exp_avg.TimesInPlace(beta1).AddInPlace(gradient, 1 - beta1);
                    state.exp_avg_sq.TimesInPlace(beta2).AddProductInPlace(gradient, gradient, 1 - beta2);
                    Tensor root = state.exp_avg_sq.sqrt().DividedBy(Math.Sqrt(1 - Math.Pow(beta2, state.step)))
                        .AddInPlace(epsilon);
                    parameter.AddQuotientInPlace(state.exp_avg, root, -(rate / (1 - Math.Pow(beta1, state.step))));
                }
            },
            closure);
    }
}

/// <summary>The parameters of a module by whether weight decay suits them. It is left off the weights of depthwise
/// convolutions, of which each has few and which it weakens most (MobileNets, arXiv:1704.04861, section 3.4; Fast-SCNN,
/// arXiv:1902.04502, section 4), and off batch normalisation and biases, which hold no capacity to keep
/// small.</summary>
internal sealed record ParameterGroups(IReadOnlyList<Parameter> Decayed, IReadOnlyList<Parameter> NotDecayed)
{
    public static ParameterGroups Of(nn.Module module)
    {
        ArgumentNullException.ThrowIfNull(module);
        HashSet<IntPtr> depthwise =
        [
            .. module.modules().Prepend(module).OfType<Network.Convolution>()
                .Where(convolution => convolution.IsDepthwise).Select(convolution => convolution.Weight.Handle),
        ];
        ILookup<bool, Parameter> decays = module.parameters().Where(parameter => parameter.requires_grad)
            .ToLookup(parameter => parameter.dim() >= 2 && !depthwise.Contains(parameter.Handle));
        return new([.. decays[true]], [.. decays[false]]);
    }
}

/// <summary>Reads and writes what an optimizer remembers, as tensors by the names of the parameters: TorchSharp's own
/// format has neither names nor a check of any kind.</summary>
internal sealed class OptimizerTensors
{
    private const string Momentum = "momentum", Mean = "mean", SquareMean = "square_mean", Steps = "steps";

    private readonly (string Name, Parameter Parameter, OptimizerState State)[] _entries;

    public OptimizerTensors(nn.Module module, OptimizerHelper optimizer)
    {
        Dictionary<IntPtr, string> names = module.named_parameters().ToDictionary(item => item.parameter.Handle,
            item => item.name);
        Parameter[] parameters = [.. optimizer.parameters()];
        List<OptimizerState> states = optimizer.state_dict().State;
        _entries = [.. parameters.Zip(states, (parameter, state) => (names[parameter.Handle], parameter, state))];
    }

    /// <summary>Copies of all that is remembered; what an optimizer has no memory of yet is absent.</summary>
    public IEnumerable<KeyValuePair<string, CheckpointTensor>> Capture()
    {
        foreach ((string name, _, OptimizerState state) in _entries)
            switch (state)
            {
                case SGD.State { momentum_buffer: { } buffer }:
                    yield return Entry(name, Momentum, buffer);
                    break;
                case AdamW.State adam:
                    yield return Entry(name, Mean, adam.exp_avg);
                    yield return Entry(name, SquareMean, adam.exp_avg_sq);
                    yield return KeyValuePair.Create($"{name}/{Steps}",
                        new CheckpointTensor(CheckpointType.Int64, [], BitConverter.GetBytes(adam.step)));
                    break;
            }
    }

    /// <summary>Takes back what <see cref="Capture"/> gave.</summary>
    /// <exception cref="CheckpointException">An entry is missing or has another shape.</exception>
    public void Restore(IReadOnlyDictionary<string, CheckpointTensor> stored)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradients = no_grad();
        foreach ((string name, Parameter parameter, OptimizerState state) in _entries)
            switch (state)
            {
                case SGD.State sgd:
                    sgd.momentum_buffer?.Dispose();
                    sgd.momentum_buffer = stored.ContainsKey($"{name}/{Momentum}")
                        ? Read(stored, $"{name}/{Momentum}", parameter).DetachFromDisposeScope() : null;
                    break;
                case AdamW.State adam:
                    adam.exp_avg.copy_(Read(stored, $"{name}/{Mean}", parameter));
                    adam.exp_avg_sq.copy_(Read(stored, $"{name}/{SquareMean}", parameter));
                    adam.step = BitConverter.ToInt64(
                        Find(stored, $"{name}/{Steps}", CheckpointType.Int64, []).Bytes.Span);
                    break;
            }
    }

    private static KeyValuePair<string, CheckpointTensor> Entry(string name, string what, Tensor value) =>
        KeyValuePair.Create($"{name}/{what}", TensorConversion.ToCheckpoint(value));

    private static Tensor Read(IReadOnlyDictionary<string, CheckpointTensor> stored, string key, Parameter parameter)
    {
        Tensor local = TensorConversion.ToTensor(Find(stored, key, CheckpointType.Float32, parameter.shape));
        return local.to(parameter.device);
    }

    private static CheckpointTensor Find(IReadOnlyDictionary<string, CheckpointTensor> stored, string key,
        CheckpointType type, long[] shape) =>
        stored.TryGetValue(key, out CheckpointTensor? found) && found.Type == type && found.Shape.SequenceEqual(shape)
            ? found
            : throw new CheckpointException(
                $"The training state's optimizer entry '{key}' is "
                + $"{(found is null ? "missing" : $"{found.Type} {ErrorText.Shape(found.Shape)}")}; {type} "
                + $"{ErrorText.Shape(shape)} is expected.");
}
