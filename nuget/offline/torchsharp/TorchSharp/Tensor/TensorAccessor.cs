using System;
using System.Collections;
using System.Collections.Generic;

namespace TorchSharp.Utils
{
    /// <summary>The numbers of a CPU tensor, in row-major order whatever its strides.</summary>
    public sealed unsafe class TensorAccessor<T> : IDisposable, IEnumerable<T> where T : unmanaged
    {
        private torch.Tensor tensor;
        private T* data;
        private readonly long[] shape, strides;
        private readonly bool contiguous;

        internal TensorAccessor(torch.Tensor tensor)
        {
            if (tensor.device_type != DeviceType.CPU)
                throw new InvalidOperationException("Reading data from non-CPU memory is not supported. Move or copy the tensor to the cpu before reading.");
            shape = tensor.shape;
            strides = tensor.stride();
            contiguous = tensor.is_contiguous();
            data = (T*)tensor.Data();
            this.tensor = tensor;
        }

        public long Count => tensor is null ? 0 : tensor.numel();

        public bool IsReadOnly => false;

        public T[] ToArray()
        {
            var result = new T[Count];
            if (contiguous)
                new ReadOnlySpan<T>(data, result.Length).CopyTo(result);
            else
                for (long i = 0; i < result.LongLength; i++) result[i] = data[Offset(i)];
            GC.KeepAlive(tensor);
            return result;
        }

        public T this[params long[] indices] {
            get => data[Position(indices)];
            set => data[Position(indices)] = value;
        }

        public void CopyTo(T[] array, int arrayIndex = 0, long tensorIndex = 0) => CopyTo(array.AsSpan(), arrayIndex, tensorIndex);

        public void CopyTo(Span<T> array, int arrayIndex = 0, long tensorIndex = 0)
        {
            CheckStart(tensorIndex);
            var count = Math.Min(array.Length - arrayIndex, Count - tensorIndex);
            for (long i = 0; i < count; i++) array[arrayIndex + (int)i] = data[Offset(tensorIndex + i)];
            GC.KeepAlive(tensor);
        }

        public void CopyFrom(T[] array, int arrayIndex = 0, long tensorIndex = 0) => CopyFrom((ReadOnlySpan<T>)array, arrayIndex, tensorIndex);

        public void CopyFrom(ReadOnlySpan<T> array, int arrayIndex = 0, long tensorIndex = 0)
        {
            CheckStart(tensorIndex);
            var count = Math.Min(array.Length - arrayIndex, Count - tensorIndex);
            for (long i = 0; i < count; i++) data[Offset(tensorIndex + i)] = array[arrayIndex + (int)i];
            GC.KeepAlive(tensor);
        }

        public IEnumerator<T> GetEnumerator()
        {
            for (long i = 0; i < Count; i++) yield return At(i);
        }

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

        public void Dispose()
        {
            data = null;
            tensor = null;
        }

        internal static T ReadItemAt(torch.Tensor tensor, long index)
        {
            tensor.ValidateType(typeof(T));
            using var accessor = new TensorAccessor<T>(tensor);
            if (index < 0 || index >= accessor.Count)
                throw new ArgumentOutOfRangeException($"{index} in a collection of  ${accessor.Count} elements.");
            return accessor.At(index);
        }

        private T At(long index) => data[Offset(index)];

        private void CheckStart(long index)
        {
            if (index < 0 || index >= Count) throw new ArgumentOutOfRangeException("startingIndex");
        }

        // One index counts all elements; several give one for each dimension.
        private long Position(long[] indices)
        {
            if (indices.Length == 1) {
                if (indices[0] >= Count) throw new IndexOutOfRangeException();
                if (indices[0] < 0) throw new ArgumentOutOfRangeException(nameof(indices));
                return Offset(indices[0]);
            }
            long result = 0;
            for (var d = 0; d < shape.Length; d++) {
                if (indices[d] < 0 || indices[d] >= shape[d])
                    throw new IndexOutOfRangeException($"{indices[d]} >= {shape[d]} in dimension {d}.");
                result += indices[d] * strides[d];
            }
            return result;
        }

        private long Offset(long index)
        {
            if (contiguous) return index;
            long result = 0;
            for (var d = shape.Length - 1; d >= 0; d--) {
                index = Math.DivRem(index, shape[d], out var part);
                result += part * strides[d];
            }
            return result;
        }
    }
}
