using FastScnn.Torch.Network;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace FastScnn.Torch.Training.Optimizers;

/// <summary>
/// AdamW (Loshchilov, Hutter: "Decoupled Weight Decay Regularization", arXiv:1711.05101). The weight decay is 0.01 by default, as in
/// PyTorch; TorchSharp's own default is 0.
/// </summary>
public sealed record AdamWSettings() : OptimizerSettings(weightDecay: 0.01)
{
    /// <summary>How slowly the mean of the gradient follows it, 0 up to but not including 1. Default: 0.9.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public double Beta1
    {
        get;
        init => field = value is >= 0 and < 1 ? value : throw Errors.Option(nameof(Beta1), value, "0 up to but not including 1");
    } = 0.9;

    /// <summary>How slowly the mean of the squared gradient follows it, 0 up to but not including 1. Default: 0.999.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public double Beta2
    {
        get;
        init => field = value is >= 0 and < 1 ? value : throw Errors.Option(nameof(Beta2), value, "0 up to but not including 1");
    } = 0.999;

    /// <summary>What is added to the root of the squared gradient's mean, above 0. Default: 1e-8.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public double Epsilon
    {
        get;
        init => field = value is > 0 and < double.PositiveInfinity ? value : throw Errors.Option(nameof(Epsilon), value, "above 0 and finite");
    } = 1e-8;

    private protected override OptimizerHelper Create(IEnumerable<(Parameter[] Parameters, double WeightDecay)> groups, double learningRate) =>
        new Steps(
            groups.Select(group => new AdamW.ParamGroup { Parameters = group.Parameters, Options = new AdamW.Options { weight_decay = group.WeightDecay } }),
            learningRate, Beta1, Beta2, Epsilon);

    // TorchSharp's own, with numbers that stay alive while libtorch reads them; see ScalarOperations.
    private sealed class Steps(IEnumerable<AdamW.ParamGroup> groups, double learningRate, double beta1, double beta2, double epsilon) : AdamW(groups, learningRate, beta1, beta2, epsilon)
    {
        public override Tensor step(Func<Tensor>? closure = null) => _step<ParamGroup>(
            group =>
            {
                var options = (Options)group.Options;
                (double beta1, double beta2, double epsilon) = (options.beta1!.Value, options.beta2!.Value, options.eps!.Value);
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
                    Tensor root = state.exp_avg_sq.sqrt().DividedBy(Math.Sqrt(1 - Math.Pow(beta2, state.step))).AddInPlace(epsilon);
                    parameter.AddQuotientInPlace(state.exp_avg, root, -(rate / (1 - Math.Pow(beta1, state.step))));
                }
            },
            closure);
    }
}
