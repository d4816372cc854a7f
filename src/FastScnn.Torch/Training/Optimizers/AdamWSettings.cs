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
        optim.AdamW(
            groups.Select(group => new AdamW.ParamGroup { Parameters = group.Parameters, Options = new AdamW.Options { weight_decay = group.WeightDecay } }),
            learningRate, Beta1, Beta2, Epsilon);
}
