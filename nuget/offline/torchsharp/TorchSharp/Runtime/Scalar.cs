using System;

#nullable enable
namespace TorchSharp
{
    public sealed class Scalar : IDisposable
    {
        internal Number Value { get; }

        internal Scalar(torch.ScalarType type, long bits) => Value = new Number(type, bits);

        internal static Scalar Integer(torch.ScalarType type, long value) => new Scalar(type, value);

        internal static Scalar Real(torch.ScalarType type, double value) => new Scalar(type, BitConverter.DoubleToInt64Bits(value));

        public static implicit operator Scalar(byte value) => value.ToScalar();
        public static implicit operator Scalar(sbyte value) => value.ToScalar();
        public static implicit operator Scalar(short value) => value.ToScalar();
        public static implicit operator Scalar(int value) => value.ToScalar();
        public static implicit operator Scalar(long value) => value.ToScalar();
        public static implicit operator Scalar(Half value) => value.ToScalar();
        public static implicit operator Scalar(float value) => value.ToScalar();
        public static implicit operator Scalar(double value) => value.ToScalar();
        public static implicit operator Scalar(bool value) => value.ToScalar();

        // libtorch keeps a number as one of these three, whatever it was made from.
        public torch.ScalarType Type =>
            Value.Type == (long)torch.ScalarType.Bool ? torch.ScalarType.Bool : IsReal ? torch.ScalarType.Float64 : torch.ScalarType.Int64;

        private bool IsReal => Value.Type is (long)torch.ScalarType.Float16 or (long)torch.ScalarType.Float32 or (long)torch.ScalarType.Float64;

        internal double AsDouble() => IsReal ? BitConverter.Int64BitsToDouble(Value.Bits) : Value.Bits;

        internal long AsInt64() => IsReal ? (long)BitConverter.Int64BitsToDouble(Value.Bits) : Value.Bits;

        public void Dispose() { }
    }

    public static class ScalarExtensionMethods
    {
        public static Scalar ToScalar(this byte value) => Scalar.Integer(torch.ScalarType.Byte, value);
        public static Scalar ToScalar(this sbyte value) => Scalar.Integer(torch.ScalarType.Int8, value);
        public static Scalar ToScalar(this short value) => Scalar.Integer(torch.ScalarType.Int16, value);
        public static Scalar ToScalar(this int value) => Scalar.Integer(torch.ScalarType.Int32, value);
        public static Scalar ToScalar(this long value) => Scalar.Integer(torch.ScalarType.Int64, value);
        public static Scalar ToScalar(this float value) => Scalar.Real(torch.ScalarType.Float32, value);
        public static Scalar ToScalar(this double value) => Scalar.Real(torch.ScalarType.Float64, value);
        public static Scalar ToScalar(this bool value) => Scalar.Integer(torch.ScalarType.Bool, value ? 1 : 0);
        public static Scalar ToScalar(this Half value) => Scalar.Real(torch.ScalarType.Float16, (double)value);

        public static Half ToHalf(this Scalar value) => (Half)value.AsDouble();
        public static float ToSingle(this Scalar value) => (float)value.AsDouble();
        public static double ToDouble(this Scalar value) => value.AsDouble();
        public static sbyte ToSByte(this Scalar value) => (sbyte)value.AsInt64();
        public static byte ToByte(this Scalar value) => (byte)value.AsInt64();
        public static short ToInt16(this Scalar value) => (short)value.AsInt64();
        public static int ToInt32(this Scalar value) => (int)value.AsInt64();
        public static long ToInt64(this Scalar value) => value.AsInt64();
        public static bool ToBoolean(this Scalar value) => value.AsDouble() != 0;
    }
}
