using System.Numerics;
using System.Runtime.CompilerServices;
using static System.FormattableString;

namespace FastScnn.Torch;

/// <summary>Returns a value that is in its range and refuses all others; the name is that of the property that is
/// set.</summary>
internal static class Check
{
    public static T Range<T>(T value, T min, T max, [CallerMemberName] string name = "") where T : INumber<T> =>
        value >= min && value <= max ? value : throw Throw.OutOfRange(name, value, Invariant($"{min} to {max}"));

    public static T? Range<T>(T? value, T min, T max, [CallerMemberName] string name = "")
        where T : struct, INumber<T> =>
        value is not { } number || (number >= min && number <= max) ? value
            : throw Throw.OutOfRange(name, value, Invariant($"{min} to {max}, or null"));

    public static T AtLeast<T>(T value, T min, [CallerMemberName] string name = "") where T : INumber<T> =>
        value >= min && T.IsFinite(value) ? value
            : throw Throw.OutOfRange(name, value, Invariant($"{min} or more{(value is double ? " and finite" : "")}"));

    public static T? AtLeast<T>(T? value, T min, [CallerMemberName] string name = "") where T : struct, INumber<T> =>
        value is not { } number || number >= min ? value
            : throw Throw.OutOfRange(name, value, Invariant($"{min} or more, or null"));

    public static double Positive(double value, [CallerMemberName] string name = "") =>
        value is > 0 and < double.PositiveInfinity ? value : throw Throw.OutOfRange(name, value, "above 0 and finite");

    public static double BelowOne(double value, [CallerMemberName] string name = "") =>
        value is >= 0 and < 1 ? value : throw Throw.OutOfRange(name, value, "0 up to but not including 1");
}
