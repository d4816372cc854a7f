using FastScnn.Torch.Network;
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
        new Steps(
            groups.Select(group => new SGD.ParamGroup { Parameters = group.Parameters, Options = new SGD.Options { weight_decay = group.WeightDecay } }),
            learningRate, Momentum, Nesterov && Momentum > 0);

    // TorchSharp's own, with numbers that stay alive while libtorch reads them; see ScalarOperations.
    private sealed class Steps(IEnumerable<SGD.ParamGroup> groups, double learningRate, double momentum, bool nesterov) : SGD(groups, learningRate, momentum, nesterov: nesterov)
    {
        public override Tensor step(Func<Tensor>? closure = null) => _step<ParamGroup>(
            group =>
            {
                SGD.Options options = group.Options;
                (double momentum, double decay, double rate) = (options.momentum!.Value, options.weight_decay!.Value, options.LearningRate!.Value);
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
                        gradient = options.nesterov!.Value ? gradient.Plus(state.momentum_buffer, momentum) : state.momentum_buffer;
                    }
                    parameter.AddInPlace(gradient, -rate);
                }
            },
            closure);
    }
}
