using System;

#nullable enable
namespace TorchSharp
{
    /// <summary>The same operations as functions.</summary>
    public static partial class torch
    {
        public static Tensor abs(Tensor input) => input.abs();

        public static Tensor exp(Tensor input) => input.exp();

        public static Tensor log(Tensor input) => input.log();

        public static Tensor log1p(Tensor input) => input.log1p();

        public static Tensor log2(Tensor input) => input.log2();

        public static Tensor sqrt(Tensor input) => input.sqrt();

        public static Tensor rsqrt(Tensor input) => input.rsqrt();

        public static Tensor reciprocal(Tensor input) => input.reciprocal();

        public static Tensor sign(Tensor input) => input.sign();

        public static Tensor floor(Tensor input) => input.floor();

        public static Tensor ceil(Tensor input) => input.ceil();

        public static Tensor trunc(Tensor input) => input.trunc();

        public static Tensor sigmoid(Tensor input) => input.sigmoid();

        public static Tensor tanh(Tensor input) => input.tanh();

        public static Tensor neg(Tensor input) => input.neg();

        public static Tensor square(Tensor input) => input.square();

        public static Tensor logical_not(Tensor input) => input.logical_not();

        public static Tensor max(Tensor input) => input.max();

        public static Tensor min(Tensor input) => input.min();

        public static Tensor argmax(Tensor input) => input.argmax();

        public static Tensor argmin(Tensor input) => input.argmin();

        public static Tensor any(Tensor input) => input.any();

        public static Tensor all(Tensor input) => input.all();

        public static Tensor median(Tensor input) => input.median();

        public static Tensor mean(Tensor input) => input.mean();

        public static Tensor argmax(Tensor input, long dim, bool keepdim = false) => input.argmax(dim, keepdim);

        public static Tensor argmin(Tensor input, long dim, bool keepdim = false) => input.argmin(dim, keepdim);

        public static Tensor any(Tensor input, long dim, bool keepdim = false) => input.any(dim, keepdim);

        public static Tensor all(Tensor input, long dim, bool keepdim = false) => input.all(dim, keepdim);

        public static (Tensor values, Tensor indexes) max(Tensor input, long dim, bool keepdim = false) => input.max(dim, keepdim);

        public static Tensor max(Tensor input, Tensor other) => maximum(input, other);

        public static (Tensor values, Tensor indexes) min(Tensor input, long dim, bool keepdim = false) => input.min(dim, keepdim);

        public static Tensor min(Tensor input, Tensor other) => minimum(input, other);

        public static Tensor add(Tensor left, Tensor right) => left.add(right);

        public static Tensor add(Tensor left, Scalar right) => left.add(right);

        public static Tensor sub(Tensor left, Tensor right) => left.sub(right);

        public static Tensor sub(Tensor left, Scalar right) => left.sub(right);

        public static Tensor mul(Tensor left, Tensor right) => left.mul(right);

        public static Tensor mul(Tensor left, Scalar right) => left.mul(right);

        public static Tensor add(Tensor left, Tensor right, Scalar alpha) => left.add(right, alpha);

        public static Tensor div(Tensor left, Tensor right, RoundingMode rounding_mode = RoundingMode.None) => left.div(right, rounding_mode);

        public static Tensor div(Tensor left, Scalar right, RoundingMode rounding_mode = RoundingMode.None) => left.div(right, rounding_mode);

        public static Tensor pow(Tensor left, Tensor exponent) => left.pow(exponent);

        public static Tensor pow(Tensor left, Scalar exponent) => left.pow(exponent);

        public static Tensor logical_and(Tensor left, Tensor right) => left.logical_and(right);

        public static Tensor logical_or(Tensor left, Tensor right) => left.logical_or(right);

        public static Tensor clamp(Tensor input, Scalar? min = null, Scalar? max = null) => input.clamp(min, max);

        public static Tensor clamp(Tensor input, Tensor? min = null, Tensor? max = null) => input.clamp(min, max);

        public static Tensor round(Tensor input, long decimals = 0L) => input.round(decimals);

        public static Tensor sum(Tensor input, ScalarType? type = null) => input.sum(type);

        public static Tensor sum(Tensor input, ReadOnlySpan<long> dim, bool keepdim = false, ScalarType? type = null) => input.sum(dim, keepdim, type);

        public static Tensor sum(Tensor input, long dim, bool keepdim = false, ScalarType? type = null) => input.sum(dim, keepdim, type);

        public static Tensor mean(Tensor input, long[] dimensions, bool keepdim = false, ScalarType? type = null) => input.mean(dimensions, keepdim, type);

        public static Tensor cumsum(Tensor input, long dim, ScalarType? type = null) => input.cumsum(dim, type);

        public static Tensor bincount(Tensor input, Tensor? weights = null, long minlength = 0) => input.bincount(weights, minlength);

        public static Tensor matmul(Tensor input, Tensor target) => input.matmul(target);

#nullable disable
        public static Tensor isnan(Tensor input) => input.isnan();

        public static Tensor isinf(Tensor tensor) => tensor.isinf();

        public static Tensor isfinite(Tensor tensor) => tensor.isfinite();

        public static Tensor maximum(Tensor input, Tensor other) => input.maximum(other);

        public static Tensor minimum(Tensor input, Tensor other) => input.minimum(other);

        public static Tensor eq(Tensor left, Tensor right) => left.eq(right);

        public static Tensor ne(Tensor left, Tensor right) => left.ne(right);

        public static Tensor lt(Tensor left, Tensor right) => left.lt(right);

        public static Tensor le(Tensor left, Tensor right) => left.le(right);

        public static Tensor gt(Tensor left, Tensor right) => left.gt(right);

        public static Tensor ge(Tensor left, Tensor right) => left.ge(right);

        public static Tensor equal(Tensor tensor, Tensor target) => tensor.equal(target);

        public static bool allclose(Tensor tensor, Tensor target, double rtol = 1e-05, double atol = 1e-08, bool equal_nan = false) => tensor.allclose(target, rtol, atol, equal_nan);

        public static (Tensor values, Tensor indices) sort(Tensor input, long dim = -1, bool descending = false, bool stable = false) => input.sort(dim, descending, stable);

        public static (Tensor values, Tensor indices) topk(Tensor tensor, int k, int dim = -1, bool largest = true, bool sorted = true) => tensor.topk(k, dim, largest, sorted);
    }
}
