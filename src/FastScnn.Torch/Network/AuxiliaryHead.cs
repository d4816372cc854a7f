using TorchSharp.Modules;
using static TorchSharp.torch;

namespace FastScnn.Torch.Network;

/// <summary>A small classifier on the early features, whose loss helps their training.</summary>
internal static class AuxiliaryHead
{
    private const long InnerChannels = 32;

    public static Sequential Create(long inChannels, long classes, double dropout, Generator? random) => nn.Sequential(
        Layers.Convolution(inChannels, InnerChannels, 3, padding: 1),
        Layers.BatchNorm(InnerChannels),
        nn.ReLU(inplace: true),
        new Dropout(dropout, random),
        Layers.Convolution(InnerChannels, classes, 1, bias: true));
}
