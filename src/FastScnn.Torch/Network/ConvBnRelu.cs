using TorchSharp.Modules;
using static TorchSharp.torch;

namespace FastScnn.Torch.Network;

/// <summary>Convolution without bias, batch normalisation, ReLU.</summary>
internal sealed class ConvBnRelu : nn.Module<Tensor, Tensor>
{
    private readonly Sequential conv;

    public ConvBnRelu(long inChannels, long outChannels, long kernelSize = 3, long stride = 1) : base(nameof(ConvBnRelu))
    {
        conv = nn.Sequential(
            Layers.Convolution(inChannels, outChannels, kernelSize, stride),
            Layers.BatchNorm(outChannels),
            nn.ReLU(inplace: true));
        RegisterComponents();
    }

    /// <summary>Whether the batch normalisation uses the statistics of the batch, as in training, and not the stored ones.</summary>
    public bool UsesBatchStatistics => ((nn.Module)conv[1]).training;

    public override Tensor forward(Tensor input) => conv.call(input);
}
