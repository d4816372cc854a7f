using System.Buffers.Binary;

namespace FastScnn.Torch.Checkpoints;

/// <summary>One stored tensor: type, shape and contiguous little-endian elements in row-major order.
/// Immutable.</summary>
internal sealed class CheckpointTensor
{
    private readonly long[] _shape;

    /// <summary>Makes a tensor over bytes that the caller will not change any more.</summary>
    /// <param name="type">The element type.</param>
    /// <param name="shape">The size of each dimension, none negative; empty for a scalar.</param>
    /// <param name="bytes">The elements: contiguous, row-major, little-endian.</param>
    /// <exception cref="ArgumentException">A dimension is negative, or the shape and the number of bytes
    /// disagree.</exception>
    public CheckpointTensor(CheckpointType type, ReadOnlySpan<long> shape, ReadOnlyMemory<byte> bytes)
    {
        _shape = shape.ToArray();
        Type = type;
        Bytes = bytes;
        if (!TryCountElements(shape, out long count) || (Int128)count * type.Size != bytes.Length)
            throw new ArgumentException(
                $"A {type} tensor of shape {ErrorText.Shape(_shape)} does not fit {bytes.Length} bytes at "
                    + $"{type.Size} bytes an element.", nameof(bytes));
        ElementCount = (int)count;
    }

    /// <summary>Makes a <see cref="CheckpointType.Float32"/> tensor with a copy of the values.</summary>
    /// <param name="values">The elements in row-major order.</param>
    /// <param name="shape">The size of each dimension.</param>
    /// <returns>The tensor.</returns>
    /// <exception cref="ArgumentException">The shape and the number of values disagree.</exception>
    public static CheckpointTensor FromSingle(ReadOnlySpan<float> values, params ReadOnlySpan<long> shape)
    {
        byte[] bytes = new byte[values.Length * sizeof(float)];
        for (int i = 0; i < values.Length; i++)
            BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(i * sizeof(float)), values[i]);
        return new(CheckpointType.Float32, shape, bytes);
    }

    /// <summary>The element type.</summary>
    public CheckpointType Type { get; }

    /// <summary>The size of each dimension; empty for a scalar.</summary>
    public IReadOnlyList<long> Shape => _shape;

    /// <summary>The number of elements: the product of <see cref="Shape"/>, 1 for a scalar.</summary>
    public int ElementCount { get; }

    /// <summary>The elements: contiguous, row-major, little-endian.</summary>
    public ReadOnlyMemory<byte> Bytes { get; }

    /// <summary>Converts every element to single precision; 64-bit types are rounded.</summary>
    /// <returns>A new array of <see cref="ElementCount"/> values in row-major order.</returns>
    public float[] ToSingle()
    {
        float[] values = new float[ElementCount];
        ReadOnlySpan<byte> bytes = Bytes.Span;
        int size = Type.Size;
        for (int i = 0; i < values.Length; i++)
            values[i] = ReadElement(bytes.Slice(i * size, size));
        return values;
    }

    private float ReadElement(ReadOnlySpan<byte> b) => Type switch
    {
        CheckpointType.Float32 => BinaryPrimitives.ReadSingleLittleEndian(b),
        CheckpointType.Float64 => (float)BinaryPrimitives.ReadDoubleLittleEndian(b),
        CheckpointType.Float16 => (float)BinaryPrimitives.ReadHalfLittleEndian(b),
        CheckpointType.BFloat16 => BitConverter.Int32BitsToSingle(BinaryPrimitives.ReadUInt16LittleEndian(b) << 16),
        CheckpointType.Int64 => BinaryPrimitives.ReadInt64LittleEndian(b),
        CheckpointType.Int32 => BinaryPrimitives.ReadInt32LittleEndian(b),
        CheckpointType.Int16 => BinaryPrimitives.ReadInt16LittleEndian(b),
        CheckpointType.Int8 => (sbyte)b[0],
        _ => b[0],
    };

    /// <summary>The product of the dimensions; false if one is negative or the product leaves the range of
    /// <see cref="long"/>.</summary>
    internal static bool TryCountElements(ReadOnlySpan<long> shape, out long count)
    {
        count = 1;
        foreach (long size in shape)
        {
            if (size < 0) return false;
            Int128 product = (Int128)count * size;
            if (product > long.MaxValue) return false;
            count = (long)product;
        }
        return true;
    }
}

/// <summary>The element type of a stored tensor.</summary>
internal enum CheckpointType
{
    /// <summary>IEEE 754 single precision, 4 bytes.</summary>
    Float32,
    /// <summary>IEEE 754 double precision, 8 bytes.</summary>
    Float64,
    /// <summary>IEEE 754 half precision, 2 bytes.</summary>
    Float16,
    /// <summary>The upper half of a single-precision number, 2 bytes.</summary>
    BFloat16,
    /// <summary>Signed integer, 8 bytes.</summary>
    Int64,
    /// <summary>Signed integer, 4 bytes.</summary>
    Int32,
    /// <summary>Signed integer, 2 bytes.</summary>
    Int16,
    /// <summary>Signed integer, 1 byte.</summary>
    Int8,
    /// <summary>Unsigned integer, 1 byte.</summary>
    UInt8,
    /// <summary>0 or 1 in 1 byte.</summary>
    Bool,
}

internal static class CheckpointTypeExtensions
{
    extension(CheckpointType type)
    {
        /// <summary>Bytes per element.</summary>
        public int Size => type switch
        {
            CheckpointType.Float64 or CheckpointType.Int64 => 8,
            CheckpointType.Float32 or CheckpointType.Int32 => 4,
            CheckpointType.Float16 or CheckpointType.BFloat16 or CheckpointType.Int16 => 2,
            _ => 1,
        };
    }
}
