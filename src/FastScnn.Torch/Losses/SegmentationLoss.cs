using FastScnn.Torch.Network;
using TorchSharp;
using static TorchSharp.torch;

namespace FastScnn.Torch.Losses;

/// <summary>
/// Compares logits with labels, pixel by pixel. A loss holds no tensors: it can be used on any device, by several threads, and
/// needs no disposal.
/// </summary>
/// <param name="ignoreIndex">The label of pixels that do not count.</param>
public abstract class SegmentationLoss(long ignoreIndex)
{
    /// <summary>The label of ignored pixels by default: that of <see cref="Data.ClassList.IgnoreIndex"/>.</summary>
    public const long DefaultIgnoreIndex = 255;

    /// <summary>The label of pixels that do not count.</summary>
    public long IgnoreIndex { get; } = ignoreIndex;

    /// <summary>Computes the loss of a batch.</summary>
    /// <param name="logits">A score for each class and pixel [N, classes, H, W], of a floating-point type.</param>
    /// <param name="labels">A class, or <see cref="IgnoreIndex"/>, for each pixel: Int64 [N, H, W], on the device of the logits.</param>
    /// <returns>
    /// One number of the type of the logits, which the caller owns. Where every pixel is ignored it is exactly 0, and so is its gradient.
    /// Every other tensor made on the way is disposed, but for what the backward pass needs.
    /// </returns>
    /// <exception cref="ArgumentException">Shapes, types or devices do not fit, or a label is neither a class nor ignored.</exception>
    public Tensor Forward(Tensor logits, Tensor labels)
    {
        Check(logits, labels);
        using DisposeScope scope = NewDisposeScope();
        Tensor? valid = Valid(logits, labels);
        return (valid is null ? Nothing(logits) : Compute(logits, labels, valid)).MoveToOuterDisposeScope();
    }

    /// <summary>Which pixels count: Bool [N, H, W], null where none does. The caller's dispose scope takes care of it.</summary>
    /// <exception cref="ArgumentException">A label is neither a class nor ignored.</exception>
    internal Tensor? Valid(Tensor logits, Tensor labels)
    {
        Tensor valid = labels.Differs(IgnoreIndex);
        CheckClasses(labels, valid, logits.shape[1]);
        return valid.any().item<bool>() ? valid : null;
    }

    /// <summary>The loss where nothing counts, which would be 0 / 0: this sum of no elements is 0 whatever the logits are, and can be differentiated.</summary>
    internal static Tensor Nothing(Tensor logits) => logits.narrow(0, 0, 0).sum();

    /// <summary>Computes the loss of a batch that was checked and has a pixel that counts. The caller's dispose scope takes care of the tensors.</summary>
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
        if (scores.Length != 4 || ids.Length != 3 || scores[0] != ids[0] || scores[2] != ids[1] || scores[3] != ids[2]) throw Errors.LossShapes(scores, ids);
        if (labels.dtype != ScalarType.Int64) throw Errors.LossLabelType(labels.dtype.ToString());
        if (logits.device_type != labels.device_type || logits.device_index != labels.device_index)
            throw Errors.LossDevices(logits.device.ToString(), labels.device.ToString());
    }

    // On a GPU libtorch would answer such a label with a device assert, after which the process can do nothing more.
    private void CheckClasses(Tensor labels, Tensor valid, long classes)
    {
        Tensor wrong = labels.IsBelow(0).logical_or(labels.IsAtLeast(classes)).logical_and(valid);
        if (!wrong.any().item<bool>()) return;
        Tensor found = labels.masked_select(wrong);
        throw Errors.LossLabel(found[0].item<long>(), found.numel(), classes, IgnoreIndex);
    }
}
