namespace FastScnn.Torch.Checkpoints;

/// <summary>The element type of a stored tensor.</summary>
public enum CheckpointType
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
