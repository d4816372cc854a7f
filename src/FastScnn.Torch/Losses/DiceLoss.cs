using FastScnn.Torch.Network;
using static TorchSharp.torch;

namespace FastScnn.Torch.Losses;

/// <summary>1 - the soft Dice coefficient, (2 sum(p g) + s) / (sum(p) + sum(g) + s), where p is the probability of a
/// class, g is 1 on the pixels labelled as it and 0 elsewhere, and s smooths; sums are over the pixels of the whole
/// batch that count, and the mean is over the classes that are labelled in it (after Milletari, Navab, Ahmadi: "V-Net",
/// arXiv:1606.04797, without its squares).</summary>
internal sealed class DiceLoss : SegmentationLoss
{
    /// <summary>Makes the loss.</summary>
    /// <param name="smooth">See <see cref="Smooth"/>.</param>
    /// <param name="ignoreIndex">The label of pixels that do not count.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="smooth"/> is out of range.</exception>
    public DiceLoss(double smooth = 1, long ignoreIndex = DefaultIgnoreIndex) : base(ignoreIndex) =>
        Smooth = smooth is >= 0 and < double.PositiveInfinity ? smooth
            : throw Throw.OutOfRange(nameof(smooth), smooth, "0 or more and finite");

    /// <summary>What is added above and below the line, in pixels, 0 or more: it calms the loss of classes of few
    /// pixels. Default: 1.</summary>
    public double Smooth { get; }

    /// <inheritdoc/>
    protected internal override Tensor Compute(Tensor logits, Tensor labels, Tensor valid)
    {
        LabelledPixels pixels = LabelledPixels.Of(logits, labels, valid);
        Tensor common = (pixels.Probabilities * pixels.Foreground).sum(1);
        Tensor both = pixels.Probabilities.sum(1).Plus(pixels.Foreground.sum(1));
        Tensor dice = common.Times(2).Plus(Smooth) / both.Plus(Smooth);
        return dice.masked_select(pixels.Present).mean().neg().Plus(1);
    }

    /// <summary>Names the loss and its settings.</summary>
    public override string ToString() => $"Dice (smooth {ClassWeights.Number(Smooth)})";
}
