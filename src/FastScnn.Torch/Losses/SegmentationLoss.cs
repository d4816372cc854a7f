using FastScnn.Torch.Data;
using FastScnn.Torch.Network;
using TorchSharp;
using static System.FormattableString;
using static TorchSharp.torch;

namespace FastScnn.Torch.Losses;

/// <summary>Compares logits with labels, pixel by pixel. A loss holds no tensors: it can be used on any device, by
/// several threads, and needs no disposal. Derive from it to make one of your own.</summary>
/// <param name="ignoreIndex">The label of pixels that do not count.</param>
/// <example><code>
/// var loss = SegmentationLoss.Sum((1, SegmentationLoss.CrossEntropy()), (0.5, SegmentationLoss.Lovasz()));
/// </code></example>
public abstract class SegmentationLoss(long ignoreIndex)
{
    /// <summary>The label of ignored pixels by default: that of <see cref="ClassList.IgnoreIndex"/>.</summary>
    public const long DefaultIgnoreIndex = 255;

    /// <summary>The label of pixels that do not count.</summary>
    public long IgnoreIndex { get; } = ignoreIndex;

    /// <summary>Cross-entropy of the softmax over classes: the mean of -w ln p over the pixels that count, divided by
    /// the mean of w, where p is the probability of the labelled class and w its weight. PyTorch's
    /// <c>cross_entropy</c>, with 0 for a batch that is all ignored.</summary>
    /// <param name="classWeights">A weight above 0 for each class; all 1 if null.</param>
    /// <param name="ignoreIndex">The label of pixels that do not count.</param>
    /// <exception cref="ArgumentException">A weight is not above 0 and finite.</exception>
    public static SegmentationLoss CrossEntropy(IEnumerable<double>? classWeights = null,
        long ignoreIndex = DefaultIgnoreIndex) => new SoftmaxCrossEntropyLoss(classWeights, ignoreIndex);

    /// <summary>Cross-entropy over the hard pixels alone (online hard example mining; Shrivastava, Gupta, Girshick,
    /// arXiv:1604.03540), as Tramac/Fast-SCNN-pytorch picks them: a pixel is kept if the probability of its labelled
    /// class is not above the threshold. Where that keeps too few pixels of the batch, the threshold is raised to the
    /// probability of the <paramref name="minKept"/>-th hardest. All are kept if no more than that count.</summary>
    /// <param name="threshold">The highest probability of the labelled class, above 0 and up to 1, with which a pixel
    /// still counts as hard.</param>
    /// <param name="minKept">How many pixels of the whole batch are kept at least, 1 or more.</param>
    /// <param name="classWeights">A weight above 0 for each class; all 1 if null.</param>
    /// <param name="ignoreIndex">The label of pixels that do not count.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="threshold"/> or <paramref name="minKept"/> is out
    /// of range.</exception>
    /// <exception cref="ArgumentException">A weight is not above 0 and finite.</exception>
    public static SegmentationLoss Ohem(double threshold = 0.7, int minKept = 256,
        IEnumerable<double>? classWeights = null, long ignoreIndex = DefaultIgnoreIndex) =>
        new OhemCrossEntropyLoss(threshold, minKept, classWeights, ignoreIndex);

    /// <summary>1 - the soft Dice coefficient, (2 sum(p g) + s) / (sum(p) + sum(g) + s), where p is the probability of
    /// a class, g is 1 on the pixels labelled as it and 0 elsewhere, and s smooths; sums are over the pixels of the
    /// whole batch that count, and the mean is over the classes that are labelled in it (after Milletari, Navab,
    /// Ahmadi: "V-Net", arXiv:1606.04797, without its squares).</summary>
    /// <param name="smooth">What is added above and below the line, in pixels, 0 or more: it calms the loss of classes
    /// of few pixels.</param>
    /// <param name="ignoreIndex">The label of pixels that do not count.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="smooth"/> is out of range.</exception>
    public static SegmentationLoss Dice(double smooth = 1, long ignoreIndex = DefaultIgnoreIndex) =>
        new DiceLoss(smooth, ignoreIndex);

    /// <summary>The Lovasz-softmax loss, a convex extension of 1 - IoU (Berman, Rannen Triki, Blaschko,
    /// arXiv:1705.08790): for each class that is labelled in the batch, the errors |g - p| of all pixels that count,
    /// largest first, are weighted by how much each one adds to the Jaccard loss; the mean is over those
    /// classes.</summary>
    /// <param name="ignoreIndex">The label of pixels that do not count.</param>
    public static SegmentationLoss Lovasz(long ignoreIndex = DefaultIgnoreIndex) => new LovaszSoftmaxLoss(ignoreIndex);

    /// <summary>Several losses of the same logits, each times its weight, added.</summary>
    /// <param name="parts">The losses, one or more, with weights above 0; all ignore the same label.</param>
    /// <exception cref="ArgumentException">There is no part, a weight is not above 0 and finite, or the ignored labels
    /// differ.</exception>
    public static SegmentationLoss Sum(params (double Weight, SegmentationLoss Loss)[] parts) =>
        new WeightedSumLoss(parts);

    /// <summary>The weights of the 19 Cityscapes classes that Tramac/Fast-SCNN-pytorch uses with OHEM, by train
    /// id.</summary>
    public static IReadOnlyList<double> CityscapesWeights => ClassWeights.Cityscapes;

    /// <summary>Class weights by median frequency balancing (Eigen, Fergus, arXiv:1411.4734, section 6.3.2; SegNet,
    /// arXiv:1511.00561): the frequency of a class is its share of the labelled pixels of the masks that show it, and
    /// its weight the median frequency over its own. Reads every mask, on all processors; images are not
    /// read.</summary>
    /// <param name="dataset">The data that is learned from.</param>
    /// <param name="power">The exponent of the weights: 1 for those of the papers, 0.5 for milder ones; above 0 and
    /// up to 1.</param>
    /// <param name="cancellationToken">Ends the work with an <see cref="OperationCanceledException"/>.</param>
    /// <returns>A weight for each class; 1 for a class that no mask shows.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="power"/> is out of range.</exception>
    /// <exception cref="InvalidDataException">A mask cannot be read; the message names the file.</exception>
    /// <exception cref="IOException">A mask cannot be opened.</exception>
    public static IReadOnlyList<double> MedianFrequencyWeights(SegmentationDataset dataset, double power = 1,
        CancellationToken cancellationToken = default) =>
        ClassWeights.MedianFrequency(ClassFrequencies.Count(dataset, cancellationToken), power);

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

    /// <summary>Computes the loss of logits that are smaller than the labels, or what a part of a batch adds to the
    /// loss of the whole: exactly so for cross-entropy, which is a mean over pixels. A loss that is defined over the
    /// batch becomes the mean over its parts, by the pixels that count.</summary>
    internal virtual Tensor Compute(EnlargedLogits logits, Tensor labels, Tensor valid, BatchShare? share)
    {
        Tensor loss = Compute(logits.Enlarged, labels, valid);
        return share is null ? loss : loss.Times(share.Of(IgnoreIndex));
    }

    internal static void Check(Tensor logits, Tensor labels, bool smaller = false)
    {
        ArgumentNullException.ThrowIfNull(logits);
        ArgumentNullException.ThrowIfNull(labels);
        long[] scores = logits.shape, ids = labels.shape;
        bool fits = scores.Length == 4 && ids.Length == 3 && scores[0] == ids[0]
            && (smaller ? scores[2] <= ids[1] && scores[3] <= ids[2] : scores[2] == ids[1] && scores[3] == ids[2]);
        if (!fits)
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
            + "or another ignore index?", nameof(labels));
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

    /// <summary>The factor of the loss of the auxiliary logits. Default: 0.4, as in the paper.</summary>
    public double AuxiliaryWeight { get; }

    public SegmentationLoss Auxiliary { get; }

    /// <summary>Computes the loss of a batch.</summary>
    /// <param name="output">The output of the network, which is enlarged to the size of the labels where it is smaller;
    /// without auxiliary logits their part is left out.</param>
    /// <param name="labels">As for <see cref="SegmentationLoss.Forward"/>.</param>
    /// <param name="share">Where this is a part of a batch: which one; the result is then what it adds to the loss of
    /// the whole.</param>
    /// <returns>One number, which the caller owns; exactly 0, and so its gradient, where every pixel is
    /// ignored.</returns>
    /// <exception cref="ArgumentException">As for <see cref="SegmentationLoss.Forward"/>.</exception>
    public Tensor Forward(FastScnnOutput output, Tensor labels, BatchShare? share = null)
    {
        ArgumentNullException.ThrowIfNull(output);
        Tensor? auxiliary = output.AuxiliaryLogits;
        SegmentationLoss.Check(output.Logits, labels, smaller: true);
        if (auxiliary is not null) SegmentationLoss.Check(auxiliary, labels, smaller: true);
        using DisposeScope scope = NewDisposeScope();
        // The labels are the same for both, so they are looked through once, for the head of fewer classes where they
        // differ.
        Tensor? valid = Loss.Valid(auxiliary?.shape[1] < output.Logits.shape[1] ? auxiliary : output.Logits, labels);
        Tensor loss = Compute(Loss, output.Logits);
        if (auxiliary is not null) loss = loss.Plus(Compute(Auxiliary, auxiliary).Times(AuxiliaryWeight));
        return loss.MoveToOuterDisposeScope();

        Tensor Compute(SegmentationLoss part, Tensor logits) => valid is null ? SegmentationLoss.Nothing(logits)
            : part.Compute(new EnlargedLogits(logits, labels), labels, valid, share);
    }
}

/// <summary>Logits that are enlarged to the size of the labels once a loss asks for them so. The caller's dispose scope
/// takes care of the tensors.</summary>
/// <param name="small">Logits [N, classes, h, w], h and w up to those of the labels.</param>
/// <param name="labels">Labels [N, H, W].</param>
internal sealed class EnlargedLogits(Tensor small, Tensor labels)
{
    public Tensor Small => small;

    public bool IsFullSize => small.shape[^2] == labels.shape[^2] && small.shape[^1] == labels.shape[^1];

    public Tensor Enlarged => field ??= IsFullSize ? small : Bilinear.ResizeLike(small, labels);
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
        Tensor foreground = ScalarOperations.Range(0, classes, labels.device).unsqueeze(1).eq(ids.unsqueeze(0));
        return new(scores.softmax(0), foreground, foreground.any(1));
    }
}
