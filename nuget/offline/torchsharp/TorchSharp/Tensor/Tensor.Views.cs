using System;
using System.Collections.Generic;
using System.Linq;

#nullable enable
namespace TorchSharp
{
    public static partial class torch
    {
        public partial class Tensor
        {
            public unsafe Tensor view(params long[] shape)
            {
                fixed (long* p = shape) return Native.Make(Native.ths_view(H, p, shape.Length));
            }

            public Tensor view_as(Tensor other) => view(other.shape);

            public unsafe Tensor reshape(params long[] shape)
            {
                fixed (long* p = shape) return Native.Make(Native.ths_reshape(H, p, shape.Length));
            }

            public Tensor expand(long[] sizes, bool isImplicit = false) => expand((ReadOnlySpan<long>)sizes, isImplicit);

            public unsafe Tensor expand(ReadOnlySpan<long> sizes, bool isImplicit = false)
            {
                fixed (long* p = sizes) return Native.Make(Native.ths_expand(H, p, sizes.Length, isImplicit));
            }

            public Tensor expand(params long[] sizes) => expand((ReadOnlySpan<long>)sizes, false);

            public Tensor expand_as(Tensor other) => expand(other.shape);

            public unsafe Tensor repeat(params long[] sizes)
            {
                fixed (long* p = sizes) return Native.Make(Native.ths_repeat(H, p, sizes.Length));
            }

            public unsafe Tensor permute(params long[] permutation)
            {
                fixed (long* p = permutation) return Native.Make(Native.ths_permute(H, p, permutation.Length));
            }

            public unsafe Tensor flip(params long[] dims)
            {
                fixed (long* p = dims) return Native.Make(Native.ths_flip(H, p, dims.Length));
            }

            public Tensor flatten(long start_dim = 0, long end_dim = -1) => Native.Make(Native.ths_flatten(H, start_dim, end_dim));

            public Tensor transpose(long dim0, long dim1) => Native.Make(Native.ths_transpose(H, dim0, dim1));

            public Tensor t() => Native.Make(Native.ths_t(H));

            public Tensor squeeze(long? dim = null) => Native.Make(dim.HasValue ? Native.ths_squeeze(H, dim.Value) : Native.ths_squeeze_all(H));

            public Tensor unsqueeze(long dim) => Native.Make(Native.ths_unsqueeze(H, dim));

            public Tensor narrow(long dim, long start, long length) => Native.Make(Native.ths_narrow(H, dim, start, length));

            public Tensor slice(long dim, long start, long finish, long step) => Native.Make(Native.ths_slice(H, dim, start, finish, step));

            public Tensor select(long dim, long index) => Native.Make(Native.ths_select(H, dim, index));

            public Tensor index_select(long dim, Tensor index) => Native.Make(Native.ths_index_select(H, dim, Native.Ref(index)));

            public Tensor gather(long dim, Tensor index) => Native.Make(Native.ths_gather(H, dim, Native.Ref(index)));

            public Tensor masked_select(Tensor mask) => Native.Make(Native.ths_masked_select(H, Native.Ref(mask)));

            public Tensor masked_fill(Tensor mask, Scalar value) => Native.Make(Native.ths_masked_fill(H, Native.Ref(mask), value.Value));

            public Tensor masked_fill_(Tensor mask, Scalar value)
            {
                Native.ths_masked_fill_(H, Native.Ref(mask), value.Value);
                return Done();
            }

            public Tensor nonzero() => Native.Make(Native.ths_nonzero(H));

            public unsafe Tensor[] unbind(long dimension = 0L)
            {
                var results = new IntPtr[ndim == 0 ? 0 : size((int)dimension)];
                fixed (IntPtr* p = results) Native.ths_unbind(H, dimension, p);
                CheckForErrors();
                return results.Select(x => new Tensor(x)).ToArray();
            }

            public Tensor[] split(long size, int dim = 0)
            {
                var total = this.size(dim);
                if (size <= 0) return split(new[] { size }, dim);
                var sizes = new List<long>();
                for (var left = total; left > 0; left -= size) sizes.Add(Math.Min(size, left));
                return split(sizes.Count == 0 ? new[] { 0L } : sizes.ToArray(), (long)dim);
            }

            public unsafe Tensor[] split(long[] sizes, long dim = 0)
            {
                var results = new IntPtr[sizes.Length];
                fixed (long* psizes = sizes)
                fixed (IntPtr* p = results) Native.ths_split(H, psizes, sizes.Length, dim, p);
                CheckForErrors();
                return results.Select(x => new Tensor(x)).ToArray();
            }
        }

        public static Tensor cat(IList<Tensor> tensors, long dim = 0) => cat((ReadOnlySpan<Tensor>)tensors.ToArray(), dim);

        public static Tensor cat(Tensor[] tensors, long dim = 0) => cat((ReadOnlySpan<Tensor>)tensors, dim);

        public static unsafe Tensor cat(ReadOnlySpan<Tensor> tensors, long dim = 0)
        {
            switch (tensors.Length) {
            case 0: throw new ArgumentException(nameof(tensors));
            case 1: return tensors[0].alias();
            }
            var all = tensors.ToArray();
            fixed (IntPtr* p = all.Select(t => t.Handle).ToArray()) {
                var result = Native.ths_cat(p, all.Length, dim);
                GC.KeepAlive(all);
                return Native.Make(result);
            }
        }

        public static unsafe Tensor stack(IEnumerable<Tensor> tensors, long dim = 0)
        {
            var all = tensors.ToArray();
            fixed (IntPtr* p = all.Select(t => t.Handle).ToArray()) {
                var result = Native.ths_stack(p, all.Length, dim);
                GC.KeepAlive(all);
                return Native.Make(result);
            }
        }

        public static Tensor where(Tensor condition, Tensor x, Tensor y) => x.where(condition, y);

        public static Tensor reshape(Tensor input, params long[] shape) => input.reshape(shape);

        public static Tensor permute(Tensor input, params long[] permutation) => input.permute(permutation);

        public static Tensor transpose(Tensor input, long dim0, long dim1) => input.transpose(dim0, dim1);

        public static Tensor unsqueeze(Tensor input, long dim) => input.unsqueeze(dim);

        public static Tensor flatten(Tensor input, long start_dim = 0, long end_dim = -1) => input.flatten(start_dim, end_dim);

        public static Tensor narrow(Tensor input, long dim, long start, long length) => input.narrow(dim, start, length);

        public static Tensor select(Tensor input, long dim, long index) => input.select(dim, index);

        public static Tensor index_select(Tensor input, long dim, Tensor index) => input.index_select(dim, index);

        public static Tensor gather(Tensor input, long dim, Tensor index) => input.gather(dim, index);

        public static Tensor masked_select(Tensor input, Tensor mask) => input.masked_select(mask);

        public static Tensor nonzero(Tensor input) => input.nonzero();

        public static Tensor clone(Tensor input) => input.clone();
    }
}
