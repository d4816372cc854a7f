using System.Runtime.InteropServices;
using FastScnn.Torch.Data.Loading;
using FastScnn.Torch.Network;
using TorchSharp;
using static TorchSharp.torch;

namespace FastScnn.Torch.Training;

/// <summary>Turns batches of bytes into what the network and the losses take, on the device they are on.</summary>
internal sealed class BatchTensors : IDisposable
{
    private readonly Device _device;
    private readonly Tensor _mean, _deviation;

    public BatchTensors(Normalization normalization, Device device)
    {
        _device = device;
        // Of pixels 0..255, so that one subtraction and one division are enough.
        (_mean, _deviation) = (PerChannel(normalization.Mean, device), PerChannel(normalization.Std, device));
    }

    /// <summary>The normalised images [N, 3, H, W] of a part of a batch, on the CPU with the channels of a pixel side by
    /// side in memory; the caller owns them.</summary>
    public Tensor Images(SegmentationBatch batch, Range part)
    {
        (int start, int count) = part.GetOffsetAndLength(batch.Samples.Count);
        using Tensor bytes = FromBytes(batch.ImageAt(start, count), [count, 3, batch.Height, batch.Width]);
        // A byte is moved faster than the number it becomes.
        using Tensor laidOut = _device.type == DeviceType.CPU ? Layout.ChannelsLast(bytes) : bytes.alias();
        Tensor images = laidOut.to(ScalarType.Float32);
        images.sub_(_mean).div_(_deviation);
        return images;
    }

    /// <summary>The labels of every <paramref name="stride"/>-th pixel of every such row, Int64 [N, h, w]; the caller
    /// owns them.</summary>
    public Tensor Labels(SegmentationBatch batch, Range part, int stride = 1)
    {
        (int start, int count) = part.GetOffsetAndLength(batch.Samples.Count);
        using Tensor bytes = FromBytes(batch.LabelsAt(start, count), [count, batch.Height, batch.Width]);
        using Tensor sampled = bytes[TensorIndex.Colon, TensorIndex.Slice(step: stride),
            TensorIndex.Slice(step: stride)];
        return sampled.to(ScalarType.Int64);
    }

    /// <summary>The probabilities of a teacher for a part of a batch, Float32 [N, classes, h, w]; the caller owns
    /// them.</summary>
    public Tensor Taught(TaughtBatch taught, Range part)
    {
        (int start, int count) = part.GetOffsetAndLength(taught.Places.Length);
        return FromBytes(MemoryMarshal.AsBytes(taught.At(start, count)),
            [count, taught.Classes, taught.Rows, taught.Columns], ScalarType.Float32);
    }

    public void Dispose()
    {
        _mean.Dispose();
        _deviation.Dispose();
    }

    private Tensor FromBytes(ReadOnlySpan<byte> bytes, long[] shape, ScalarType type = ScalarType.Byte)
    {
        Tensor local = empty(shape, type, CPU);
        bytes.CopyTo(local.bytes);
        return _device.type == DeviceType.CPU ? local : local.to(_device, disposeAfter: true);
    }

    private static Tensor PerChannel(IEnumerable<float> values, Device device)
    {
        using Tensor local = tensor(values.Select(value => value * 255).ToArray(), ScalarType.Float32, CPU);
        using Tensor shaped = local.view(1, 3, 1, 1);
        return shaped.to(device, copy: true).DetachFromDisposeScope();
    }
}
