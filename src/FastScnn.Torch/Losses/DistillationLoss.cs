using FastScnn.Torch.Network;
using TorchSharp;
using static TorchSharp.torch;

namespace FastScnn.Torch.Losses;

/// <summary>How far the student's distribution over the classes is from the teacher's: the Kullback-Leibler divergence
/// sum(q (ln q - ln p)) of each place, in the mean over the places that the teacher speaks of. q are the teacher's
/// probabilities, p the softmax of the student's logits, both at a temperature T, whose square keeps the gradients as
/// large as they are without one (Hinton, Vinyals, Dean, arXiv:1503.02531, section 2; by place as Liu et al.,
/// arXiv:1903.04197, section 3.1).</summary>
/// <param name="weight">The factor of the loss, above 0.</param>
/// <param name="temperature">The temperature, above 0.</param>
internal sealed class DistillationLoss(double weight, double temperature)
{
    /// <summary>What a batch, or a part of it, adds to the loss of the whole.</summary>
    /// <param name="logits">The student's logits [N, classes, h, w].</param>
    /// <param name="probabilities">The teacher's probabilities at the temperature, of the same shape; all 0 where it
    /// does not speak.</param>
    /// <param name="places">How many places of the whole batch it speaks of.</param>
    /// <returns>One number, which the caller owns.</returns>
    public Tensor Forward(Tensor logits, Tensor probabilities, long places)
    {
        if (places == 0) return SegmentationLoss.Nothing(logits);
        using DisposeScope scope = NewDisposeScope();
        Tensor logarithms = logits.DividedBy(temperature).log_softmax(1);
        // Its derivative takes a q of 0 times the logarithm of 0 as 0.
        Tensor sum = nn.functional.kl_div(logarithms, probabilities, log_target: false,
            reduction: nn.Reduction.Sum);
        return sum.Times(weight * temperature * temperature / places).MoveToOuterDisposeScope();
    }
}
