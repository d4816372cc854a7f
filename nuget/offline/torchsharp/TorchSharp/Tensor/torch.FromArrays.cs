using System;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.InteropServices;

#nullable enable
namespace TorchSharp
{
    /// <summary>Tensors from numbers and arrays: tensor() copies, from_array() and frombuffer() share the pinned array.</summary>
    public static partial class torch
    {
        public static Tensor tensor(float scalar, Device? device = null, bool requires_grad = false) => FromScalar(scalar, ScalarType.Float32, device, requires_grad);

        public static Tensor tensor(IList<float> rawArray, ReadOnlySpan<long> dimensions, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) => FromMemory(rawArray.ToArray(), dimensions, dtype, device, requires_grad);

        public static Tensor tensor(float[] rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) => FromMemory((Array)rawArray.Clone(), stackalloc[] { rawArray.LongLength }, dtype, device, requires_grad);

        public static Tensor tensor(float[] rawArray, ReadOnlySpan<long> dimensions, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) => FromMemory((Array)rawArray.Clone(), dimensions, dtype, device, requires_grad);

        public static Tensor tensor(IList<float> rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) => FromMemory(rawArray.ToArray(), stackalloc[] { (long)rawArray.Count }, dtype, device, requires_grad);

        public static Tensor tensor(IList<float> rawArray, long rows, long columns, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) => FromMemory(rawArray.ToArray(), stackalloc[] { rows, columns }, dtype, device, requires_grad);

        public static Tensor tensor(IList<float> rawArray, long dim0, long dim1, long dim2, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) => FromMemory(rawArray.ToArray(), stackalloc[] { dim0, dim1, dim2 }, dtype, device, requires_grad);

        public static Tensor tensor(IList<float> rawArray, long dim0, long dim1, long dim2, long dim3, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) => FromMemory(rawArray.ToArray(), stackalloc[] { dim0, dim1, dim2, dim3 }, dtype, device, requires_grad);

        public static Tensor tensor(float[,] rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) => FromMemory((Array)rawArray.Clone(), Lengths(rawArray), dtype, device, requires_grad);

        public static Tensor tensor(float[,,] rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) => FromMemory((Array)rawArray.Clone(), Lengths(rawArray), dtype, device, requires_grad);

        public static Tensor tensor(float[,,,] rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) => FromMemory((Array)rawArray.Clone(), Lengths(rawArray), dtype, device, requires_grad);

        public static Tensor tensor(double scalar, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => FromScalar(scalar, dtype ?? ScalarType.Float64, device, requires_grad);

        public static Tensor tensor(double[] rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) => FromMemory((Array)rawArray.Clone(), stackalloc[] { rawArray.LongLength }, dtype, device, requires_grad);

        public static Tensor tensor(double[] rawArray, ReadOnlySpan<long> dimensions, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) => FromMemory((Array)rawArray.Clone(), dimensions, dtype, device, requires_grad);

        public static Tensor tensor(IList<double> rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) => FromMemory(rawArray.ToArray(), stackalloc[] { (long)rawArray.Count }, dtype, device, requires_grad);

        public static Tensor tensor(IList<double> rawArray, long rows, long columns, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) => FromMemory(rawArray.ToArray(), stackalloc[] { rows, columns }, dtype, device, requires_grad);

        public static Tensor tensor(IList<double> rawArray, long dim0, long dim1, long dim2, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) => FromMemory(rawArray.ToArray(), stackalloc[] { dim0, dim1, dim2 }, dtype, device, requires_grad);

        public static Tensor tensor(IList<double> rawArray, long dim0, long dim1, long dim2, long dim3, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) => FromMemory(rawArray.ToArray(), stackalloc[] { dim0, dim1, dim2, dim3 }, dtype, device, requires_grad);

        public static Tensor tensor(double[,] rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) => FromMemory((Array)rawArray.Clone(), Lengths(rawArray), dtype, device, requires_grad);

        public static Tensor tensor(double[,,] rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) => FromMemory((Array)rawArray.Clone(), Lengths(rawArray), dtype, device, requires_grad);

        public static Tensor tensor(double[,,,] rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) => FromMemory((Array)rawArray.Clone(), Lengths(rawArray), dtype, device, requires_grad);

        public static Tensor tensor(byte scalar, Device? device = null, bool requires_grad = false) => FromScalar(scalar, ScalarType.Byte, device, requires_grad);

        public static Tensor tensor(IList<byte> rawArray, ReadOnlySpan<long> dimensions, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) => FromMemory(rawArray.ToArray(), dimensions, dtype, device, requires_grad);

        public static Tensor tensor(byte[] rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) => FromMemory((Array)rawArray.Clone(), stackalloc[] { rawArray.LongLength }, dtype, device, requires_grad);

        public static Tensor tensor(byte[] rawArray, ReadOnlySpan<long> dimensions, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) => FromMemory((Array)rawArray.Clone(), dimensions, dtype, device, requires_grad);

        public static Tensor tensor(IList<byte> rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) => FromMemory(rawArray.ToArray(), stackalloc[] { (long)rawArray.Count }, dtype, device, requires_grad);

        public static Tensor tensor(IList<byte> rawArray, long rows, long columns, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) => FromMemory(rawArray.ToArray(), stackalloc[] { rows, columns }, dtype, device, requires_grad);

        public static Tensor tensor(IList<byte> rawArray, long dim0, long dim1, long dim2, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) => FromMemory(rawArray.ToArray(), stackalloc[] { dim0, dim1, dim2 }, dtype, device, requires_grad);

        public static Tensor tensor(IList<byte> rawArray, long dim0, long dim1, long dim2, long dim3, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) => FromMemory(rawArray.ToArray(), stackalloc[] { dim0, dim1, dim2, dim3 }, dtype, device, requires_grad);

        public static Tensor tensor(byte[,] rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) => FromMemory((Array)rawArray.Clone(), Lengths(rawArray), dtype, device, requires_grad);

        public static Tensor tensor(byte[,,] rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) => FromMemory((Array)rawArray.Clone(), Lengths(rawArray), dtype, device, requires_grad);

        public static Tensor tensor(byte[,,,] rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) => FromMemory((Array)rawArray.Clone(), Lengths(rawArray), dtype, device, requires_grad);

        public static Tensor tensor(sbyte scalar, Device? device = null, bool requires_grad = false) => FromScalar(scalar, ScalarType.Int8, device, requires_grad);

        public static Tensor tensor(IList<sbyte> rawArray, ReadOnlySpan<long> dimensions, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) => FromMemory(rawArray.ToArray(), dimensions, dtype, device, requires_grad);

        public static Tensor tensor(sbyte[] rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) => FromMemory((Array)rawArray.Clone(), stackalloc[] { rawArray.LongLength }, dtype, device, requires_grad);

        public static Tensor tensor(sbyte[] rawArray, ReadOnlySpan<long> dimensions, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) => FromMemory((Array)rawArray.Clone(), dimensions, dtype, device, requires_grad);

        public static Tensor tensor(IList<sbyte> rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) => FromMemory(rawArray.ToArray(), stackalloc[] { (long)rawArray.Count }, dtype, device, requires_grad);

        public static Tensor tensor(IList<sbyte> rawArray, long rows, long columns, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) => FromMemory(rawArray.ToArray(), stackalloc[] { rows, columns }, dtype, device, requires_grad);

        public static Tensor tensor(IList<sbyte> rawArray, long dim0, long dim1, long dim2, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) => FromMemory(rawArray.ToArray(), stackalloc[] { dim0, dim1, dim2 }, dtype, device, requires_grad);

        public static Tensor tensor(IList<sbyte> rawArray, long dim0, long dim1, long dim2, long dim3, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) => FromMemory(rawArray.ToArray(), stackalloc[] { dim0, dim1, dim2, dim3 }, dtype, device, requires_grad);

        public static Tensor tensor(sbyte[,] rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) => FromMemory((Array)rawArray.Clone(), Lengths(rawArray), dtype, device, requires_grad);

        public static Tensor tensor(sbyte[,,] rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) => FromMemory((Array)rawArray.Clone(), Lengths(rawArray), dtype, device, requires_grad);

        public static Tensor tensor(sbyte[,,,] rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) => FromMemory((Array)rawArray.Clone(), Lengths(rawArray), dtype, device, requires_grad);

        public static Tensor tensor(short scalar, Device? device = null, bool requires_grad = false) => FromScalar(scalar, ScalarType.Int16, device, requires_grad);

        public static Tensor tensor(IList<short> rawArray, ReadOnlySpan<long> dimensions, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) => FromMemory(rawArray.ToArray(), dimensions, dtype, device, requires_grad);

        public static Tensor tensor(short[] rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) => FromMemory((Array)rawArray.Clone(), stackalloc[] { rawArray.LongLength }, dtype, device, requires_grad);

        public static Tensor tensor(short[] rawArray, ReadOnlySpan<long> dimensions, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) => FromMemory((Array)rawArray.Clone(), dimensions, dtype, device, requires_grad);

        public static Tensor tensor(IList<short> rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) => FromMemory(rawArray.ToArray(), stackalloc[] { (long)rawArray.Count }, dtype, device, requires_grad);

        public static Tensor tensor(IList<short> rawArray, long rows, long columns, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) => FromMemory(rawArray.ToArray(), stackalloc[] { rows, columns }, dtype, device, requires_grad);

        public static Tensor tensor(IList<short> rawArray, long dim0, long dim1, long dim2, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) => FromMemory(rawArray.ToArray(), stackalloc[] { dim0, dim1, dim2 }, dtype, device, requires_grad);

        public static Tensor tensor(IList<short> rawArray, long dim0, long dim1, long dim2, long dim3, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) => FromMemory(rawArray.ToArray(), stackalloc[] { dim0, dim1, dim2, dim3 }, dtype, device, requires_grad);

        public static Tensor tensor(short[,] rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) => FromMemory((Array)rawArray.Clone(), Lengths(rawArray), dtype, device, requires_grad);

        public static Tensor tensor(short[,,] rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) => FromMemory((Array)rawArray.Clone(), Lengths(rawArray), dtype, device, requires_grad);

        public static Tensor tensor(short[,,,] rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) => FromMemory((Array)rawArray.Clone(), Lengths(rawArray), dtype, device, requires_grad);

        public static Tensor tensor(int scalar, Device? device = null, bool requires_grad = false) => FromScalar(scalar, ScalarType.Int32, device, requires_grad);

        public static Tensor tensor(IList<int> rawArray, ReadOnlySpan<long> dimensions, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) => FromMemory(rawArray.ToArray(), dimensions, dtype, device, requires_grad);

        public static Tensor tensor(int[] rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) => FromMemory((Array)rawArray.Clone(), stackalloc[] { rawArray.LongLength }, dtype, device, requires_grad);

        public static Tensor tensor(int[] rawArray, ReadOnlySpan<long> dimensions, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) => FromMemory((Array)rawArray.Clone(), dimensions, dtype, device, requires_grad);

        public static Tensor tensor(IList<int> rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) => FromMemory(rawArray.ToArray(), stackalloc[] { (long)rawArray.Count }, dtype, device, requires_grad);

        public static Tensor tensor(IList<int> rawArray, long rows, long columns, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) => FromMemory(rawArray.ToArray(), stackalloc[] { rows, columns }, dtype, device, requires_grad);

        public static Tensor tensor(IList<int> rawArray, long dim0, long dim1, long dim2, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) => FromMemory(rawArray.ToArray(), stackalloc[] { dim0, dim1, dim2 }, dtype, device, requires_grad);

        public static Tensor tensor(int[] rawArray, long dim0, long dim1, long dim2, long dim3, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) => FromMemory(rawArray.ToArray(), stackalloc[] { dim0, dim1, dim2, dim3 }, dtype, device, requires_grad);

        public static Tensor tensor(int[,] rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) => FromMemory((Array)rawArray.Clone(), Lengths(rawArray), dtype, device, requires_grad);

        public static Tensor tensor(int[,,] rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) => FromMemory((Array)rawArray.Clone(), Lengths(rawArray), dtype, device, requires_grad);

        public static Tensor tensor(int[,,,] rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) => FromMemory((Array)rawArray.Clone(), Lengths(rawArray), dtype, device, requires_grad);

        public static Tensor tensor(long scalar, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => FromScalar(scalar, dtype ?? ScalarType.Int64, device, requires_grad);

        public static Tensor tensor(IList<long> rawArray, ReadOnlySpan<long> dimensions, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) => FromMemory(rawArray.ToArray(), dimensions, dtype, device, requires_grad);

        public static Tensor tensor(long[] dataArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) => FromMemory((Array)dataArray.Clone(), stackalloc[] { dataArray.LongLength }, dtype, device, requires_grad);

        public static Tensor tensor(long[] dataArray, ReadOnlySpan<long> dimensions, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) => FromMemory((Array)dataArray.Clone(), dimensions, dtype, device, requires_grad);

        public static Tensor tensor(IList<long> rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) => FromMemory(rawArray.ToArray(), stackalloc[] { (long)rawArray.Count }, dtype, device, requires_grad);

        public static Tensor tensor(IList<long> rawArray, long rows, long columns, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) => FromMemory(rawArray.ToArray(), stackalloc[] { rows, columns }, dtype, device, requires_grad);

        public static Tensor tensor(IList<long> rawArray, long dim0, long dim1, long dim2, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) => FromMemory(rawArray.ToArray(), stackalloc[] { dim0, dim1, dim2 }, dtype, device, requires_grad);

        public static Tensor tensor(IList<long> rawArray, long dim0, long dim1, long dim2, long dim3, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) => FromMemory(rawArray.ToArray(), stackalloc[] { dim0, dim1, dim2, dim3 }, dtype, device, requires_grad);

        public static Tensor tensor(long[,] rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) => FromMemory((Array)rawArray.Clone(), Lengths(rawArray), dtype, device, requires_grad);

        public static Tensor tensor(long[,,] rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) => FromMemory((Array)rawArray.Clone(), Lengths(rawArray), dtype, device, requires_grad);

        public static Tensor tensor(long[,,,] rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) => FromMemory((Array)rawArray.Clone(), Lengths(rawArray), dtype, device, requires_grad);

        public static Tensor tensor(bool scalar, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => FromScalar(scalar, dtype ?? ScalarType.Bool, device, requires_grad);

        public static Tensor tensor(IList<bool> rawArray, ReadOnlySpan<long> dimensions, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) => FromMemory(rawArray.ToArray(), dimensions, dtype, device, requires_grad);

        public static Tensor tensor(bool[] rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) => FromMemory((Array)rawArray.Clone(), stackalloc[] { rawArray.LongLength }, dtype, device, requires_grad);

        public static Tensor tensor(bool[] rawArray, ReadOnlySpan<long> dimensions, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) => FromMemory((Array)rawArray.Clone(), dimensions, dtype, device, requires_grad);

        public static Tensor tensor(IList<bool> rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) => FromMemory(rawArray.ToArray(), stackalloc[] { (long)rawArray.Count }, dtype, device, requires_grad);

        public static Tensor tensor(IList<bool> rawArray, long rows, long columns, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) => FromMemory(rawArray.ToArray(), stackalloc[] { rows, columns }, dtype, device, requires_grad);

        public static Tensor tensor(IList<bool> rawArray, long dim0, long dim1, long dim2, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) => FromMemory(rawArray.ToArray(), stackalloc[] { dim0, dim1, dim2 }, dtype, device, requires_grad);

        public static Tensor tensor(IList<bool> rawArray, long dim0, long dim1, long dim2, long dim3, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) => FromMemory(rawArray.ToArray(), stackalloc[] { dim0, dim1, dim2, dim3 }, dtype, device, requires_grad);

        public static Tensor tensor(bool[,] rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) => FromMemory((Array)rawArray.Clone(), Lengths(rawArray), dtype, device, requires_grad);

        public static Tensor tensor(bool[,,] rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) => FromMemory((Array)rawArray.Clone(), Lengths(rawArray), dtype, device, requires_grad);

        public static Tensor tensor(bool[,,,] rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) => FromMemory((Array)rawArray.Clone(), Lengths(rawArray), dtype, device, requires_grad);

        public static Tensor from_array(Array rawArray, Device? device = null) => from_array(rawArray, null, device ?? CPU);

        public static Tensor from_array(Array rawArray, ScalarType? dtype, Device? device = null, bool requires_grad = false, string[]? names = null)
            => FromMemory(rawArray, Lengths(rawArray), dtype, device, requires_grad);

        public static Tensor as_tensor(Array data, ScalarType? dtype = null, Device? device = null) => from_array(data, dtype, device, false);

        public static Tensor frombuffer(Array rawArray, ScalarType dtype, long count = -1, long offset = 0, bool requires_grad = false)
        {
            var length = rawArray.LongLength;
            if (offset < 0 || offset >= length) throw new ArgumentException($"invalid value for 'offset': {offset}");
            if (count < 0) count = length - offset;
            if (count > length - offset) throw new IndexOutOfRangeException($"element count is too large: {count}");
            return FromMemory(rawArray, stackalloc[] { count }, dtype, CPU, requires_grad, offset);
        }

        private static Tensor FromScalar(Scalar value, ScalarType dtype, Device? device, bool requires_grad)
            => full(System.Array.Empty<long>(), value, dtype, device, requires_grad);

        private static long[] Lengths(Array array) => Enumerable.Range(0, array.Rank).Select(d => array.GetLongLength(d)).ToArray();

        private static unsafe Tensor FromMemory(Array array, ReadOnlySpan<long> dimensions, ScalarType? dtype, Device? device, bool requires_grad, long offset = 0)
        {
            var count = 1L;
            foreach (var size in dimensions) count *= size;
            if (count > array.LongLength)
                throw new ArgumentException($"mismatched total size creating a tensor from an array: {count} vs. {array.LongLength}");
            var type = ToScalarType(array.GetType().GetElementType()!);
            device = InitializeDevice(device);
            var pin = GCHandle.Alloc(array, GCHandleType.Pinned);
            var data = (byte*)pin.AddrOfPinnedObject() + offset * type.ElementSize();
            fixed (long* p = dimensions)
                return Native.Make(Native.ths_from_memory(data, &Unpin, GCHandle.ToIntPtr(pin), p, dimensions.Length, (sbyte)type, (sbyte)(dtype ?? type), (int)device.type, device.index, requires_grad));
        }

        // libtorch calls this, on any thread, when the last tensor over the array is gone.
        [UnmanagedCallersOnly]
        private static void Unpin(IntPtr pin) => GCHandle.FromIntPtr(pin).Free();
    }
}
