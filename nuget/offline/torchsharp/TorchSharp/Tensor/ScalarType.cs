using System;

#nullable enable
namespace TorchSharp
{
    public static partial class torch
    {
        public enum ScalarType : sbyte
        {
            Byte = 0,
            Int8 = 1,
            Int16 = 2,
            Int32 = 3,
            Int64 = 4,
            Float16 = 5,
            Float32 = 6,
            Float64 = 7,
            ComplexFloat32 = 9,
            ComplexFloat64 = 10,
            Bool = 11,
            QInt8 = 12,
            QUInt8 = 13,
            QInt32 = 14,
            BFloat16 = 15
        }

        public static ScalarType @bool = ScalarType.Bool;
        public static ScalarType uint8 = ScalarType.Byte;
        public static ScalarType int8 = ScalarType.Int8;
        public static ScalarType int16 = ScalarType.Int16;
        public static ScalarType int32 = ScalarType.Int32;
        public static ScalarType int64 = ScalarType.Int64;
        public static ScalarType bfloat16 = ScalarType.BFloat16;
        public static ScalarType float16 = ScalarType.Float16;
        public static ScalarType float32 = ScalarType.Float32;
        public static ScalarType float64 = ScalarType.Float64;
        public static ScalarType @short = ScalarType.Int16;
        public static ScalarType @int = ScalarType.Int32;
        public static ScalarType @long = ScalarType.Int64;
        public static ScalarType half = ScalarType.Float16;
        public static ScalarType @float = ScalarType.Float32;
        public static ScalarType @double = ScalarType.Float64;

        public static bool is_integral(ScalarType type)
            => type is ScalarType.Byte or ScalarType.Int8 or ScalarType.Int16 or ScalarType.Int32 or ScalarType.Int64 or ScalarType.Bool;

        public static bool is_floating_point(ScalarType type)
            => type is ScalarType.Float16 or ScalarType.Float32 or ScalarType.Float64 or ScalarType.BFloat16;

        private static ScalarType defaultType = ScalarType.Float32;
        private static Device? defaultDevice;

        public static void set_default_dtype(ScalarType dtype)
        {
            if (!is_floating_point(dtype)) throw new ArgumentException("only floating-point types are supported as the default type");
            defaultType = dtype;
        }

        public static ScalarType get_default_dtype() => defaultType;

        public static Device get_default_device() => defaultDevice ?? CPU;

        public static void set_default_device(Device device) => defaultDevice = device ?? throw new ArgumentNullException(nameof(device));

        internal static ScalarType ToScalarType(Type t)
        {
            if (t == typeof(byte)) return ScalarType.Byte;
            if (t == typeof(sbyte)) return ScalarType.Int8;
            if (t == typeof(short)) return ScalarType.Int16;
            if (t == typeof(int)) return ScalarType.Int32;
            if (t == typeof(long)) return ScalarType.Int64;
            if (t == typeof(Half)) return ScalarType.Float16;
            if (t == typeof(float)) return ScalarType.Float32;
            if (t == typeof(double)) return ScalarType.Float64;
            if (t == typeof(bool)) return ScalarType.Bool;
            throw new NotSupportedException($"The type {t.FullName} is not supported.");
        }

        internal static Type? DotnetType(ScalarType type) => type switch {
            ScalarType.Byte => typeof(byte),
            ScalarType.Int8 => typeof(sbyte),
            ScalarType.Int16 => typeof(short),
            ScalarType.Int32 => typeof(int),
            ScalarType.Int64 => typeof(long),
            ScalarType.Float16 => typeof(Half),
            ScalarType.Float32 => typeof(float),
            ScalarType.Float64 => typeof(double),
            ScalarType.Bool => typeof(bool),
            _ => null
        };
    }
}
