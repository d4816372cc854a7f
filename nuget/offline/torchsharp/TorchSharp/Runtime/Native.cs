using System;
using System.Runtime.InteropServices;

namespace TorchSharp
{
    /// <summary>A number with its torch type as the shim takes it; a negative type means "none".</summary>
    internal readonly struct Number
    {
        public readonly long Type;
        public readonly long Bits;
        public Number(torch.ScalarType type, long bits) { Type = (long)type; Bits = bits; }
        private Number(long type) { Type = type; Bits = 0; }
        public static readonly Number None = new Number(-1);
    }

    /// <summary>One entry of an indexer; see tensor.inc.</summary>
    internal struct NativeIndex
    {
        public long Kind, Has, Start, Stop, Step;
        public IntPtr Tensor;
    }

    /// <summary>
    /// The shim's functions. Tensors go in as HandleRef, which keeps the managed object alive during the call, and
    /// come out as handles that the caller owns; zero means an error (or "no tensor").
    /// </summary>
    internal static unsafe class Native
    {
        private const string Lib = "LibTorchSharp";

        public static HandleRef Ref(torch.Tensor tensor) => tensor is null ? default : new HandleRef(tensor, tensor.Handle);
        public static HandleRef Ref(torch.Generator generator) => generator is null ? default : new HandleRef(generator, generator.Handle);

        public static torch.Tensor Make(IntPtr handle)
        {
            if (handle == IntPtr.Zero) torch.CheckForErrors();
            return new torch.Tensor(handle);
        }

        public static (torch.Tensor, torch.Tensor) MakeTwo(IntPtr first, IntPtr second)
        {
            torch.CheckForErrors();
            return (new torch.Tensor(first), new torch.Tensor(second));
        }

        // runtime.inc
        [DllImport(Lib)] public static extern IntPtr ths_last_error();
        [DllImport(Lib)] public static extern void ths_cuda_manual_seed_all(long seed);
        [DllImport(Lib)] public static extern int ths_get_num_threads();
        [DllImport(Lib)] public static extern void ths_set_num_threads(int count);
        [DllImport(Lib)] public static extern int ths_get_num_interop_threads();
        [DllImport(Lib)] public static extern void ths_set_num_interop_threads(int count);
        [DllImport(Lib)] [return: MarshalAs(UnmanagedType.U1)] public static extern bool ths_cuda_is_available();
        [DllImport(Lib)] [return: MarshalAs(UnmanagedType.U1)] public static extern bool ths_cudnn_is_available();
        [DllImport(Lib)] public static extern int ths_cuda_device_count();
        [DllImport(Lib)] public static extern void ths_cuda_synchronize(long index);
        [DllImport(Lib)] public static extern IntPtr ths_generator_new(ulong seed);
        [DllImport(Lib)] public static extern IntPtr ths_generator_default();
        [DllImport(Lib)] public static extern void ths_generator_dispose(IntPtr generator);
        [DllImport(Lib)] public static extern void ths_generator_seed(HandleRef generator, long seed);
        [DllImport(Lib)] public static extern long ths_generator_initial_seed(HandleRef generator);
        [DllImport(Lib)] public static extern IntPtr ths_generator_get_state(HandleRef generator);
        [DllImport(Lib)] public static extern void ths_generator_set_state(HandleRef generator, HandleRef state);
        [DllImport(Lib)] public static extern void ths_manual_seed(long seed);
        [DllImport(Lib)] [return: MarshalAs(UnmanagedType.U1)] public static extern bool ths_grad_enabled();
        [DllImport(Lib)] public static extern void ths_set_grad_enabled(bool enabled);
        [DllImport(Lib)] public static extern IntPtr ths_inference_new(bool enabled);
        [DllImport(Lib)] public static extern void ths_inference_dispose(IntPtr guard);
        [DllImport(Lib)] [return: MarshalAs(UnmanagedType.U1)] public static extern bool ths_inference_enabled();
        [DllImport(Lib)] public static extern void ths_backward(IntPtr* roots, long rootCount, IntPtr* grads, long gradCount, bool retainGraph, bool createGraph, IntPtr* inputs, long inputCount);
        [DllImport(Lib)] public static extern void ths_grad(IntPtr* outputs, long outputCount, IntPtr* inputs, long inputCount, IntPtr* grads, long gradCount, bool retainGraph, bool createGraph, bool allowUnused, IntPtr* results);

        // tensor.inc
        [DllImport(Lib)] public static extern void ths_dispose(IntPtr t);
        [DllImport(Lib)] public static extern sbyte ths_type(HandleRef t);
        [DllImport(Lib)] public static extern int ths_device_type(HandleRef t);
        [DllImport(Lib)] public static extern int ths_device_index(HandleRef t);
        [DllImport(Lib)] public static extern long ths_ndim(HandleRef t);
        [DllImport(Lib)] public static extern long ths_numel(HandleRef t);
        [DllImport(Lib)] public static extern long ths_element_size(HandleRef t);
        [DllImport(Lib)] public static extern long ths_storage_offset(HandleRef t);
        [DllImport(Lib)] public static extern long ths_size(HandleRef t, long dim);
        [DllImport(Lib)] public static extern void ths_sizes(HandleRef t, long* sizes);
        [DllImport(Lib)] public static extern void ths_strides(HandleRef t, long* strides);
        [DllImport(Lib)] [return: MarshalAs(UnmanagedType.U1)] public static extern bool ths_is_contiguous(HandleRef t);
        [DllImport(Lib)] public static extern IntPtr ths_data(HandleRef t);
        [DllImport(Lib)] [return: MarshalAs(UnmanagedType.U1)] public static extern bool ths_is_leaf(HandleRef t);
        [DllImport(Lib)] [return: MarshalAs(UnmanagedType.U1)] public static extern bool ths_requires_grad(HandleRef t);
        [DllImport(Lib)] public static extern void ths_set_requires_grad(HandleRef t, bool on);
        [DllImport(Lib)] public static extern void ths_retain_grad(HandleRef t);
        [DllImport(Lib)] public static extern IntPtr ths_grad_of(HandleRef t);
        [DllImport(Lib)] public static extern void ths_set_grad(HandleRef t, HandleRef grad);
        [DllImport(Lib)] public static extern long ths_item(HandleRef t, out long bits);
        [DllImport(Lib)] public static extern IntPtr ths_alias(HandleRef t);
        [DllImport(Lib)] public static extern IntPtr ths_clone(HandleRef t);
        [DllImport(Lib)] public static extern IntPtr ths_contiguous(HandleRef t);
        [DllImport(Lib)] public static extern IntPtr ths_detach(HandleRef t);
        [DllImport(Lib)] public static extern void ths_detach_(HandleRef t);
        [DllImport(Lib)] public static extern void ths_copy_(HandleRef t, HandleRef source, bool nonBlocking);
        [DllImport(Lib)] public static extern void ths_set_(HandleRef t, HandleRef source);
        [DllImport(Lib)] public static extern IntPtr ths_to_type(HandleRef t, sbyte type, bool copy, bool nonBlocking);
        [DllImport(Lib)] public static extern IntPtr ths_to_device(HandleRef t, int type, int index, bool copy, bool nonBlocking);
        [DllImport(Lib)] public static extern IntPtr ths_to_both(HandleRef t, sbyte type, int deviceType, int index, bool copy, bool nonBlocking);
        [DllImport(Lib)] public static extern IntPtr ths_view(HandleRef t, long* shape, long n);
        [DllImport(Lib)] public static extern IntPtr ths_reshape(HandleRef t, long* shape, long n);
        [DllImport(Lib)] public static extern IntPtr ths_expand(HandleRef t, long* shape, long n, bool isImplicit);
        [DllImport(Lib)] public static extern IntPtr ths_repeat(HandleRef t, long* times, long n);
        [DllImport(Lib)] public static extern IntPtr ths_permute(HandleRef t, long* dims, long n);
        [DllImport(Lib)] public static extern IntPtr ths_flip(HandleRef t, long* dims, long n);
        [DllImport(Lib)] public static extern IntPtr ths_flatten(HandleRef t, long start, long end);
        [DllImport(Lib)] public static extern IntPtr ths_transpose(HandleRef t, long a, long b);
        [DllImport(Lib)] public static extern IntPtr ths_t(HandleRef t);
        [DllImport(Lib)] public static extern IntPtr ths_squeeze_all(HandleRef t);
        [DllImport(Lib)] public static extern IntPtr ths_squeeze(HandleRef t, long dim);
        [DllImport(Lib)] public static extern IntPtr ths_unsqueeze(HandleRef t, long dim);
        [DllImport(Lib)] public static extern IntPtr ths_narrow(HandleRef t, long dim, long start, long length);
        [DllImport(Lib)] public static extern IntPtr ths_slice(HandleRef t, long dim, long start, long end, long step);
        [DllImport(Lib)] public static extern IntPtr ths_select(HandleRef t, long dim, long index);
        [DllImport(Lib)] public static extern IntPtr ths_index_select(HandleRef t, long dim, HandleRef index);
        [DllImport(Lib)] public static extern IntPtr ths_gather(HandleRef t, long dim, HandleRef index);
        [DllImport(Lib)] public static extern IntPtr ths_masked_select(HandleRef t, HandleRef mask);
        [DllImport(Lib)] public static extern IntPtr ths_masked_fill(HandleRef t, HandleRef mask, Number value);
        [DllImport(Lib)] public static extern void ths_masked_fill_(HandleRef t, HandleRef mask, Number value);
        [DllImport(Lib)] public static extern IntPtr ths_nonzero(HandleRef t);
        [DllImport(Lib)] public static extern IntPtr ths_cat(IntPtr* items, long n, long dim);
        [DllImport(Lib)] public static extern IntPtr ths_stack(IntPtr* items, long n, long dim);
        [DllImport(Lib)] public static extern long ths_unbind(HandleRef t, long dim, IntPtr* results);
        [DllImport(Lib)] public static extern long ths_split(HandleRef t, long* sizes, long n, long dim, IntPtr* results);
        [DllImport(Lib)] public static extern IntPtr ths_index(HandleRef t, NativeIndex* items, long n);
        [DllImport(Lib)] public static extern void ths_index_put_(HandleRef t, NativeIndex* items, long n, HandleRef value);

        // factories.inc
        [DllImport(Lib)] public static extern IntPtr ths_empty(long* shape, long n, sbyte type, int deviceType, int deviceIndex, bool grad);
        [DllImport(Lib)] public static extern IntPtr ths_zeros(long* shape, long n, sbyte type, int deviceType, int deviceIndex, bool grad);
        [DllImport(Lib)] public static extern IntPtr ths_ones(long* shape, long n, sbyte type, int deviceType, int deviceIndex, bool grad);
        [DllImport(Lib)] public static extern IntPtr ths_full(long* shape, long n, Number value, sbyte type, int deviceType, int deviceIndex, bool grad);
        [DllImport(Lib)] public static extern IntPtr ths_rand(HandleRef generator, long* shape, long n, sbyte type, int deviceType, int deviceIndex, bool grad);
        [DllImport(Lib)] public static extern IntPtr ths_randn(HandleRef generator, long* shape, long n, sbyte type, int deviceType, int deviceIndex, bool grad);
        [DllImport(Lib)] public static extern IntPtr ths_randint(HandleRef generator, long low, long high, long* shape, long n, sbyte type, int deviceType, int deviceIndex, bool grad);
        [DllImport(Lib)] public static extern IntPtr ths_randperm(HandleRef generator, long n, sbyte type, int deviceType, int deviceIndex, bool grad);
        [DllImport(Lib)] public static extern IntPtr ths_arange(Number start, Number stop, Number step, sbyte type, int deviceType, int deviceIndex, bool grad);
        [DllImport(Lib)] public static extern IntPtr ths_linspace(double start, double end, long steps, sbyte type, int deviceType, int deviceIndex, bool grad);
        [DllImport(Lib)] public static extern IntPtr ths_eye(long rows, long columns, sbyte type, int deviceType, int deviceIndex, bool grad);
        [DllImport(Lib)] public static extern IntPtr ths_from_memory(void* data, delegate* unmanaged<IntPtr, void> release, IntPtr context, long* shape, long n, sbyte memoryType, sbyte type, int deviceType, int deviceIndex, bool grad);

        // math.inc
        [DllImport(Lib)] public static extern IntPtr ths_abs(HandleRef t);
        [DllImport(Lib)] public static extern IntPtr ths_neg(HandleRef t);
        [DllImport(Lib)] public static extern IntPtr ths_exp(HandleRef t);
        [DllImport(Lib)] public static extern IntPtr ths_log(HandleRef t);
        [DllImport(Lib)] public static extern IntPtr ths_log1p(HandleRef t);
        [DllImport(Lib)] public static extern IntPtr ths_log2(HandleRef t);
        [DllImport(Lib)] public static extern IntPtr ths_sqrt(HandleRef t);
        [DllImport(Lib)] public static extern IntPtr ths_rsqrt(HandleRef t);
        [DllImport(Lib)] public static extern IntPtr ths_reciprocal(HandleRef t);
        [DllImport(Lib)] public static extern IntPtr ths_sign(HandleRef t);
        [DllImport(Lib)] public static extern IntPtr ths_floor(HandleRef t);
        [DllImport(Lib)] public static extern IntPtr ths_ceil(HandleRef t);
        [DllImport(Lib)] public static extern IntPtr ths_trunc(HandleRef t);
        [DllImport(Lib)] public static extern IntPtr ths_sigmoid(HandleRef t);
        [DllImport(Lib)] public static extern IntPtr ths_tanh(HandleRef t);
        [DllImport(Lib)] public static extern IntPtr ths_relu(HandleRef t);
        [DllImport(Lib)] public static extern IntPtr ths_logical_not(HandleRef t);
        [DllImport(Lib)] public static extern IntPtr ths_bitwise_not(HandleRef t);
        [DllImport(Lib)] public static extern IntPtr ths_isnan(HandleRef t);
        [DllImport(Lib)] public static extern IntPtr ths_isinf(HandleRef t);
        [DllImport(Lib)] public static extern IntPtr ths_isfinite(HandleRef t);
        [DllImport(Lib)] public static extern IntPtr ths_square(HandleRef t);
        [DllImport(Lib)] public static extern IntPtr ths_max(HandleRef t);
        [DllImport(Lib)] public static extern IntPtr ths_min(HandleRef t);
        [DllImport(Lib)] public static extern IntPtr ths_argmax(HandleRef t);
        [DllImport(Lib)] public static extern IntPtr ths_argmin(HandleRef t);
        [DllImport(Lib)] public static extern IntPtr ths_any(HandleRef t);
        [DllImport(Lib)] public static extern IntPtr ths_all(HandleRef t);
        [DllImport(Lib)] public static extern IntPtr ths_median(HandleRef t);
        [DllImport(Lib)] public static extern void ths_abs_(HandleRef t);
        [DllImport(Lib)] public static extern void ths_neg_(HandleRef t);
        [DllImport(Lib)] public static extern void ths_exp_(HandleRef t);
        [DllImport(Lib)] public static extern void ths_log_(HandleRef t);
        [DllImport(Lib)] public static extern void ths_sqrt_(HandleRef t);
        [DllImport(Lib)] public static extern void ths_rsqrt_(HandleRef t);
        [DllImport(Lib)] public static extern void ths_reciprocal_(HandleRef t);
        [DllImport(Lib)] public static extern void ths_floor_(HandleRef t);
        [DllImport(Lib)] public static extern void ths_sigmoid_(HandleRef t);
        [DllImport(Lib)] public static extern void ths_relu_(HandleRef t);
        [DllImport(Lib)] public static extern IntPtr ths_zero_(HandleRef t);
        [DllImport(Lib)] public static extern void ths_logical_not_(HandleRef t);
        [DllImport(Lib)] public static extern IntPtr ths_mul(HandleRef a, HandleRef b);
        [DllImport(Lib)] public static extern IntPtr ths_eq(HandleRef a, HandleRef b);
        [DllImport(Lib)] public static extern IntPtr ths_ne(HandleRef a, HandleRef b);
        [DllImport(Lib)] public static extern IntPtr ths_lt(HandleRef a, HandleRef b);
        [DllImport(Lib)] public static extern IntPtr ths_le(HandleRef a, HandleRef b);
        [DllImport(Lib)] public static extern IntPtr ths_gt(HandleRef a, HandleRef b);
        [DllImport(Lib)] public static extern IntPtr ths_ge(HandleRef a, HandleRef b);
        [DllImport(Lib)] public static extern IntPtr ths_maximum(HandleRef a, HandleRef b);
        [DllImport(Lib)] public static extern IntPtr ths_minimum(HandleRef a, HandleRef b);
        [DllImport(Lib)] public static extern IntPtr ths_pow(HandleRef a, HandleRef b);
        [DllImport(Lib)] public static extern IntPtr ths_remainder(HandleRef a, HandleRef b);
        [DllImport(Lib)] public static extern IntPtr ths_logical_and(HandleRef a, HandleRef b);
        [DllImport(Lib)] public static extern IntPtr ths_logical_or(HandleRef a, HandleRef b);
        [DllImport(Lib)] public static extern IntPtr ths_logical_xor(HandleRef a, HandleRef b);
        [DllImport(Lib)] public static extern IntPtr ths_bitwise_and(HandleRef a, HandleRef b);
        [DllImport(Lib)] public static extern IntPtr ths_bitwise_or(HandleRef a, HandleRef b);
        [DllImport(Lib)] public static extern IntPtr ths_bitwise_xor(HandleRef a, HandleRef b);
        [DllImport(Lib)] public static extern IntPtr ths_matmul(HandleRef a, HandleRef b);
        [DllImport(Lib)] public static extern void ths_mul_(HandleRef a, HandleRef b);
        [DllImport(Lib)] public static extern void ths_pow_(HandleRef a, HandleRef b);
        [DllImport(Lib)] public static extern IntPtr ths_mul_number(HandleRef a, Number b);
        [DllImport(Lib)] public static extern IntPtr ths_eq_number(HandleRef a, Number b);
        [DllImport(Lib)] public static extern IntPtr ths_ne_number(HandleRef a, Number b);
        [DllImport(Lib)] public static extern IntPtr ths_lt_number(HandleRef a, Number b);
        [DllImport(Lib)] public static extern IntPtr ths_le_number(HandleRef a, Number b);
        [DllImport(Lib)] public static extern IntPtr ths_gt_number(HandleRef a, Number b);
        [DllImport(Lib)] public static extern IntPtr ths_ge_number(HandleRef a, Number b);
        [DllImport(Lib)] public static extern IntPtr ths_pow_number(HandleRef a, Number b);
        [DllImport(Lib)] public static extern IntPtr ths_remainder_number(HandleRef a, Number b);
        [DllImport(Lib)] public static extern void ths_mul__number(HandleRef a, Number b);
        [DllImport(Lib)] public static extern void ths_pow__number(HandleRef a, Number b);
        [DllImport(Lib)] public static extern void ths_fill__number(HandleRef a, Number b);
        [DllImport(Lib)] public static extern IntPtr ths_add(HandleRef a, HandleRef b, Number alpha);
        [DllImport(Lib)] public static extern void ths_add_(HandleRef a, HandleRef b, Number alpha);
        [DllImport(Lib)] public static extern IntPtr ths_add_number(HandleRef a, Number b, Number alpha);
        [DllImport(Lib)] public static extern void ths_add__number(HandleRef a, Number b, Number alpha);
        [DllImport(Lib)] public static extern IntPtr ths_sub(HandleRef a, HandleRef b);
        [DllImport(Lib)] public static extern void ths_sub_(HandleRef a, HandleRef b);
        [DllImport(Lib)] public static extern IntPtr ths_sub_number(HandleRef a, Number b);
        [DllImport(Lib)] public static extern void ths_sub__number(HandleRef a, Number b);
        [DllImport(Lib)] public static extern IntPtr ths_div(HandleRef a, HandleRef b, int mode);
        [DllImport(Lib)] public static extern IntPtr ths_div_number(HandleRef a, Number b, int mode);
        [DllImport(Lib)] public static extern void ths_div_(HandleRef a, HandleRef b, int mode);
        [DllImport(Lib)] public static extern void ths_div__number(HandleRef a, Number b, int mode);
        [DllImport(Lib)] public static extern IntPtr ths_addcmul(HandleRef t, HandleRef a, HandleRef b, Number value);
        [DllImport(Lib)] public static extern void ths_addcmul_(HandleRef t, HandleRef a, HandleRef b, Number value);
        [DllImport(Lib)] public static extern IntPtr ths_addcdiv(HandleRef t, HandleRef a, HandleRef b, Number value);
        [DllImport(Lib)] public static extern void ths_addcdiv_(HandleRef t, HandleRef a, HandleRef b, Number value);
        [DllImport(Lib)] public static extern IntPtr ths_lerp(HandleRef t, HandleRef end, HandleRef weight);
        [DllImport(Lib)] public static extern void ths_lerp_(HandleRef t, HandleRef end, HandleRef weight);
        [DllImport(Lib)] public static extern IntPtr ths_round(HandleRef t, long decimals);
        [DllImport(Lib)] public static extern IntPtr ths_clamp(HandleRef t, Number min, Number max);
        [DllImport(Lib)] public static extern void ths_clamp_(HandleRef t, Number min, Number max);
        [DllImport(Lib)] public static extern IntPtr ths_clamp_tensor(HandleRef t, HandleRef min, HandleRef max);
        [DllImport(Lib)] public static extern IntPtr ths_where(HandleRef condition, HandleRef x, HandleRef y);
        [DllImport(Lib)] public static extern IntPtr ths_sum_all(HandleRef t, sbyte type);
        [DllImport(Lib)] public static extern IntPtr ths_sum(HandleRef t, long* dims, long n, bool keep, sbyte type);
        [DllImport(Lib)] public static extern IntPtr ths_mean_all(HandleRef t);
        [DllImport(Lib)] public static extern IntPtr ths_mean(HandleRef t, long* dims, long n, bool keep, sbyte type);
        [DllImport(Lib)] public static extern IntPtr ths_std_all(HandleRef t, bool unbiased);
        [DllImport(Lib)] public static extern IntPtr ths_std(HandleRef t, long* dims, long n, bool unbiased, bool keep);
        [DllImport(Lib)] public static extern IntPtr ths_var_all(HandleRef t, bool unbiased);
        [DllImport(Lib)] public static extern IntPtr ths_var(HandleRef t, long* dims, long n, bool unbiased, bool keep);
        [DllImport(Lib)] public static extern IntPtr ths_norm(HandleRef t, float p);
        [DllImport(Lib)] public static extern IntPtr ths_cumsum(HandleRef t, long dim, sbyte type);
        [DllImport(Lib)] public static extern IntPtr ths_any_dim(HandleRef t, long dim, bool keep);
        [DllImport(Lib)] public static extern IntPtr ths_all_dim(HandleRef t, long dim, bool keep);
        [DllImport(Lib)] public static extern IntPtr ths_argmax_dim(HandleRef t, long dim, bool keep);
        [DllImport(Lib)] public static extern IntPtr ths_argmin_dim(HandleRef t, long dim, bool keep);
        [DllImport(Lib)] public static extern void ths_max_dim(HandleRef t, long dim, bool keep, out IntPtr values, out IntPtr indexes);
        [DllImport(Lib)] public static extern void ths_min_dim(HandleRef t, long dim, bool keep, out IntPtr values, out IntPtr indexes);
        [DllImport(Lib)] public static extern void ths_topk(HandleRef t, long k, long dim, bool largest, bool sorted, out IntPtr values, out IntPtr indexes);
        [DllImport(Lib)] public static extern void ths_sort(HandleRef t, long dim, bool descending, bool stable, out IntPtr values, out IntPtr indexes);
        [DllImport(Lib)] public static extern IntPtr ths_bincount(HandleRef t, HandleRef weights, long min_length);
        [DllImport(Lib)] public static extern IntPtr ths_softmax(HandleRef t, long dim, sbyte type);
        [DllImport(Lib)] public static extern IntPtr ths_log_softmax(HandleRef t, long dim, sbyte type);
        [DllImport(Lib)] [return: MarshalAs(UnmanagedType.U1)] public static extern bool ths_allclose(HandleRef a, HandleRef b, double rtol, double atol, bool equal_nan);
        [DllImport(Lib)] public static extern void ths_normal_(HandleRef t, double mean, double std, HandleRef generator);
        [DllImport(Lib)] public static extern void ths_uniform_(HandleRef t, double from, double to, HandleRef generator);
        [DllImport(Lib)] public static extern void ths_bernoulli_(HandleRef t, double p, HandleRef generator);
        [DllImport(Lib)] public static extern IntPtr ths_conv2d(HandleRef x, HandleRef weight, HandleRef bias, long* stride, long stride_n, long* padding, long padding_n, long* dilation, long dilation_n, long groups);
        [DllImport(Lib)] public static extern IntPtr ths_conv2d_padding(HandleRef x, HandleRef weight, HandleRef bias, long* stride, long stride_n, int padding, long* dilation, long dilation_n, long groups);
        [DllImport(Lib)] public static extern IntPtr ths_linear(HandleRef x, HandleRef weight, HandleRef bias);
        [DllImport(Lib)] public static extern IntPtr ths_batch_norm(HandleRef x, HandleRef mean, HandleRef var, HandleRef weight, HandleRef bias, bool training, double momentum, double eps);
        [DllImport(Lib)] public static extern IntPtr ths_dropout(HandleRef x, double p, bool training, bool inplace);
        [DllImport(Lib)] public static extern IntPtr ths_adaptive_avg_pool2d(HandleRef x, long* size, long n);
        [DllImport(Lib)] public static extern IntPtr ths_avg_pool2d(HandleRef x, long* kernel, long kernel_n, long* stride, long stride_n, long* padding, long padding_n, bool ceil_mode, bool count_include_pad, long divisor);
        [DllImport(Lib)] public static extern IntPtr ths_interpolate(HandleRef x, long* size, long size_n, double* scale, long scale_n, int mode, int align, bool recompute, bool antialias);
        [DllImport(Lib)] public static extern IntPtr ths_pad(HandleRef x, long* pad, long n, int mode, double value);
        [DllImport(Lib)] public static extern IntPtr ths_cross_entropy(HandleRef x, HandleRef target, HandleRef weight, long ignore_index, long reduction, double smoothing);
        [DllImport(Lib)] public static extern IntPtr ths_nll_loss(HandleRef x, HandleRef target, HandleRef weight, long reduction);
        [DllImport(Lib)] public static extern void ths_init_constant_(HandleRef t, Number value);
        [DllImport(Lib)] public static extern void ths_init_ones_(HandleRef t);
        [DllImport(Lib)] public static extern void ths_init_zeros_(HandleRef t);
        [DllImport(Lib)] public static extern void ths_init_uniform_(HandleRef t, double low, double high);
        [DllImport(Lib)] public static extern void ths_init_normal_(HandleRef t, double mean, double std);
        [DllImport(Lib)] public static extern void ths_init_kaiming_uniform_(HandleRef t, double a, long mode, long kind);
        [DllImport(Lib)] public static extern void ths_init_kaiming_normal_(HandleRef t, double a, long mode, long kind);
        [DllImport(Lib)] public static extern void ths_init_xavier_uniform_(HandleRef t, double gain);
        [DllImport(Lib)] public static extern double ths_init_gain(long kind, double param);
        [DllImport(Lib)] public static extern double ths_clip_grad_norm_(IntPtr* items, long n, double max_norm, double norm_type);
    }
}
