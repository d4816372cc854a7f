using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace FastScnn.Torch.Network;

/// <summary>
/// Adds the deep features, enlarged, to the early ones (Fast-SCNN, arXiv:1902.04502, table 3). The seed enlarges by 4, which
/// fits only some sizes; enlarging to the size of the early features is the same there and fits all.
/// </summary>
internal sealed class FeatureFusion : nn.Module<Tensor, Tensor, Tensor>
{
    private readonly DepthwiseConv dwconv;

    [ComponentName(Name = "conv_lower_res")]
    private readonly Sequential convLowerRes;

    [ComponentName(Name = "conv_higher_res")]
    private readonly Sequential convHigherRes;

    public FeatureFusion(long higherChannels, long channels) : base(nameof(FeatureFusion))
    {
        dwconv = new(channels);
        convLowerRes = nn.Sequential(Layers.Convolution(channels, channels, 1, bias: true), Layers.BatchNorm(channels));
        convHigherRes = nn.Sequential(Layers.Convolution(higherChannels, channels, 1, bias: true), Layers.BatchNorm(channels));
        RegisterComponents();
    }

    /// <param name="higher">The early features at 1/8 of the image.</param>
    /// <param name="lower">The deep features at 1/32 of the image.</param>
    public override Tensor forward(Tensor higher, Tensor lower)
    {
        using Tensor enlarged = Bilinear.ResizeLike(lower, higher);
        using Tensor smoothed = dwconv.call(enlarged);
        using Tensor lowerBranch = convLowerRes.call(smoothed);
        using Tensor higherBranch = convHigherRes.call(higher);
        using Tensor sum = higherBranch + lowerBranch;
        return nn.functional.relu(sum);
    }
}
