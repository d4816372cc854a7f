using static TorchSharp.torch;

namespace FastScnn.Torch.Network;

/// <summary>
/// The shared first stage: three convolutions of stride 2, from the image to 64 channels at 1/8 of its size
/// (Fast-SCNN, arXiv:1902.04502, section 3.2.1). The first has no padding, as in the seed.
/// </summary>
internal sealed class LearningToDownsample : nn.Module<Tensor, Tensor>
{
    public const long OutChannels = 64;

    private readonly ConvBnRelu conv;
    private readonly DepthwiseSeparableConv dsconv1;
    private readonly DepthwiseSeparableConv dsconv2;

    public LearningToDownsample(long inputChannels) : base(nameof(LearningToDownsample))
    {
        conv = new(inputChannels, 32, stride: 2);
        dsconv1 = new(32, 48, stride: 2);
        dsconv2 = new(48, OutChannels, stride: 2);
        RegisterComponents();
    }

    public override Tensor forward(Tensor input)
    {
        using Tensor half = conv.call(input);
        using Tensor quarter = dsconv1.call(half);
        return dsconv2.call(quarter);
    }
}
