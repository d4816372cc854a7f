using FastScnn.Torch.Checkpoints;
using static TorchSharp.torch;

namespace FastScnn.Torch.Network;

/// <summary>Copies tensors between libtorch and checkpoints.</summary>
internal static class TensorConversion
{
    private static readonly Dictionary<CheckpointType, ScalarType> Types = new()
    {
        [CheckpointType.Float32] = ScalarType.Float32,
        [CheckpointType.Float64] = ScalarType.Float64,
        [CheckpointType.Float16] = ScalarType.Float16,
        [CheckpointType.BFloat16] = ScalarType.BFloat16,
        [CheckpointType.Int64] = ScalarType.Int64,
        [CheckpointType.Int32] = ScalarType.Int32,
        [CheckpointType.Int16] = ScalarType.Int16,
        [CheckpointType.Int8] = ScalarType.Int8,
        [CheckpointType.UInt8] = ScalarType.Byte,
        [CheckpointType.Bool] = ScalarType.Bool,
    };

    /// <summary>A new tensor on the CPU with a copy of the elements.</summary>
    public static Tensor ToTensor(CheckpointTensor source)
    {
        Tensor tensor = empty([.. source.Shape], Types[source.Type], CPU);
        source.Bytes.Span.CopyTo(tensor.bytes);
        return tensor;
    }

    /// <summary>A copy of the elements of a tensor on any device.</summary>
    public static CheckpointTensor ToCheckpoint(Tensor source)
    {
        using Tensor detached = source.detach();
        using Tensor local = detached.cpu();
        using Tensor contiguous = local.contiguous();
        return new(Types.First(type => type.Value == source.dtype).Key, source.shape, contiguous.bytes.ToArray());
    }
}
