using FastScnn.Torch.Network;
using static TorchSharp.torch;

namespace FastScnn.Torch.Losses;

/// <summary>Cross-entropy over the hard pixels alone (online hard example mining; Shrivastava, Gupta, Girshick,
/// arXiv:1604.03540), as Tramac/Fast-SCNN-pytorch picks them: a pixel is kept if the probability of its labelled class
/// is not above the threshold. Where that keeps fewer than <see cref="MinKept"/> pixels of the batch, the threshold is
/// raised to the probability of the <see cref="MinKept"/>-th hardest. All are kept if no more than
/// <see cref="MinKept"/> count.</summary>
internal sealed class OhemCrossEntropyLoss : SegmentationLoss
{
    private readonly double[]? _weights;

    /// <summary>Makes the loss.</summary>
    /// <param name="threshold">See <see cref="Threshold"/>.</param>
    /// <param name="minKept">See <see cref="MinKept"/>.</param>
    /// <param name="classWeights">A weight above 0 for each class; all 1 if null.</param>
    /// <param name="ignoreIndex">The label of pixels that do not count.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="threshold"/> or <paramref name="minKept"/> is out
    /// of range.</exception>
    /// <exception cref="ArgumentException">A weight is not above 0 and finite.</exception>
    public OhemCrossEntropyLoss(double threshold = 0.7, int minKept = 256, IEnumerable<double>? classWeights = null,
        long ignoreIndex = DefaultIgnoreIndex)
        : base(ignoreIndex)
    {
        Threshold = threshold is > 0 and <= 1 ? threshold
            : throw Throw.OutOfRange(nameof(threshold), threshold, "above 0 and up to 1");
        MinKept = minKept >= 1 ? minKept : throw Throw.OutOfRange(nameof(minKept), minKept, "1 or more");
        _weights = ClassWeights.Checked(classWeights);
    }

    /// <summary>The highest probability of the labelled class, above 0 and up to 1, with which a pixel still counts as
    /// hard. Default: 0.7.</summary>
    public double Threshold { get; }

    /// <summary>How many pixels of the whole batch are kept at least, 1 or more. Default: 256.</summary>
    public int MinKept { get; }

    /// <inheritdoc/>
    protected internal override Tensor Compute(Tensor logits, Tensor labels, Tensor valid)
    {
        Tensor pixelLosses = nn.functional.cross_entropy(logits, labels, ignore_index: IgnoreIndex,
            reduction: nn.Reduction.None);
        Tensor share = Hard(pixelLosses, valid).to(logits.dtype);
        if (_weights is not null)
            share = share * ClassWeights.ToTensor(_weights, logits)
                .index_select(0, labels.FilledWhere(valid.logical_not(), 0).flatten()).view(labels.shape);
        return (pixelLosses * share).sum() / share.sum();
    }

    // Which pixels are kept: Bool [N, H, W], one or more of them.
    private Tensor Hard(Tensor pixelLosses, Tensor valid)
    {
        using IDisposable noGradients = no_grad();
        if (valid.sum().item<long>() <= MinKept) return valid;
        Tensor probabilities = pixelLosses.neg().exp();
        Tensor hard = probabilities.IsAtMost(Threshold).logical_and(valid);
        if (hard.sum().item<long>() >= MinKept) return hard;
        Tensor hardest = probabilities.masked_select(valid).topk(MinKept, largest: false).values;
        return probabilities.le(hardest[MinKept - 1]).logical_and(valid);
    }

    /// <summary>Names the loss and its settings.</summary>
    public override string ToString() =>
        $"OHEM cross-entropy (threshold {ClassWeights.Number(Threshold)}, {MinKept} kept)"
            + ClassWeights.Text(_weights);
}
