using TorchSharp.Modules;
using static TorchSharp.torch;

namespace FastScnn.Torch.Network;

/// <summary>
/// The deep branch at 1/32 of the image: three stages of bottlenecks and pyramid pooling, 64 to 128 channels
/// (Fast-SCNN, arXiv:1902.04502, section 3.2.2).
/// </summary>
internal sealed class GlobalFeatureExtractor : nn.Module<Tensor, Tensor>
{
    public const long OutChannels = 128;

    private readonly Sequential bottleneck1;
    private readonly Sequential bottleneck2;
    private readonly Sequential bottleneck3;
    private readonly PyramidPooling ppm;

    public GlobalFeatureExtractor() : base(nameof(GlobalFeatureExtractor))
    {
        bottleneck1 = LinearBottleneck.Stage(LearningToDownsample.OutChannels, 64, stride: 2);
        bottleneck2 = LinearBottleneck.Stage(64, 96, stride: 2);
        bottleneck3 = LinearBottleneck.Stage(96, OutChannels, stride: 1);
        ppm = new(OutChannels);
        RegisterComponents();
    }

    /// <inheritdoc cref="PyramidPooling.NeedsSeveralImages"/>
    public bool NeedsSeveralImages => ppm.NeedsSeveralImages;

    public override Tensor forward(Tensor input)
    {
        using Tensor stage1 = bottleneck1.call(input);
        using Tensor stage2 = bottleneck2.call(stage1);
        using Tensor stage3 = bottleneck3.call(stage2);
        return ppm.call(stage3);
    }
}
