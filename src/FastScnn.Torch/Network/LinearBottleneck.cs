using TorchSharp.Modules;
using static TorchSharp.torch;

namespace FastScnn.Torch.Network;

/// <summary>
/// Inverted residual block (MobileNetV2, arXiv:1801.04381): 1x1 to six times the channels, depthwise 3x3, 1x1 back without
/// ReLU; the input is added where size and channels stay.
/// </summary>
internal sealed class LinearBottleneck : nn.Module<Tensor, Tensor>
{
    private const long Expansion = 6;

    private readonly bool addsInput;
    private readonly Sequential block;

    public LinearBottleneck(long inChannels, long outChannels, long stride) : base(nameof(LinearBottleneck))
    {
        long inner = inChannels * Expansion;
        addsInput = stride == 1 && inChannels == outChannels;
        block = nn.Sequential(
            new ConvBnRelu(inChannels, inner, kernelSize: 1),
            new DepthwiseConv(inner, stride),
            Layers.Convolution(inner, outChannels, 1),
            Layers.BatchNorm(outChannels));
        RegisterComponents();
    }

    /// <summary>One block with the stride, then two of stride 1: a stage of the network.</summary>
    public static Sequential Stage(long inChannels, long outChannels, long stride) => nn.Sequential(
        new LinearBottleneck(inChannels, outChannels, stride),
        new LinearBottleneck(outChannels, outChannels, 1),
        new LinearBottleneck(outChannels, outChannels, 1));

    public override Tensor forward(Tensor input)
    {
        Tensor output = block.call(input);
        if (!addsInput) return output;
        using (output)
            return input + output;
    }
}
