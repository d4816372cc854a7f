using TorchSharp.Modules;
using static TorchSharp.torch;

namespace FastScnn.Torch.Network;

/// <summary>3x3 convolution of each channel by itself, batch normalisation, ReLU.</summary>
internal sealed class DepthwiseConv : nn.Module<Tensor, Tensor>
{
    private readonly Sequential conv;

    public DepthwiseConv(long channels, long stride = 1) : base(nameof(DepthwiseConv))
    {
        conv = nn.Sequential(
            Layers.Convolution(channels, channels, 3, stride, padding: 1, groups: channels),
            Layers.BatchNorm(channels),
            nn.ReLU(inplace: true));
        RegisterComponents();
    }

    public override Tensor forward(Tensor input) => conv.call(input);
}
