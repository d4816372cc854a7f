using FastScnn.Torch.Network;
using TorchSharp;
using static TorchSharp.torch;

namespace FastScnn.Torch.Losses;

/// <summary>The loss of all that the network gives: that of its logits, plus that of the auxiliary head's times a weight.</summary>
public sealed class OutputLoss
{
    /// <summary>Makes the loss.</summary>
    /// <param name="loss">The loss of the logits.</param>
    /// <param name="auxiliaryWeight">See <see cref="AuxiliaryWeight"/>.</param>
    /// <param name="auxiliary">The loss of the auxiliary logits; that of the logits if null. Both ignore the same label.</param>
    /// <exception cref="ArgumentException">The weight is not above 0 and finite, or the ignored labels differ.</exception>
    public OutputLoss(SegmentationLoss loss, double auxiliaryWeight = 0.4, SegmentationLoss? auxiliary = null)
    {
        ArgumentNullException.ThrowIfNull(loss);
        if (auxiliaryWeight is not (> 0 and < double.PositiveInfinity)) throw Errors.LossWeight(auxiliaryWeight, nameof(auxiliaryWeight));
        if (auxiliary is not null && auxiliary.IgnoreIndex != loss.IgnoreIndex)
            throw Errors.LossIgnoreIndex(loss.IgnoreIndex, auxiliary.IgnoreIndex, nameof(auxiliary));
        (Loss, AuxiliaryWeight, Auxiliary) = (loss, auxiliaryWeight, auxiliary ?? loss);
    }

    /// <summary>The loss of the logits.</summary>
    public SegmentationLoss Loss { get; }

    /// <summary>What the loss of the auxiliary logits is multiplied by. Default: 0.4, as in the paper.</summary>
    public double AuxiliaryWeight { get; }

    /// <summary>The loss of the auxiliary logits.</summary>
    public SegmentationLoss Auxiliary { get; }

    /// <summary>Computes the loss of a batch.</summary>
    /// <param name="output">The full-size output of the network; without auxiliary logits their part is left out.</param>
    /// <param name="labels">As for <see cref="SegmentationLoss.Forward"/>.</param>
    /// <returns>One number, which the caller owns; exactly 0, and so its gradient, where every pixel is ignored.</returns>
    /// <exception cref="ArgumentException">As for <see cref="SegmentationLoss.Forward"/>.</exception>
    public Tensor Forward(FastScnnOutput output, Tensor labels)
    {
        ArgumentNullException.ThrowIfNull(output);
        if (output.AuxiliaryLogits is not { } auxiliary) return Loss.Forward(output.Logits, labels);
        SegmentationLoss.Check(output.Logits, labels);
        SegmentationLoss.Check(auxiliary, labels);
        using DisposeScope scope = NewDisposeScope();
        // The labels are the same for both, so they are looked through once, for the head of fewer classes where they differ.
        Tensor? valid = Loss.Valid(auxiliary.shape[1] < output.Logits.shape[1] ? auxiliary : output.Logits, labels);
        Tensor loss = valid is null
            ? SegmentationLoss.Nothing(output.Logits) + SegmentationLoss.Nothing(auxiliary)
            : Loss.Compute(output.Logits, labels, valid) + Auxiliary.Compute(auxiliary, labels, valid).Times(AuxiliaryWeight);
        return loss.MoveToOuterDisposeScope();
    }
}
