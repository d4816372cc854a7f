using FastScnn.Torch.Data;
using FastScnn.Torch.Data.Loading;
using FastScnn.Torch.Metrics;
using FastScnn.Torch.Network;
using TorchSharp;
using static TorchSharp.torch;
using static System.FormattableString;

namespace FastScnn.Torch.Training;

/// <summary>Scores a network on whole images of any size: single scale, no flipping, arg-max of the logits enlarged to
/// the size of the image. A side that would reach the network below <see cref="FastScnnNetwork.MinimumSize"/> is
/// enlarged to that first.</summary>
internal sealed class NetworkEvaluator
{
    private readonly BatchLoader _loader;
    private readonly Normalization _normalization;
    private readonly double _inputScale;
    private readonly byte _ignoreIndex;

    public NetworkEvaluator(SegmentationDataset dataset, Func<Stream, PixelBuffer> decoder,
        Normalization? normalization = null,
        double inputScale = 1, LoaderOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        _loader = new BatchLoader(dataset, decoder, augmenter: null,
            (options ?? new()) with { BatchSize = options?.Slices ?? 1, Shuffle = false, DropLast = false });
        _normalization = normalization ?? Normalization.ImageNet;
        _inputScale = Check.Range(inputScale, 0.25, 8, nameof(inputScale));
        (_ignoreIndex, ClassCount) = (dataset.Classes.IgnoreIndex, dataset.Classes.Count);
    }

    public int ClassCount { get; }

    /// <summary>Counts the pixels of all images by label and prediction. The network is in evaluation mode
    /// afterwards.</summary>
    /// <exception cref="ArgumentException">The network has another number of classes.</exception>
    /// <exception cref="InvalidDataException">An image or mask cannot be read; the message names the
    /// files.</exception>
    public ConfusionCounts Evaluate(FastScnnNetwork network, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(network);
        if (network.Options.Classes != ClassCount)
            throw new ArgumentException(Invariant($"The network has {network.Options.Classes} classes and the data ")
                + Invariant($"set {ClassCount}; the numbers must be equal."), nameof(network));
        network.eval();
        ConfusionCounts counts = new(ClassCount);
        using BatchTensors tensors = new(_normalization, network.parameters().First().device);
        using IDisposable noGradients = no_grad();
        foreach (SegmentationBatch batch in _loader.ReadEpoch(0, cancellationToken: cancellationToken))
        {
            using DisposeScope scope = NewDisposeScope();
            counts.Add(batch.Labels, Predict(network, tensors.Images(batch, ..)), _ignoreIndex);
        }
        return counts;
    }

    private byte[] Predict(FastScnnNetwork network, Tensor image)
    {
        Tensor enlarged = Enlarge(image);
        Tensor input = _inputScale == 1 ? enlarged
            : nn.functional.interpolate(enlarged, scale_factor: [_inputScale, _inputScale],
                mode: InterpolationMode.Bilinear, align_corners: false);
        Tensor logits = Bilinear.ResizeLike(network.ForwardAtEighth(input).Logits, image);
        return logits.argmax(1).to(ScalarType.Byte).cpu().bytes.ToArray();
    }

    private Tensor Enlarge(Tensor image)
    {
        long smallest = (long)Math.Ceiling(FastScnnNetwork.MinimumSize / _inputScale);
        long[] size = [Math.Max(image.shape[^2], smallest), Math.Max(image.shape[^1], smallest)];
        return size.SequenceEqual(image.shape[^2..]) ? image
            : nn.functional.interpolate(image, size, mode: InterpolationMode.Bilinear, align_corners: false);
    }
}
