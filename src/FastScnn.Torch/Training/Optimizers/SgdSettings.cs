using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace FastScnn.Torch.Training.Optimizers;

/// <summary>Stochastic gradient descent with momentum, as PyTorch's <c>SGD</c> without dampening; weight decay is added to the gradient. It is 1e-4 by default, as in the seed.</summary>
public sealed record SgdSettings() : OptimizerSettings(weightDecay: 1e-4)
{
    /// <summary>The momentum, 0 up to but not including 1. Default: 0.9.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public double Momentum
    {
        get;
        init => field = value is >= 0 and < 1 ? value : throw Errors.Option(nameof(Momentum), value, "0 up to but not including 1");
    } = 0.9;

    /// <summary>Whether the momentum looks ahead (Nesterov); without momentum it changes nothing. Default: false.</summary>
    public bool Nesterov { get; init; }

    private protected override OptimizerHelper Create(IEnumerable<(Parameter[] Parameters, double WeightDecay)> groups, double learningRate) =>
        optim.SGD(
            groups.Select(group => new SGD.ParamGroup { Parameters = group.Parameters, Options = new SGD.Options { weight_decay = group.WeightDecay } }),
            learningRate, Momentum, nesterov: Nesterov && Momentum > 0);
}
