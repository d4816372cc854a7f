using System.Globalization;

namespace FastScnn.Torch;

/// <summary>Every error text of this project, in files <c>Errors.*.cs</c> by concern; each quotes what was found and what was expected.</summary>
internal static partial class Errors
{
    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private static string ShapeText(IEnumerable<long> shape) => ErrorText.Shape(shape);

    internal static string NameList(IReadOnlyCollection<string> names, int most = 20) => ErrorText.List(names, most);

    public static ArgumentException NormalizationLength(string what, int length) =>
        new(Invariant($"{what} has {length} values; a normalization holds one for each of the channels red, green and blue, so 3."), what);

    public static ArgumentException NormalizationValue(string what, float value) =>
        new(Invariant($"{what} holds {value}; {(what == nameof(Normalization.Std) ? "a standard deviation is finite and above 0" : "a mean is finite")}."), what);
}
