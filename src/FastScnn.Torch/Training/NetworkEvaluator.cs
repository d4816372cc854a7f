using FastScnn.Torch.Data;
using FastScnn.Torch.Data.Loading;
using FastScnn.Torch.Metrics;
using FastScnn.Torch.Network;
using TorchSharp;
using static TorchSharp.torch;

namespace FastScnn.Torch.Training;

/// <summary>
/// Scores a network on whole photos of any size: single scale, no flipping, arg-max of the logits enlarged to the size of the photo. A side
/// that would reach the network below <see cref="FastScnnNetwork.MinimumSize"/> is enlarged to that first.
/// </summary>
public sealed class NetworkEvaluator
{
    private readonly BatchLoader loader;
    private readonly Normalization normalization;
    private readonly double inputScale;
    private readonly byte ignoreIndex;

    /// <summary>Makes an evaluator of a data set.</summary>
    /// <param name="dataset">Photos and labels.</param>
    /// <param name="decoder">The codec for the photos; it is called from several threads at once.</param>
    /// <param name="normalization">How pixels become network input; ImageNet's if null.</param>
    /// <param name="inputScale">See <see cref="TrainingOptions.InputScale"/>.</param>
    /// <param name="options">Workers, queue and cache; batch size, order and seed are not looked at.</param>
    /// <exception cref="ArgumentException">The data set is empty.</exception>
    public NetworkEvaluator(SegmentationDataset dataset, PhotoDecoder decoder, Normalization? normalization = null, double inputScale = 1, LoaderOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        loader = new BatchLoader(dataset, decoder, augmenter: null, (options ?? new()) with { BatchSize = 1, Shuffle = false, DropLast = false });
        this.normalization = normalization ?? Normalization.ImageNet;
        this.inputScale = inputScale is >= 0.25 and <= 8 ? inputScale : throw Errors.Option(nameof(inputScale), inputScale, "0.25 to 8");
        (ignoreIndex, ClassCount) = (dataset.Classes.IgnoreIndex, dataset.Classes.Count);
    }

    /// <summary>The number of classes of the data set.</summary>
    public int ClassCount { get; }

    /// <summary>The number of photos.</summary>
    public int Count => loader.BatchesPerEpoch;

    /// <summary>Counts the pixels of all photos by label and prediction.</summary>
    /// <param name="network">The network; it is in evaluation mode afterwards.</param>
    /// <param name="progress">Told the number of photos done.</param>
    /// <param name="cancellationToken">Ends the work with an <see cref="OperationCanceledException"/>.</param>
    /// <returns>The counts.</returns>
    /// <exception cref="ArgumentException">The network has another number of classes.</exception>
    /// <exception cref="InvalidDataException">A photo or label cannot be read; the message names the files.</exception>
    public ConfusionCounts Evaluate(FastScnnNetwork network, IProgress<int>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(network);
        if (network.Options.Classes != ClassCount) throw Errors.EvaluatedClasses(network.Options.Classes, ClassCount);
        network.eval();
        ConfusionCounts counts = new(ClassCount);
        using BatchTensors tensors = new(normalization, network.parameters().First().device);
        using IDisposable noGradients = no_grad();
        foreach (SegmentationBatch batch in loader.ReadEpoch(0, cancellationToken: cancellationToken))
        {
            using DisposeScope scope = NewDisposeScope();
            counts.Add(batch.Labels, Predict(network, tensors.Photos(batch)), ignoreIndex);
            progress?.Report(batch.Number + 1);
        }
        return counts;
    }

    private byte[] Predict(FastScnnNetwork network, Tensor photo)
    {
        Tensor enlarged = Enlarge(photo);
        Tensor input = inputScale == 1 ? enlarged : nn.functional.interpolate(enlarged, scale_factor: [inputScale, inputScale], mode: InterpolationMode.Bilinear, align_corners: false);
        Tensor logits = Bilinear.ResizeLike(network.ForwardAtEighth(input).Logits, photo);
        return logits.argmax(1).to(ScalarType.Byte).cpu().bytes.ToArray();
    }

    private Tensor Enlarge(Tensor photo)
    {
        long smallest = (long)Math.Ceiling(FastScnnNetwork.MinimumSize / inputScale);
        long[] size = [Math.Max(photo.shape[^2], smallest), Math.Max(photo.shape[^1], smallest)];
        return size.SequenceEqual(photo.shape[^2..]) ? photo : nn.functional.interpolate(photo, size, mode: InterpolationMode.Bilinear, align_corners: false);
    }
}

/// <summary>Turns batches of bytes into what the network and the losses take, on the device they are on.</summary>
internal sealed class BatchTensors : IDisposable
{
    private readonly Device device;
    private readonly Tensor mean, deviation;

    public BatchTensors(Normalization normalization, Device device)
    {
        this.device = device;
        // Of pixels 0..255, so that one subtraction and one division are enough.
        (mean, deviation) = (PerChannel(normalization.Mean, device), PerChannel(normalization.Std, device));
    }

    /// <summary>The normalised photos [N, 3, H, W]; the caller owns them.</summary>
    public Tensor Photos(SegmentationBatch batch)
    {
        using Tensor bytes = FromBytes(batch.Photos, [batch.Samples.Count, 3, batch.Height, batch.Width]);
        Tensor photos = bytes.to(ScalarType.Float32);
        photos.sub_(mean).div_(deviation);
        return photos;
    }

    /// <summary>The labels of every <paramref name="stride"/>-th pixel of every such row, Int64 [N, h, w]; the caller owns them.</summary>
    public Tensor Labels(SegmentationBatch batch, int stride = 1)
    {
        using Tensor bytes = FromBytes(batch.Labels, [batch.Samples.Count, batch.Height, batch.Width]);
        using Tensor sampled = bytes[TensorIndex.Colon, TensorIndex.Slice(step: stride), TensorIndex.Slice(step: stride)];
        return sampled.to(ScalarType.Int64);
    }

    public void Dispose()
    {
        mean.Dispose();
        deviation.Dispose();
    }

    private Tensor FromBytes(byte[] bytes, long[] shape)
    {
        Tensor local = empty(shape, ScalarType.Byte, CPU);
        bytes.CopyTo(local.bytes);
        return device.type == DeviceType.CPU ? local : local.to(device, disposeAfter: true);
    }

    private static Tensor PerChannel(IEnumerable<float> values, Device device)
    {
        using Tensor local = tensor(values.Select(value => value * 255).ToArray(), ScalarType.Float32, CPU);
        using Tensor shaped = local.view(1, 3, 1, 1);
        return shaped.to(device, copy: true).DetachFromDisposeScope();
    }
}
