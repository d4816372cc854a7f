using System;

#nullable enable
namespace TorchSharp
{
    public static partial class torch
    {
        public enum RoundingMode
        {
            None,
            trunc,
            floor
        }

        public partial class Tensor
        {
            public Tensor abs() => Native.Make(Native.ths_abs(H));

            public Tensor neg() => Native.Make(Native.ths_neg(H));

            public Tensor exp() => Native.Make(Native.ths_exp(H));

            public Tensor log() => Native.Make(Native.ths_log(H));

            public Tensor log1p() => Native.Make(Native.ths_log1p(H));

            public Tensor log2() => Native.Make(Native.ths_log2(H));

            public Tensor sqrt() => Native.Make(Native.ths_sqrt(H));

            public Tensor rsqrt() => Native.Make(Native.ths_rsqrt(H));

            public Tensor reciprocal() => Native.Make(Native.ths_reciprocal(H));

            public Tensor sign() => Native.Make(Native.ths_sign(H));

            public Tensor floor() => Native.Make(Native.ths_floor(H));

            public Tensor ceil() => Native.Make(Native.ths_ceil(H));

            public Tensor trunc() => Native.Make(Native.ths_trunc(H));

            public Tensor sigmoid() => Native.Make(Native.ths_sigmoid(H));

#nullable disable
            public Tensor tanh() => Native.Make(Native.ths_tanh(H));

#nullable enable
            public Tensor relu() => Native.Make(Native.ths_relu(H));

            public Tensor logical_not() => Native.Make(Native.ths_logical_not(H));

            public Tensor bitwise_not() => Native.Make(Native.ths_bitwise_not(H));

            public Tensor isnan() => Native.Make(Native.ths_isnan(H));

            public Tensor isinf() => Native.Make(Native.ths_isinf(H));

            public Tensor isfinite() => Native.Make(Native.ths_isfinite(H));

            public Tensor negative() => neg();

            public Tensor square() => pow(2);

            public Tensor abs_()
            {
                Native.ths_abs_(H);
                return Done();
            }

            public Tensor neg_()
            {
                Native.ths_neg_(H);
                return Done();
            }

            public Tensor exp_()
            {
                Native.ths_exp_(H);
                return Done();
            }

            public Tensor log_()
            {
                Native.ths_log_(H);
                return Done();
            }

            public Tensor sqrt_()
            {
                Native.ths_sqrt_(H);
                return Done();
            }

            public Tensor rsqrt_()
            {
                Native.ths_rsqrt_(H);
                return Done();
            }

            public Tensor reciprocal_()
            {
                Native.ths_reciprocal_(H);
                return Done();
            }

            public Tensor floor_()
            {
                Native.ths_floor_(H);
                return Done();
            }

            public Tensor sigmoid_()
            {
                Native.ths_sigmoid_(H);
                return Done();
            }

            public Tensor relu_()
            {
                Native.ths_relu_(H);
                return Done();
            }

            public Tensor logical_not_()
            {
                Native.ths_logical_not_(H);
                return Done();
            }

            // Unlike the others it returns a new object for the same tensor, as the real package does.
            public Tensor zero_() => Native.Make(Native.ths_zero_(H));

            public Tensor mul(Tensor target) => Native.Make(Native.ths_mul(H, Native.Ref(target)));

            public Tensor mul(Scalar target) => Native.Make(Native.ths_mul_number(H, target.Value));

            public Tensor eq(Tensor target) => Native.Make(Native.ths_eq(H, Native.Ref(target)));

            public Tensor eq(Scalar target) => Native.Make(Native.ths_eq_number(H, target.Value));

            public Tensor ne(Tensor target) => Native.Make(Native.ths_ne(H, Native.Ref(target)));

            public Tensor ne(Scalar target) => Native.Make(Native.ths_ne_number(H, target.Value));

            public Tensor lt(Tensor target) => Native.Make(Native.ths_lt(H, Native.Ref(target)));

            public Tensor lt(Scalar target) => Native.Make(Native.ths_lt_number(H, target.Value));

            public Tensor le(Tensor target) => Native.Make(Native.ths_le(H, Native.Ref(target)));

            public Tensor le(Scalar target) => Native.Make(Native.ths_le_number(H, target.Value));

            public Tensor gt(Tensor target) => Native.Make(Native.ths_gt(H, Native.Ref(target)));

            public Tensor gt(Scalar target) => Native.Make(Native.ths_gt_number(H, target.Value));

            public Tensor ge(Tensor target) => Native.Make(Native.ths_ge(H, Native.Ref(target)));

            public Tensor ge(Scalar target) => Native.Make(Native.ths_ge_number(H, target.Value));

            public Tensor pow(Tensor exponent) => Native.Make(Native.ths_pow(H, Native.Ref(exponent)));

            public Tensor pow(Scalar exponent) => Native.Make(Native.ths_pow_number(H, exponent.Value));

            public Tensor remainder(Tensor target) => Native.Make(Native.ths_remainder(H, Native.Ref(target)));

            public Tensor remainder(Scalar scalar) => Native.Make(Native.ths_remainder_number(H, scalar.Value));

            public Tensor equal(Tensor target) => eq(target);

            public Tensor not_equal(Tensor target) => ne(target);

            public Tensor maximum(Tensor other) => Native.Make(Native.ths_maximum(H, Native.Ref(other)));

            public Tensor minimum(Tensor other) => Native.Make(Native.ths_minimum(H, Native.Ref(other)));

            public Tensor logical_and(Tensor other) => Native.Make(Native.ths_logical_and(H, Native.Ref(other)));

            public Tensor logical_or(Tensor other) => Native.Make(Native.ths_logical_or(H, Native.Ref(other)));

            public Tensor logical_xor(Tensor other) => Native.Make(Native.ths_logical_xor(H, Native.Ref(other)));

            public Tensor bitwise_and(Tensor other) => Native.Make(Native.ths_bitwise_and(H, Native.Ref(other)));

            public Tensor bitwise_or(Tensor other) => Native.Make(Native.ths_bitwise_or(H, Native.Ref(other)));

            public Tensor bitwise_xor(Tensor other) => Native.Make(Native.ths_bitwise_xor(H, Native.Ref(other)));

#nullable disable
            public Tensor matmul(Tensor target) => Native.Make(Native.ths_matmul(H, Native.Ref(target)));
#nullable enable

            public Tensor mul_(Tensor target)
            {
                Native.ths_mul_(H, Native.Ref(target));
                return Done();
            }

            public Tensor mul_(Scalar target)
            {
                Native.ths_mul__number(H, target.Value);
                return Done();
            }

            public Tensor pow_(Tensor exponent)
            {
                Native.ths_pow_(H, Native.Ref(exponent));
                return Done();
            }

            public Tensor pow_(Scalar exponent)
            {
                Native.ths_pow__number(H, exponent.Value);
                return Done();
            }

            public Tensor add(Tensor target) => add(target, 1);

            public Tensor add(Tensor target, Scalar alpha) => Native.Make(Native.ths_add(H, Native.Ref(target), alpha.Value));

            public Tensor add(Scalar scalar) => add(scalar, 1);

            public Tensor add(Scalar scalar, Scalar alpha) => Native.Make(Native.ths_add_number(H, scalar.Value, alpha.Value));

            public Tensor add_(Tensor target) => add_(target, 1);

            public Tensor add_(Tensor target, Scalar alpha)
            {
                Native.ths_add_(H, Native.Ref(target), alpha.Value);
                return Done();
            }

            public Tensor add_(Scalar scalar) => add_(scalar, 1);

            public Tensor add_(Scalar scalar, Scalar alpha)
            {
                Native.ths_add__number(H, scalar.Value, alpha.Value);
                return Done();
            }

            public Tensor sub(Tensor target) => Native.Make(Native.ths_sub(H, Native.Ref(target)));

            public Tensor sub(Scalar target) => Native.Make(Native.ths_sub_number(H, target.Value));

            public Tensor sub_(Tensor target)
            {
                Native.ths_sub_(H, Native.Ref(target));
                return Done();
            }

            public Tensor sub_(Scalar target)
            {
                Native.ths_sub__number(H, target.Value);
                return Done();
            }

            public Tensor div(Tensor target, RoundingMode rounding_mode = RoundingMode.None) => Native.Make(Native.ths_div(H, Native.Ref(target), (int)rounding_mode));

            public Tensor div(Scalar target, RoundingMode rounding_mode = RoundingMode.None) => Native.Make(Native.ths_div_number(H, target.Value, (int)rounding_mode));

            public Tensor div_(Tensor target, RoundingMode rounding_mode = RoundingMode.None)
            {
                Native.ths_div_(H, Native.Ref(target), (int)rounding_mode);
                return Done();
            }

            public Tensor div_(Scalar target, RoundingMode rounding_mode = RoundingMode.None)
            {
                Native.ths_div__number(H, target.Value, (int)rounding_mode);
                return Done();
            }

            public Tensor addcmul(Tensor tensor1, Tensor tensor2, Scalar value) => Native.Make(Native.ths_addcmul(H, Native.Ref(tensor1), Native.Ref(tensor2), value.Value));

            public Tensor addcmul_(Tensor tensor1, Tensor tensor2, Scalar value)
            {
                Native.ths_addcmul_(H, Native.Ref(tensor1), Native.Ref(tensor2), value.Value);
                return Done();
            }

            public Tensor addcdiv(Tensor tensor1, Tensor tensor2, Scalar value) => Native.Make(Native.ths_addcdiv(H, Native.Ref(tensor1), Native.Ref(tensor2), value.Value));

            public Tensor addcdiv_(Tensor tensor1, Tensor tensor2, Scalar value)
            {
                Native.ths_addcdiv_(H, Native.Ref(tensor1), Native.Ref(tensor2), value.Value);
                return Done();
            }

            public Tensor lerp(Tensor end, Tensor weight) => Native.Make(Native.ths_lerp(H, Native.Ref(end), Native.Ref(weight)));

            public Tensor lerp_(Tensor end, Tensor weight)
            {
                Native.ths_lerp_(H, Native.Ref(end), Native.Ref(weight));
                return Done();
            }

            public Tensor round(long decimals = 0L) => Native.Make(Native.ths_round(H, decimals));

            public Tensor clamp(Scalar? min = null, Scalar? max = null) => Native.Make(Native.ths_clamp(H, min?.Value ?? Number.None, max?.Value ?? Number.None));

            public Tensor clamp(Tensor? min = null, Tensor? max = null) => Native.Make(Native.ths_clamp_tensor(H, Native.Ref(min!), Native.Ref(max!)));

            public Tensor clamp_(Scalar? min = null, Scalar? max = null)
            {
                Native.ths_clamp_(H, min?.Value ?? Number.None, max?.Value ?? Number.None);
                return Done();
            }

            public Tensor where(Tensor condition, Tensor y)
            {
                if (condition.dtype != ScalarType.Bool) throw new ArgumentException("The condition to 'where' must be a boolean tensor.");
                return Native.Make(Native.ths_where(Native.Ref(condition), H, Native.Ref(y)));
            }

            public Tensor fill_(Scalar value)
            {
                Native.ths_fill__number(H, value.Value);
                return Done();
            }

            public Tensor softmax(long dim, ScalarType? dtype = null) => Native.Make(Native.ths_softmax(H, dim, Type(dtype)));

            public Tensor log_softmax(long dim, ScalarType? dtype = null) => Native.Make(Native.ths_log_softmax(H, dim, Type(dtype)));

            public bool allclose(Tensor target, double rtol = 1e-05, double atol = 1e-08, bool equal_nan = false)
            {
                if (target is null) return false;
                var result = Native.ths_allclose(H, Native.Ref(target), rtol, atol, equal_nan);
                CheckForErrors();
                return result;
            }

            public Tensor normal_(double mean = 0.0, double std = 1.0, Generator? generator = null)
            {
                Native.ths_normal_(H, mean, std, Native.Ref(generator!));
                return Done();
            }

            public Tensor uniform_(double from, double to, Generator? generator = null)
            {
                Native.ths_uniform_(H, from, to, Native.Ref(generator!));
                return Done();
            }

            public Tensor bernoulli_(double p = 0.5, Generator? generator = null)
            {
                Native.ths_bernoulli_(H, p, Native.Ref(generator!));
                return Done();
            }

            private static sbyte Type(ScalarType? type) => type.HasValue ? (sbyte)type.Value : (sbyte)-1;
        }
    }
}
