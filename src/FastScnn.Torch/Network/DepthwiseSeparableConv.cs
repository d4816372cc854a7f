using TorchSharp.Modules;
using static TorchSharp.torch;

namespace FastScnn.Torch.Network;

/// <summary>
/// 3x3 convolution of each channel by itself, then 1x1 across channels, each with batch normalisation and ReLU.
/// (The paper has no ReLU between the two; the seed has.)
/// </summary>
internal sealed class DepthwiseSeparableConv : nn.Module<Tensor, Tensor>
{
    private readonly Sequential conv;

    public DepthwiseSeparableConv(long inChannels, long outChannels, long stride = 1) : base(nameof(DepthwiseSeparableConv))
    {
        conv = nn.Sequential(
            Layers.Convolution(inChannels, inChannels, 3, stride, padding: 1, groups: inChannels),
            Layers.BatchNorm(inChannels),
            nn.ReLU(inplace: true),
            Layers.Convolution(inChannels, outChannels, 1),
            Layers.BatchNorm(outChannels),
            nn.ReLU(inplace: true));
        RegisterComponents();
    }

    public override Tensor forward(Tensor input) => conv.call(input);
}
