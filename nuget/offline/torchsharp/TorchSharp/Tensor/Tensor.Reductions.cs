using System;

#nullable enable
namespace TorchSharp
{
    public static partial class torch
    {
        public partial class Tensor
        {
            public Tensor sum(ScalarType? type = null) => Native.Make(Native.ths_sum_all(H, Type(type)));

            public Tensor sum(long[] dim, bool keepdim = false, ScalarType? type = null) => sum((ReadOnlySpan<long>)dim, keepdim, type);

            public unsafe Tensor sum(ReadOnlySpan<long> dim, bool keepdim = false, ScalarType? type = null)
            {
                fixed (long* p = dim) return Native.Make(Native.ths_sum(H, p, dim.Length, keepdim, Type(type)));
            }

            public Tensor sum(long dim, bool keepdim = false, ScalarType? type = null) => sum(stackalloc long[] { dim }, keepdim, type);

            public Tensor mean() => Native.Make(Native.ths_mean_all(H));

            public unsafe Tensor mean(long[] dimensions, bool keepdim = false, ScalarType? type = null)
            {
                fixed (long* p = dimensions) return Native.Make(Native.ths_mean(H, p, dimensions.Length, keepdim, Type(type)));
            }

            public Tensor std(bool unbiased = true) => Native.Make(Native.ths_std_all(H, unbiased));

            public unsafe Tensor std(long[] dimensions, bool unbiased = true, bool keepdim = false, ScalarType? type = null)
            {
                fixed (long* p = dimensions) return Typed(Native.Make(Native.ths_std(H, p, dimensions.Length, unbiased, keepdim)), type);
            }

            public Tensor var(bool unbiased = true) => Native.Make(Native.ths_var_all(H, unbiased));

            public unsafe Tensor var(long[] dimensions, bool unbiased = true, bool keepdim = false, ScalarType? type = null)
            {
                fixed (long* p = dimensions) return Typed(Native.Make(Native.ths_var(H, p, dimensions.Length, unbiased, keepdim)), type);
            }

            private static Tensor Typed(Tensor result, ScalarType? type) => type.HasValue ? result.to_type(type.Value, disposeAfter: true) : result;

            public Tensor norm(float p = 2.0f) => Native.Make(Native.ths_norm(H, p));

            public Tensor cumsum(long dim, ScalarType? type = null) => Native.Make(Native.ths_cumsum(H, dim, Type(type)));

            public Tensor max() => Native.Make(Native.ths_max(H));

            public Tensor max(Tensor other) => maximum(other);

            public (Tensor values, Tensor indexes) max(long dim, bool keepdim = false)
            {
                Native.ths_max_dim(H, dim, keepdim, out var values, out var indexes);
                return Native.MakeTwo(values, indexes);
            }

            public Tensor min() => Native.Make(Native.ths_min(H));

            public Tensor min(Tensor other) => minimum(other);

            public (Tensor values, Tensor indexes) min(long dim, bool keepdim = false)
            {
                Native.ths_min_dim(H, dim, keepdim, out var values, out var indexes);
                return Native.MakeTwo(values, indexes);
            }

            public Tensor argmax() => Native.Make(Native.ths_argmax(H));

            public Tensor argmax(long dim, bool keepdim = false) => Native.Make(Native.ths_argmax_dim(H, dim, keepdim));

            public Tensor argmin() => Native.Make(Native.ths_argmin(H));

            public Tensor argmin(long dim, bool keepdim = false) => Native.Make(Native.ths_argmin_dim(H, dim, keepdim));

            public Tensor any() => Native.Make(Native.ths_any(H));

            public Tensor any(long dim, bool keepdim = false) => Native.Make(Native.ths_any_dim(H, dim, keepdim));

            public Tensor all() => Native.Make(Native.ths_all(H));

            public Tensor all(long dim, bool keepdim = false) => Native.Make(Native.ths_all_dim(H, dim, keepdim));

            public Tensor median() => Native.Make(Native.ths_median(H));

            public (Tensor values, Tensor indexes) topk(int k, int dim = -1, bool largest = true, bool sorted = true)
            {
                Native.ths_topk(H, k, dim, largest, sorted, out var values, out var indexes);
                return Native.MakeTwo(values, indexes);
            }

            public (Tensor Values, Tensor Indices) sort(long dim = -1, bool descending = false, bool stable = false)
            {
                Native.ths_sort(H, dim, descending, stable, out var values, out var indexes);
                return Native.MakeTwo(values, indexes);
            }

            public Tensor bincount(Tensor? weights, long minlength = 0) => Native.Make(Native.ths_bincount(H, Native.Ref(weights!), minlength));
        }
    }
}
