using TorchSharp;
using static TorchSharp.torch;

namespace FastScnn.Torch.Network;

/// <summary>Operations of a tensor and a number that keep the number alive until libtorch has read it.</summary>
/// <remarks>TorchSharp 0.107 makes a <see cref="Scalar"/> of the number, hands its native handle on and forgets it: its
/// finalizer may free the handle while libtorch reads it. That ends in "Unknown scalar type", or in another number
/// without a word (dotnet/TorchSharp pull requests 1434 and 1496). All code of this library that computes with tensors
/// and numbers, or adds tensors, does so here.</remarks>
internal static class ScalarOperations
{
    // The factor that TorchSharp makes for every sum, also for the operator +, and forgets likewise.
    private static readonly Scalar s_one = 1;

    public static Tensor Times(this Tensor tensor, double factor)
    {
        using Scalar kept = factor;
        return tensor.mul(kept);
    }

    public static Tensor DividedBy(this Tensor tensor, double divisor)
    {
        using Scalar kept = divisor;
        return tensor.div(kept);
    }

    public static Tensor Plus(this Tensor tensor, Tensor summand) => tensor.add(summand, s_one);

    public static Tensor Plus(this Tensor tensor, double summand)
    {
        using Scalar kept = summand;
        return tensor.add(kept, s_one);
    }

    public static Tensor Plus(this Tensor tensor, Tensor summand, double factor)
    {
        using Scalar kept = factor;
        return tensor.add(summand, kept);
    }

    public static Tensor TimesInPlace(this Tensor tensor, double factor)
    {
        using Scalar kept = factor;
        return tensor.mul_(kept);
    }

    public static Tensor DivideInPlace(this Tensor tensor, double divisor)
    {
        using Scalar kept = divisor;
        return tensor.div_(kept);
    }

    public static Tensor AddInPlace(this Tensor tensor, Tensor summand) => tensor.add_(summand, s_one);

    public static Tensor AddInPlace(this Tensor tensor, long summand)
    {
        using Scalar kept = summand;
        return tensor.add_(kept, s_one);
    }

    public static Tensor AddInPlace(this Tensor tensor, double summand)
    {
        using Scalar kept = summand;
        return tensor.add_(kept, s_one);
    }

    public static Tensor AddInPlace(this Tensor tensor, Tensor summand, double factor)
    {
        using Scalar kept = factor;
        return tensor.add_(summand, kept);
    }

    public static Tensor AddProductInPlace(this Tensor tensor, Tensor one, Tensor other, double factor)
    {
        using Scalar kept = factor;
        return tensor.addcmul_(one, other, kept);
    }

    public static Tensor AddQuotientInPlace(this Tensor tensor, Tensor dividend, Tensor divisor, double factor)
    {
        using Scalar kept = factor;
        return tensor.addcdiv_(dividend, divisor, kept);
    }

    public static Tensor Differs(this Tensor tensor, long value)
    {
        using Scalar kept = value;
        return tensor.ne(kept);
    }

    public static Tensor IsBelow(this Tensor tensor, long value)
    {
        using Scalar kept = value;
        return tensor.lt(kept);
    }

    public static Tensor IsAtLeast(this Tensor tensor, long value)
    {
        using Scalar kept = value;
        return tensor.ge(kept);
    }

    public static Tensor IsAtMost(this Tensor tensor, double value)
    {
        using Scalar kept = value;
        return tensor.le(kept);
    }

    public static Tensor FilledWhere(this Tensor tensor, Tensor mask, long value)
    {
        using Scalar kept = value;
        return tensor.masked_fill(mask, kept);
    }

    /// <summary>The whole numbers from <paramref name="first"/> up to but not including
    /// <paramref name="end"/>.</summary>
    public static Tensor Range(long first, long end, Device device)
    {
        using Scalar from = first, to = end;
        return arange(from, to, s_one, device: device);
    }
}
