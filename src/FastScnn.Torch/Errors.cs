using System.Globalization;

namespace FastScnn.Torch;

/// <summary>Every error text of this project, in files <c>Errors.*.cs</c> by concern; each quotes what was found and what was expected.</summary>
internal static partial class Errors
{
    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private static string ShapeText(IEnumerable<long> shape) => ErrorText.Shape(shape);

    internal static string NameList(IReadOnlyCollection<string> names, int most = 20) => ErrorText.List(names, most);

    public static ArgumentOutOfRangeException Option<T>(string name, T value, string range) => Throw.OutOfRange(name, value, range);
}
