using FastScnn.Torch.Network;
using static TorchSharp.torch;

namespace FastScnn.Torch.Losses;

/// <summary>Cross-entropy of the softmax over classes: the mean of -w ln p over the pixels that count, divided by the
/// mean of w, where p is the probability of the labelled class and w its weight. PyTorch's <c>cross_entropy</c>, with 0
/// for a batch that is all ignored.</summary>
/// <param name="classWeights">A weight above 0 for each class; all 1 if null.</param>
/// <param name="ignoreIndex">The label of pixels that do not count.</param>
/// <exception cref="ArgumentException">A weight is not above 0 and finite.</exception>
internal sealed class SoftmaxCrossEntropyLoss(IEnumerable<double>? classWeights = null,
    long ignoreIndex = SegmentationLoss.DefaultIgnoreIndex)
    : SegmentationLoss(ignoreIndex)
{
    private readonly double[]? _weights = ClassWeights.Checked(classWeights);

    /// <inheritdoc/>
    protected internal override Tensor Compute(Tensor logits, Tensor labels, Tensor valid) =>
        nn.functional.cross_entropy(logits, labels, _weights is null ? null : ClassWeights.ToTensor(_weights, logits),
            IgnoreIndex);

    internal override Tensor Compute(EnlargedLogits logits, Tensor labels, Tensor valid, BatchShare? share)
    {
        Tensor loss = !logits.IsFullSize && EnlargedCrossEntropy.Supports(logits.Small)
            ? EnlargedCrossEntropy.Compute(logits.Small, labels, _weights, IgnoreIndex)
            : Compute(logits.Enlarged, labels, valid);
        return share is null ? loss : loss.Times(share.Of(IgnoreIndex, _weights));
    }

    /// <summary>Names the loss and its settings.</summary>
    public override string ToString() => "cross-entropy" + ClassWeights.Text(_weights);
}
