using static TorchSharp.torch;

namespace FastScnn.Torch.Network;

/// <summary>
/// Pyramid pooling (PSPNet, arXiv:1612.01105): averages over 1, 4, 9 and 36 parts of the image, each through a 1x1 convolution
/// to a quarter of the channels and back to full size, beside the input itself; a last 1x1 convolution joins them.
/// </summary>
internal sealed class PyramidPooling : nn.Module<Tensor, Tensor>
{
    private readonly ConvBnRelu conv1;
    private readonly ConvBnRelu conv2;
    private readonly ConvBnRelu conv3;
    private readonly ConvBnRelu conv4;
    private readonly ConvBnRelu @out;

    public PyramidPooling(long channels) : base(nameof(PyramidPooling))
    {
        conv1 = new(channels, channels / 4, kernelSize: 1);
        conv2 = new(channels, channels / 4, kernelSize: 1);
        conv3 = new(channels, channels / 4, kernelSize: 1);
        conv4 = new(channels, channels / 4, kernelSize: 1);
        @out = new(channels * 2, channels, kernelSize: 1);
        RegisterComponents();
    }

    /// <summary>
    /// Whether batch statistics are taken of the average over the whole image: with one image that is one value a channel,
    /// whose variance does not exist.
    /// </summary>
    public bool NeedsSeveralImages => conv1.UsesBatchStatistics;

    public override Tensor forward(Tensor input)
    {
        using Tensor whole = PoolTo(1, conv1, input);
        using Tensor halves = PoolTo(2, conv2, input);
        using Tensor thirds = PoolTo(3, conv3, input);
        using Tensor sixths = PoolTo(6, conv4, input);
        using Tensor joined = cat([input, whole, halves, thirds, sixths], 1);
        return @out.call(joined);
    }

    private static Tensor PoolTo(long bins, ConvBnRelu conv, Tensor input)
    {
        using Tensor pooled = nn.functional.adaptive_avg_pool2d(input, bins);
        using Tensor reduced = conv.call(pooled);
        return Bilinear.ResizeLike(reduced, input);
    }
}
