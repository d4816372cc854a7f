using System;

#nullable enable
namespace TorchSharp
{
    public static partial class torch
    {
        public readonly struct Size
        {
            internal long[] Shape { get; }

            public Size(long[] shape) => Shape = (long[])shape.Clone();

            public static implicit operator Size(long size) => new Size(new[] { size });
            public static implicit operator Size((long, long) size) => new Size(new[] { size.Item1, size.Item2 });
            public static implicit operator Size((long, long, long) size) => new Size(new[] { size.Item1, size.Item2, size.Item3 });
            public static implicit operator Size((long, long, long, long) size) => new Size(new[] { size.Item1, size.Item2, size.Item3, size.Item4 });
            public static implicit operator Size(long[] size) => new Size(size);
        }

        public static Tensor empty(long[] size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) => MakeEmpty(size, dtype, device, requires_grad);

        public static Tensor empty(ReadOnlySpan<long> size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) => MakeEmpty(size, dtype, device, requires_grad);

        public static Tensor empty(long size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) => MakeEmpty(stackalloc[] { size }, dtype, device, requires_grad);

        public static Tensor empty(long rows, long columns, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) => MakeEmpty(stackalloc[] { rows, columns }, dtype, device, requires_grad);

        public static Tensor empty(long dim0, long dim1, long dim2, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) => MakeEmpty(stackalloc[] { dim0, dim1, dim2 }, dtype, device, requires_grad);

        public static Tensor empty(long dim0, long dim1, long dim2, long dim3, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) => MakeEmpty(stackalloc[] { dim0, dim1, dim2, dim3 }, dtype, device, requires_grad);

        private static unsafe Tensor MakeEmpty(ReadOnlySpan<long> size, ScalarType? dtype, Device? device, bool requires_grad)
        {
            device = InitializeDevice(device);
            fixed (long* p = size) return Native.Make(Native.ths_empty(p, size.Length, (sbyte)(dtype ?? defaultType), (int)device.type, device.index, requires_grad));
        }

        public static Tensor zeros(long[] size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) => MakeZeros(size, dtype, device, requires_grad);

        public static Tensor zeros(ReadOnlySpan<long> size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) => MakeZeros(size, dtype, device, requires_grad);

        public static Tensor zeros(long size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) => MakeZeros(stackalloc[] { size }, dtype, device, requires_grad);

        public static Tensor zeros(long rows, long columns, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) => MakeZeros(stackalloc[] { rows, columns }, dtype, device, requires_grad);

        public static Tensor zeros(long dim0, long dim1, long dim2, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) => MakeZeros(stackalloc[] { dim0, dim1, dim2 }, dtype, device, requires_grad);

        public static Tensor zeros(long dim0, long dim1, long dim2, long dim3, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) => MakeZeros(stackalloc[] { dim0, dim1, dim2, dim3 }, dtype, device, requires_grad);

        private static unsafe Tensor MakeZeros(ReadOnlySpan<long> size, ScalarType? dtype, Device? device, bool requires_grad)
        {
            device = InitializeDevice(device);
            fixed (long* p = size) return Native.Make(Native.ths_zeros(p, size.Length, (sbyte)(dtype ?? defaultType), (int)device.type, device.index, requires_grad));
        }

        public static Tensor ones(long[] size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) => MakeOnes(size, dtype, device, requires_grad);

        public static Tensor ones(ReadOnlySpan<long> size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) => MakeOnes(size, dtype, device, requires_grad);

        public static Tensor ones(long size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) => MakeOnes(stackalloc[] { size }, dtype, device, requires_grad);

        public static Tensor ones(long rows, long columns, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) => MakeOnes(stackalloc[] { rows, columns }, dtype, device, requires_grad);

        public static Tensor ones(long dim0, long dim1, long dim2, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) => MakeOnes(stackalloc[] { dim0, dim1, dim2 }, dtype, device, requires_grad);

        public static Tensor ones(long dim0, long dim1, long dim2, long dim3, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) => MakeOnes(stackalloc[] { dim0, dim1, dim2, dim3 }, dtype, device, requires_grad);

        private static unsafe Tensor MakeOnes(ReadOnlySpan<long> size, ScalarType? dtype, Device? device, bool requires_grad)
        {
            device = InitializeDevice(device);
            fixed (long* p = size) return Native.Make(Native.ths_ones(p, size.Length, (sbyte)(dtype ?? defaultType), (int)device.type, device.index, requires_grad));
        }

        public static Tensor rand(long[] size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, Generator? generator = null, string[]? names = null) => MakeRand(size, dtype, device, requires_grad, generator);

        public static Tensor rand(ReadOnlySpan<long> size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, Generator? generator = null, string[]? names = null) => MakeRand(size, dtype, device, requires_grad, generator);

        public static Tensor rand(long size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, Generator? generator = null, string[]? names = null) => MakeRand(stackalloc[] { size }, dtype, device, requires_grad, generator);

        public static Tensor rand(long rows, long columns, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, Generator? generator = null, string[]? names = null) => MakeRand(stackalloc[] { rows, columns }, dtype, device, requires_grad, generator);

        public static Tensor rand(long dim0, long dim1, long dim2, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, Generator? generator = null, string[]? names = null) => MakeRand(stackalloc[] { dim0, dim1, dim2 }, dtype, device, requires_grad, generator);

        public static Tensor rand(long dim0, long dim1, long dim2, long dim3, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, Generator? generator = null, string[]? names = null) => MakeRand(stackalloc[] { dim0, dim1, dim2, dim3 }, dtype, device, requires_grad, generator);

        private static unsafe Tensor MakeRand(ReadOnlySpan<long> size, ScalarType? dtype, Device? device, bool requires_grad, Generator? generator)
        {
            device = InitializeDevice(device);
            fixed (long* p = size) return Native.Make(Native.ths_rand(Native.Ref(generator!), p, size.Length, (sbyte)(dtype ?? defaultType), (int)device.type, device.index, requires_grad));
        }

        public static Tensor randn(long[] size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, Generator? generator = null, string[]? names = null) => MakeRandn(size, dtype, device, requires_grad, generator);

        public static Tensor randn(ReadOnlySpan<long> size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, Generator? generator = null, string[]? names = null) => MakeRandn(size, dtype, device, requires_grad, generator);

        public static Tensor randn(long size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, Generator? generator = null, string[]? names = null) => MakeRandn(stackalloc[] { size }, dtype, device, requires_grad, generator);

        public static Tensor randn(long rows, long columns, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, Generator? generator = null, string[]? names = null) => MakeRandn(stackalloc[] { rows, columns }, dtype, device, requires_grad, generator);

        public static Tensor randn(long dim0, long dim1, long dim2, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, Generator? generator = null, string[]? names = null) => MakeRandn(stackalloc[] { dim0, dim1, dim2 }, dtype, device, requires_grad, generator);

        public static Tensor randn(long dim0, long dim1, long dim2, long dim3, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, Generator? generator = null, string[]? names = null) => MakeRandn(stackalloc[] { dim0, dim1, dim2, dim3 }, dtype, device, requires_grad, generator);

        private static unsafe Tensor MakeRandn(ReadOnlySpan<long> size, ScalarType? dtype, Device? device, bool requires_grad, Generator? generator)
        {
            device = InitializeDevice(device);
            fixed (long* p = size) return Native.Make(Native.ths_randn(Native.Ref(generator!), p, size.Length, (sbyte)(dtype ?? defaultType), (int)device.type, device.index, requires_grad));
        }

        public static Tensor full(long[] size, Scalar value, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) => MakeFull(size, value, dtype, device, requires_grad);

        public static Tensor full(ReadOnlySpan<long> size, Scalar value, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) => MakeFull(size, value, dtype, device, requires_grad);

        public static Tensor full(long size, Scalar value, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) => MakeFull(stackalloc[] { size }, value, dtype, device, requires_grad);

        public static Tensor full(long rows, long columns, Scalar value, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) => MakeFull(stackalloc[] { rows, columns }, value, dtype, device, requires_grad);

        public static Tensor full(long dim0, long dim1, long dim2, Scalar value, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) => MakeFull(stackalloc[] { dim0, dim1, dim2 }, value, dtype, device, requires_grad);

        public static Tensor full(long dim0, long dim1, long dim2, long dim3, Scalar value, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) => MakeFull(stackalloc[] { dim0, dim1, dim2, dim3 }, value, dtype, device, requires_grad);

        private static unsafe Tensor MakeFull(ReadOnlySpan<long> size, Scalar value, ScalarType? dtype, Device? device, bool requires_grad)
        {
            device = InitializeDevice(device);
            fixed (long* p = size) return Native.Make(Native.ths_full(p, size.Length, value.Value, (sbyte)(dtype ?? (is_integral(value.Type) ? ScalarType.Int64 : defaultType)), (int)device.type, device.index, requires_grad));
        }

        public static Tensor zeros_like(Tensor input, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) => zeros(input.shape, dtype ?? input.dtype, device ?? input.device, requires_grad);

        public static Tensor ones_like(Tensor input, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) => ones(input.shape, dtype ?? input.dtype, device ?? input.device, requires_grad);

        public static Tensor empty_like(Tensor input, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) => empty(input.shape, dtype ?? input.dtype, device ?? input.device, requires_grad);

        public static Tensor full_like(Tensor input, Scalar value, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) => full(input.shape, value, dtype ?? input.dtype, device ?? input.device, requires_grad);

        public static Tensor rand_like(Tensor input, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => rand(input.shape, dtype ?? input.dtype, device ?? input.device, requires_grad);

        public static Tensor randn_like(Tensor input, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => randn(input.shape, dtype ?? input.dtype, device ?? input.device, requires_grad);

        public static Tensor randint(long low, long high, Size size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, Generator? generator = null, string[]? names = null)
            => randint(low, high, size.Shape, dtype, device, requires_grad, generator);

        public static Tensor randint(long high, Size size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, Generator? generator = null, string[]? names = null)
            => randint(0, high, size.Shape, dtype, device, requires_grad, generator);

        public static Tensor randint(long high, long[] size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, Generator? generator = null, string[]? names = null)
            => randint(0, high, size, dtype, device, requires_grad, generator);

        public static unsafe Tensor randint(long low, long high, long[] size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, Generator? generator = null, string[]? names = null)
        {
            device = InitializeDevice(device);
            fixed (long* p = size) return Native.Make(Native.ths_randint(Native.Ref(generator!), low, high, p, size.Length, (sbyte)(dtype ?? ScalarType.Int64), (int)device.type, device.index, requires_grad));
        }

        public static Tensor randperm(long n, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, Generator? generator = null)
        {
            device = InitializeDevice(device);
            return Native.Make(Native.ths_randperm(Native.Ref(generator!), n, (sbyte)(dtype ?? ScalarType.Int64), (int)device.type, device.index, requires_grad));
        }

        public static Tensor arange(Scalar start, Scalar stop, Scalar step, ScalarType? dtype = null, Device? device = null, bool requires_grad = false)
        {
            device = InitializeDevice(device);
            dtype ??= is_integral(start.Type) && is_integral(stop.Type) && is_integral(step.Type) ? ScalarType.Int64 : defaultType;
            return Native.Make(Native.ths_arange(start.Value, stop.Value, step.Value, (sbyte)dtype, (int)device.type, device.index, requires_grad));
        }

        public static Tensor arange(Scalar start, Scalar stop, ScalarType? dtype = null, Device? device = null, bool requires_grad = false)
            => arange(start, stop, 1, dtype, device, requires_grad);

        public static Tensor arange(Scalar stop, ScalarType? dtype = null, Device? device = null, bool requires_grad = false)
            => arange(0, stop, 1, dtype, device, requires_grad);

        public static Tensor linspace(double start, double end, long steps, ScalarType? dtype = null, Device? device = null, bool requires_grad = false)
        {
            device = InitializeDevice(device);
            return Native.Make(Native.ths_linspace(start, end, steps, (sbyte)(dtype ?? defaultType), (int)device.type, device.index, requires_grad));
        }

        public static Tensor eye(long rows, long columns = -1L, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null)
        {
            device = InitializeDevice(device);
            return Native.Make(Native.ths_eye(rows, columns == -1 ? rows : columns, (sbyte)(dtype ?? defaultType), (int)device.type, device.index, requires_grad));
        }
    }
}
