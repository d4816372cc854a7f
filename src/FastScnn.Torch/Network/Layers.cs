using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace FastScnn.Torch.Network;

/// <summary>
/// The layers that the network is made of, in single precision on the processor whatever libtorch's default type and device are: a caller
/// may have set those for tensors of its own.
/// </summary>
internal static class Layers
{
    public static Conv2d Convolution(long inChannels, long outChannels, long kernelSize, long stride = 1, long padding = 0, long groups = 1, bool bias = false) =>
        nn.Conv2d(inChannels, outChannels, kernelSize, stride, padding, groups: groups, bias: bias, device: CPU, dtype: ScalarType.Float32);

    public static BatchNorm2d BatchNorm(long channels)
    {
        BatchNorm2d norm = nn.BatchNorm2d(channels, device: CPU);
        // Told the type, TorchSharp makes even the counter of batches a floating-point number; converted, it stays an Int64.
        norm.to(ScalarType.Float32);
        return norm;
    }
}

/// <summary>
/// Zeroes a share of the values in training and enlarges the others by as much. On the processor it draws from a generator of its
/// own where it has one, so that nothing else that draws random numbers in the process changes what it does, nor the reverse.
/// </summary>
/// <param name="share">The share, 0 up to but not including 1.</param>
/// <param name="random">The generator, which stays the network's; libtorch's default one if null, and on other devices.</param>
internal sealed class Dropout(double share, Generator? random) : nn.Module<Tensor, Tensor>(nameof(Dropout))
{
    public override Tensor forward(Tensor input)
    {
        if (!training || share == 0) return input.alias();
        if (random is null || input.device_type != DeviceType.CPU) return nn.functional.dropout(input, share, training: true);
        // The same draws and the same arithmetic as libtorch's own.
        using Tensor factors = empty_like(input).bernoulli_(1 - share, random).DivideInPlace(1 - share);
        return input * factors;
    }
}
