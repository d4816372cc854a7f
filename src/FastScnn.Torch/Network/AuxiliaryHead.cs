using TorchSharp.Modules;
using static TorchSharp.torch;

namespace FastScnn.Torch.Network;

/// <summary>A small classifier on the early features, whose loss helps their training.</summary>
internal static class AuxiliaryHead
{
    private const long InnerChannels = 32;

    public static Sequential Create(long inChannels, long classes, double dropout) => nn.Sequential(
        nn.Conv2d(inChannels, InnerChannels, 3, padding: 1, bias: false),
        nn.BatchNorm2d(InnerChannels),
        nn.ReLU(inplace: true),
        nn.Dropout(dropout),
        nn.Conv2d(InnerChannels, classes, 1));
}
