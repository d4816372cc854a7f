using FastScnn.Torch.Network;
using static TorchSharp.torch;

namespace FastScnn.Torch.Losses;

/// <summary>Several losses of the same logits, each times its weight, added.</summary>
internal sealed class WeightedSumLoss : SegmentationLoss
{
    private readonly (double Weight, SegmentationLoss Loss)[] _parts;

    /// <summary>Makes the loss.</summary>
    /// <param name="parts">The losses, one or more, with weights above 0; all ignore the same label.</param>
    /// <exception cref="ArgumentException">There is no part, a weight is not above 0 and finite, or the ignored labels
    /// differ.</exception>
    public WeightedSumLoss(params (double Weight, SegmentationLoss Loss)[] parts)
        : base(Checked(parts)[0].Loss.IgnoreIndex) =>
        _parts = [.. parts];

    /// <inheritdoc/>
    protected internal override Tensor Compute(Tensor logits, Tensor labels, Tensor valid) =>
        Sum(loss => loss.Compute(logits, labels, valid));

    internal override Tensor Compute(EnlargedLogits logits, Tensor labels, Tensor valid, BatchShare? share) =>
        Sum(loss => loss.Compute(logits, labels, valid, share));

    private Tensor Sum(Func<SegmentationLoss, Tensor> compute) =>
        _parts.Select(part => compute(part.Loss).Times(part.Weight)).Aggregate((sum, next) => sum.Plus(next));

    private static (double Weight, SegmentationLoss Loss)[] Checked((double Weight, SegmentationLoss Loss)[] parts)
    {
        ArgumentNullException.ThrowIfNull(parts);
        if (parts.Length == 0) throw new ArgumentException("A sum of losses needs one loss or more.", nameof(parts));
        foreach ((double weight, SegmentationLoss loss) in parts)
        {
            ArgumentNullException.ThrowIfNull(loss, nameof(parts));
            CheckWeight(weight, nameof(parts));
            CheckIgnoreIndex(parts[0].Loss, loss, nameof(parts));
        }
        return parts;
    }

    /// <summary>Names the loss and its settings.</summary>
    public override string ToString() =>
        string.Join(" + ", _parts.Select(part => $"{ClassWeights.Number(part.Weight)} {part.Loss}"));
}
