using System;
using System.IO;
using System.Linq;
using static TorchSharp.torch;

#nullable enable
namespace TorchSharp
{
    public static class TensorExtensionMethods
    {
        public static Modules.Parameter AsParameter(this Tensor tensor) => new Modules.Parameter(tensor);

        public static int ElementSize(this ScalarType type) => type switch {
            ScalarType.Byte or ScalarType.Int8 or ScalarType.Bool or ScalarType.QInt8 or ScalarType.QUInt8 => 1,
            ScalarType.Int16 or ScalarType.Float16 or ScalarType.BFloat16 => 2,
            ScalarType.Int32 or ScalarType.Float32 or ScalarType.QInt32 => 4,
            ScalarType.Int64 or ScalarType.Float64 or ScalarType.ComplexFloat32 => 8,
            ScalarType.ComplexFloat64 => 16,
            _ => throw new NotImplementedException()
        };

        public static Half ToHalf(this Tensor value) => value.ToScalar().ToHalf();
        public static float ToSingle(this Tensor value) => value.ToScalar().ToSingle();
        public static double ToDouble(this Tensor value) => value.ToScalar().ToDouble();
        public static sbyte ToSByte(this Tensor value) => value.ToScalar().ToSByte();
        public static byte ToByte(this Tensor value) => value.ToScalar().ToByte();
        public static short ToInt16(this Tensor value) => value.ToScalar().ToInt16();
        public static int ToInt32(this Tensor value) => value.ToScalar().ToInt32();
        public static long ToInt64(this Tensor value) => value.ToScalar().ToInt64();
        public static bool ToBoolean(this Tensor value) => value.ToScalar().ToBoolean();

        public static void Save(this Tensor tensor, BinaryWriter writer)
        {
            using var copy = tensor.device_type == DeviceType.CPU ? null : tensor.cpu();
            var source = copy ?? tensor;
            var shape = source.shape;
            writer.Encode((int)source.dtype);
            writer.Encode(shape.Length);
            foreach (var size in shape) writer.Encode(size);
            source.WriteBytesToStream(writer.BaseStream);
        }

        public static void Load(this Tensor tensor, BinaryReader reader, bool skip = false)
        {
            var (type, shape) = ReadHeader(reader);
            if (type != tensor.dtype)
                throw new ArgumentException("Mismatched tensor data types while loading. Make sure that the model you are loading into is exactly the same as the origin.");
            ReadInto(tensor, shape, reader, skip);
        }

        public static Tensor Load(BinaryReader reader, bool skip = false)
        {
            Tensor? tensor = null;
            Load(ref tensor, reader, skip);
            return tensor!;
        }

        public static void Load(ref Tensor? tensor, BinaryReader reader, bool skip = false)
        {
            var (type, shape) = ReadHeader(reader);
            tensor ??= skip ? zeros(shape, dtype: type) : empty(shape, dtype: type);
            ReadInto(tensor, shape, reader, skip);
        }

        private static (ScalarType, long[]) ReadHeader(BinaryReader reader)
        {
            var type = (ScalarType)reader.Decode();
            var shape = new long[reader.Decode()];
            for (var i = 0; i < shape.Length; i++) shape[i] = reader.Decode();
            return (type, shape);
        }

        private static void ReadInto(Tensor tensor, long[] shape, BinaryReader reader, bool skip)
        {
            if (skip) {
                reader.BaseStream.Seek(tensor.NumberOfElements * tensor.ElementSize, SeekOrigin.Current);
                return;
            }
            if (!shape.SequenceEqual(tensor.shape))
                throw new ArgumentException("Mismatched tensor shape while loading. Make sure that the model you are loading into is exactly the same as the origin.");
            using var _ = no_grad();
            if (tensor.device_type == DeviceType.CPU) {
                tensor.ReadBytesFromStream(reader.BaseStream);
                return;
            }
            using var read = zeros_like(tensor, device: CPU);
            read.ReadBytesFromStream(reader.BaseStream);
            tensor.copy_(read);
        }
    }
}
