using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace FastScnn.Torch.Training.Optimizers;

/// <summary>Which optimizer trains a module, and how. The learning rate is not among it: a schedule gives it for each step.</summary>
public abstract record OptimizerSettings
{
    private protected OptimizerSettings(double weightDecay) => WeightDecay = weightDecay;

    /// <summary>The weight decay, 0 or more.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public double WeightDecay
    {
        get;
        init => field = value is >= 0 and < double.PositiveInfinity ? value : throw Errors.Option(nameof(WeightDecay), value, "0 or more and finite");
    }

    /// <summary>
    /// Whether the weight decay holds for every parameter, as in Tramac/Fast-SCNN-pytorch, and not only for those of
    /// <see cref="ParameterGroups.Decayed"/>. Default: false.
    /// </summary>
    public bool DecayEverything { get; init; }

    /// <summary>Makes the optimizer. TorchSharp knows parameters by their place in memory: move the module to its device and type before.</summary>
    /// <param name="module">The module; parameters that ask for no gradient are left out.</param>
    /// <param name="learningRate">The learning rate of the first step, 0 or more.</param>
    /// <returns>The optimizer, which the caller disposes.</returns>
    /// <exception cref="ArgumentException">No parameter asks for a gradient.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="learningRate"/> is out of range.</exception>
    public OptimizerHelper Create(nn.Module module, double learningRate)
    {
        CheckRate(learningRate);
        ParameterGroups groups = ParameterGroups.Of(module);
        (Parameter[] Parameters, double WeightDecay)[] parts = DecayEverything
            ? [([.. module.parameters().Where(parameter => parameter.requires_grad)], WeightDecay)]
            : [([.. groups.Decayed], WeightDecay), ([.. groups.NotDecayed], 0)];
        parts = [.. parts.Where(part => part.Parameters.Length > 0)];
        return parts.Length > 0 ? Create(parts, learningRate) : throw Errors.NothingToTrain();
    }

    /// <summary>Sets the learning rate of all parameters, before a step.</summary>
    /// <param name="optimizer">The optimizer.</param>
    /// <param name="learningRate">The learning rate, 0 or more.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="learningRate"/> is out of range.</exception>
    public static void SetLearningRate(optim.Optimizer optimizer, double learningRate)
    {
        ArgumentNullException.ThrowIfNull(optimizer);
        CheckRate(learningRate);
        foreach (optim.ILearningRateController group in optimizer.ParamGroups)
            group.LearningRate = learningRate;
    }

    private protected abstract OptimizerHelper Create(IEnumerable<(Parameter[] Parameters, double WeightDecay)> groups, double learningRate);

    private static void CheckRate(double learningRate)
    {
        if (learningRate is not (>= 0 and <= float.MaxValue)) throw Errors.Option(nameof(learningRate), learningRate, "0 or more and finite in single precision");
    }
}
