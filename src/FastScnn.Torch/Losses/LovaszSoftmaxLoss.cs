using FastScnn.Torch.Network;
using static TorchSharp.torch;

namespace FastScnn.Torch.Losses;

/// <summary>A convex extension of 1 - IoU (Berman, Rannen Triki, Blaschko: "The Lovasz-Softmax loss",
/// arXiv:1705.08790): for each class that is labelled in the batch, the errors |g - p| of all pixels that count,
/// largest first, are weighted by how much each one adds to the Jaccard loss; the mean is over those classes.</summary>
/// <param name="ignoreIndex">The label of pixels that do not count.</param>
internal sealed class LovaszSoftmaxLoss(long ignoreIndex = SegmentationLoss.DefaultIgnoreIndex)
    : SegmentationLoss(ignoreIndex)
{
    /// <inheritdoc/>
    protected internal override Tensor Compute(Tensor logits, Tensor labels, Tensor valid)
    {
        LabelledPixels pixels = LabelledPixels.Of(logits, labels, valid);
        Tensor present = pixels.Present.nonzero().flatten();
        Tensor foreground = pixels.Foreground.index_select(0, present);
        Tensor errors = (foreground.to(logits.dtype) - pixels.Probabilities.index_select(0, present)).abs();
        (Tensor sorted, Tensor order) = errors.sort(1, descending: true);
        return (sorted * JaccardGradient(foreground.gather(1, order), logits.dtype)).sum(1).mean();
    }

    // With U and I the union and intersection once all pixels so far are wrong, a pixel of the class lowers I by one
    // and so adds 1 / U; another raises U by one and adds I / (U - 1) - I / U. Differences of Jaccard losses, as
    // published, would cancel.
    private static Tensor JaccardGradient(Tensor foreground, ScalarType type)
    {
        using IDisposable noGradients = no_grad();
        Tensor missed = foreground.cumsum(1, ScalarType.Int64);
        Tensor intersection = (foreground.sum(1, keepdim: true) - missed).to(type);
        Tensor position = ScalarOperations.Range(1, foreground.shape[1] + 1, foreground.device);
        Tensor union = intersection.Plus(position);
        return where(foreground, union.reciprocal(), intersection / (union * union.Plus(-1)));
    }

    /// <summary>Names the loss and its settings.</summary>
    public override string ToString() => "Lovasz-softmax";
}
