using TorchSharp.Modules;
using static TorchSharp.torch;

namespace FastScnn.Torch.Network;

/// <summary>Two depthwise separable convolutions, dropout, and a 1x1 convolution to a score for each class.</summary>
internal sealed class Classifier : nn.Module<Tensor, Tensor>
{
    private readonly DepthwiseSeparableConv dsconv1;
    private readonly DepthwiseSeparableConv dsconv2;
    private readonly Sequential conv;

    public Classifier(long channels, long classes, double dropout, Generator? random) : base(nameof(Classifier))
    {
        dsconv1 = new(channels, channels);
        dsconv2 = new(channels, channels);
        conv = nn.Sequential(new Dropout(dropout, random), Layers.Convolution(channels, classes, 1, bias: true));
        RegisterComponents();
    }

    public override Tensor forward(Tensor input)
    {
        using Tensor first = dsconv1.call(input);
        using Tensor second = dsconv2.call(first);
        return conv.call(second);
    }
}
