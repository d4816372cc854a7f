using System;
using System.Numerics;

namespace Microsoft.ML.Data;

public readonly struct DataViewRowId : IComparable<DataViewRowId>, IEquatable<DataViewRowId>
{
    public readonly ulong Low;

    public readonly ulong High;

    public DataViewRowId(ulong low, ulong high)
    {
        Low = low;
        High = high;
    }

    public int CompareTo(DataViewRowId other) => (High, Low).CompareTo((other.High, other.Low));

    public bool Equals(DataViewRowId other) => Low == other.Low && High == other.High;

    public override bool Equals(object obj) => obj is DataViewRowId other && Equals(other);

    public override int GetHashCode() => HashCode.Combine(Low, High);

    public override string ToString() => $"{High:x16}{Low:x16}";

    // The steps of 128-bit Murmur3 without the final mixing: ids need to be unique, not random.
    public DataViewRowId Fork() => Mix(BitOperations.RotateLeft(FirstFactor, 31) * SecondFactor, 0);

    public DataViewRowId Next() => Mix(0, 0);

    public DataViewRowId Combine(DataViewRowId other)
    {
        other = other.Fork();
        return Mix(
            BitOperations.RotateLeft(other.Low * FirstFactor, 31) * SecondFactor,
            BitOperations.RotateLeft(other.High * SecondFactor, 33) * FirstFactor);
    }

    private const ulong FirstFactor = 0x87c37b91114253d5;
    private const ulong SecondFactor = 0x4cf5ad432745937f;

    private DataViewRowId Mix(ulong low, ulong high)
    {
        ulong mixedLow = (BitOperations.RotateLeft(Low ^ low, 27) + High) * 5 + 0x52dce729;
        ulong mixedHigh = (BitOperations.RotateLeft(High ^ high, 31) + mixedLow) * 5 + 0x38495ab5;
        return new DataViewRowId(mixedLow, mixedHigh);
    }
}
