using FastScnn.Torch.Network;
using TorchSharp;
using static System.FormattableString;
using static TorchSharp.torch;

namespace FastScnn.Torch.Losses;

/// <summary>Compares logits with labels, pixel by pixel. A loss holds no tensors: it can be used on any device, by
/// several threads, and needs no disposal.</summary>
/// <param name="ignoreIndex">The label of pixels that do not count.</param>
public abstract class SegmentationLoss(long ignoreIndex)
{
    /// <summary>The label of ignored pixels by default: that of <see cref="Data.ClassList.IgnoreIndex"/>.</summary>
    public const long DefaultIgnoreIndex = 255;

    /// <summary>The label of pixels that do not count.</summary>
    public long IgnoreIndex { get; } = ignoreIndex;

    /// <summary>Computes the loss of a batch.</summary>
    /// <param name="logits">A score for each class and pixel [N, classes, H, W], of a floating-point type.</param>
    /// <param name="labels">A class, or <see cref="IgnoreIndex"/>, for each pixel: Int64 [N, H, W], on the device of
    /// the logits.</param>
    /// <returns>
    /// One number of the type of the logits, which the caller owns. Where every pixel is ignored it is exactly 0, and
    /// so is its gradient. Every other tensor made on the way is disposed, but for what the backward pass needs.
    /// </returns>
    /// <exception cref="ArgumentException">Shapes, types or devices do not fit, or a label is neither a class nor
    /// ignored.</exception>
    public Tensor Forward(Tensor logits, Tensor labels)
    {
        Check(logits, labels);
        using DisposeScope scope = NewDisposeScope();
        Tensor? valid = Valid(logits, labels);
        return (valid is null ? Nothing(logits) : Compute(logits, labels, valid)).MoveToOuterDisposeScope();
    }

    /// <summary>Which pixels count: Bool [N, H, W], null where none does. The caller's dispose scope takes care of
    /// it.</summary>
    /// <exception cref="ArgumentException">A label is neither a class nor ignored.</exception>
    internal Tensor? Valid(Tensor logits, Tensor labels)
    {
        Tensor valid = labels.Differs(IgnoreIndex);
        CheckClasses(labels, valid, logits.shape[1]);
        return valid.any().item<bool>() ? valid : null;
    }

    /// <summary>The loss where nothing counts, which would be 0 / 0: this sum of no elements is 0 whatever the logits
    /// are, and can be differentiated.</summary>
    internal static Tensor Nothing(Tensor logits) => logits.narrow(0, 0, 0).sum();

    /// <summary>Computes the loss of a batch that was checked and has a pixel that counts. The caller's dispose scope
    /// takes care of the tensors.</summary>
    /// <param name="logits">As for <see cref="Forward"/>.</param>
    /// <param name="labels">As for <see cref="Forward"/>.</param>
    /// <param name="valid">Bool [N, H, W]: which pixels count.</param>
    /// <returns>One number of the type of the logits.</returns>
    protected internal abstract Tensor Compute(Tensor logits, Tensor labels, Tensor valid);

    internal static void Check(Tensor logits, Tensor labels)
    {
        ArgumentNullException.ThrowIfNull(logits);
        ArgumentNullException.ThrowIfNull(labels);
        long[] scores = logits.shape, ids = labels.shape;
        if (scores.Length != 4 || ids.Length != 3 || scores[0] != ids[0] || scores[2] != ids[1] || scores[3] != ids[2])
        {
            throw new ArgumentException(
                $"The logits have the shape {ErrorText.Shape(scores)} and the labels {ErrorText.Shape(ids)}; logits "
                + "[N, classes, H, W] and labels [N, H, W] with equal N, H and W are expected.", nameof(labels));
        }
        if (labels.dtype != ScalarType.Int64)
            throw new ArgumentException(
                $"The labels are {labels.dtype}; a loss takes them as Int64. Convert them with .to(ScalarType.Int64).",
                nameof(labels));
        if (logits.device_type != labels.device_type || logits.device_index != labels.device_index)
            throw new ArgumentException(
                $"The logits are on {logits.device}, but the labels are on {labels.device}. Move one to the other "
                    + "with .to(...).", nameof(labels));
    }

    // On a GPU libtorch would answer such a label with a device assert, after which the process can do nothing more.
    private void CheckClasses(Tensor labels, Tensor valid, long classes)
    {
        Tensor wrong = labels.IsBelow(0).logical_or(labels.IsAtLeast(classes)).logical_and(valid);
        if (!wrong.any().item<bool>()) return;
        Tensor found = labels.masked_select(wrong);
        throw new ArgumentException(
            $"{found.numel()} pixels have labels that are no class, the first of them {found[0].item<long>()}: the "
            + $"classes are 0 to {classes - 1}, and {IgnoreIndex} is ignored. Is this the label of another data set, "
            + "or another "
            + "ignore index?", nameof(labels));
    }

    internal static void CheckWeight(double weight, string name)
    {
        if (weight is not (> 0 and < double.PositiveInfinity))
            throw new ArgumentException(Invariant($"A loss has the weight {weight}; it must be above 0 and finite."),
                name);
    }

    internal static void CheckIgnoreIndex(SegmentationLoss first, SegmentationLoss other, string name)
    {
        if (first.IgnoreIndex != other.IgnoreIndex)
            throw new ArgumentException(
                $"One loss ignores the label {first.IgnoreIndex} and another {other.IgnoreIndex}; all parts must "
                    + "ignore the same.", name);
    }
}

/// <summary>The loss of all that the network gives: that of its logits, plus that of the auxiliary head's times a
/// weight.</summary>
internal sealed class OutputLoss
{
    /// <summary>Makes the loss.</summary>
    /// <param name="loss">The loss of the logits.</param>
    /// <param name="auxiliaryWeight">See <see cref="AuxiliaryWeight"/>.</param>
    /// <param name="auxiliary">The loss of the auxiliary logits; that of the logits if null. Both ignore the same
    /// label.</param>
    /// <exception cref="ArgumentException">The weight is not above 0 and finite, or the ignored labels
    /// differ.</exception>
    public OutputLoss(SegmentationLoss loss, double auxiliaryWeight = 0.4, SegmentationLoss? auxiliary = null)
    {
        ArgumentNullException.ThrowIfNull(loss);
        SegmentationLoss.CheckWeight(auxiliaryWeight, nameof(auxiliaryWeight));
        if (auxiliary is not null) SegmentationLoss.CheckIgnoreIndex(loss, auxiliary, nameof(auxiliary));
        (Loss, AuxiliaryWeight, Auxiliary) = (loss, auxiliaryWeight, auxiliary ?? loss);
    }

    public SegmentationLoss Loss { get; }

    /// <summary>What the loss of the auxiliary logits is multiplied by. Default: 0.4, as in the paper.</summary>
    public double AuxiliaryWeight { get; }

    public SegmentationLoss Auxiliary { get; }

    /// <summary>Computes the loss of a batch.</summary>
    /// <param name="output">The full-size output of the network; without auxiliary logits their part is left
    /// out.</param>
    /// <param name="labels">As for <see cref="SegmentationLoss.Forward"/>.</param>
    /// <returns>One number, which the caller owns; exactly 0, and so its gradient, where every pixel is
    /// ignored.</returns>
    /// <exception cref="ArgumentException">As for <see cref="SegmentationLoss.Forward"/>.</exception>
    public Tensor Forward(FastScnnOutput output, Tensor labels)
    {
        ArgumentNullException.ThrowIfNull(output);
        if (output.AuxiliaryLogits is not { } auxiliary) return Loss.Forward(output.Logits, labels);
        SegmentationLoss.Check(output.Logits, labels);
        SegmentationLoss.Check(auxiliary, labels);
        using DisposeScope scope = NewDisposeScope();
        // The labels are the same for both, so they are looked through once, for the head of fewer classes where they
        // differ.
        Tensor? valid = Loss.Valid(auxiliary.shape[1] < output.Logits.shape[1] ? auxiliary : output.Logits, labels);
        Tensor loss = valid is null
            ? SegmentationLoss.Nothing(output.Logits) + SegmentationLoss.Nothing(auxiliary)
            : Loss.Compute(output.Logits, labels, valid)
                + Auxiliary.Compute(auxiliary, labels, valid).Times(AuxiliaryWeight);
        return loss.MoveToOuterDisposeScope();
    }
}

/// <summary>The pixels of a batch that count, as the losses over regions take them: a row for each class.</summary>
/// <param name="Probabilities">The softmax over classes [classes, pixels].</param>
/// <param name="Foreground">Bool [classes, pixels]: which pixels are labelled as the class.</param>
/// <param name="Present">Bool [classes]: which classes are labelled at all.</param>
internal readonly record struct LabelledPixels(Tensor Probabilities, Tensor Foreground, Tensor Present)
{
    public static LabelledPixels Of(Tensor logits, Tensor labels, Tensor valid)
    {
        long classes = logits.shape[1];
        Tensor pixels = valid.flatten().nonzero().flatten();
        Tensor scores = logits.transpose(0, 1).flatten(1).index_select(1, pixels);
        Tensor ids = labels.flatten().index_select(0, pixels);
        Tensor foreground = arange(classes, device: labels.device).unsqueeze(1).eq(ids.unsqueeze(0));
        return new(scores.softmax(0), foreground, foreground.any(1));
    }
}
