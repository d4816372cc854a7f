using TorchSharp;
using static TorchSharp.torch;

namespace FastScnn.Torch.Network;

/// <summary>The one way of enlarging that Fast-SCNN uses.</summary>
internal static class Bilinear
{
    /// <summary>Resizes [N, C, h, w] to the height and width of another tensor (its last two dimensions), corner pixels on corner pixels.</summary>
    public static Tensor ResizeLike(Tensor input, Tensor target) =>
        nn.functional.interpolate(input, [target.shape[^2], target.shape[^1]], mode: InterpolationMode.Bilinear, align_corners: true);
}
