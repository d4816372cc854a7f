using System.Globalization;
using System.Text.RegularExpressions;

namespace FastScnn.Notebooks;

/// <summary>A line that a cell printed, taken apart into what is the same on every machine and what is nearly
/// so.</summary>
/// <param name="Words">Its words and whole numbers, with a sign in place of each number that has a fraction, and single
/// spaces.</param>
/// <param name="Fractions">Those numbers.</param>
internal sealed partial record OutputLine(string Words, IReadOnlyList<(double Value, bool IsPercent)> Fractions)
{
    // What scores of a short training differ by between builds of libtorch.
    private const double PercentTolerance = 5, RelativeTolerance = 0.1;

    /// <summary>The lines of a text.</summary>
    public static IReadOnlyList<OutputLine> All(string text) =>
        [.. text.TrimEnd('\n').Split('\n').Select(line => new OutputLine(
        Spaces().Replace(Numbers().Replace(line, "~"), " ").Trim(),
        [.. Numbers().Matches(line)
            .Select(number => (double.Parse(number.Groups[1].ValueSpan, CultureInfo.InvariantCulture),
                number.Groups[2].Success))]))];

    /// <summary>Whether the words are the same and the numbers near: in per cent within 5 points, others within a tenth
    /// of the larger.</summary>
    public bool IsNear(OutputLine other) => Words == other.Words && Fractions.Zip(other.Fractions).All(pair =>
        pair.First.IsPercent == pair.Second.IsPercent
        && Math.Abs(pair.First.Value - pair.Second.Value)
            <= (pair.First.IsPercent ? PercentTolerance
                : RelativeTolerance * Math.Max(Math.Abs(pair.First.Value), Math.Abs(pair.Second.Value))));

    // Not the parts of a version.
    [GeneratedRegex(@"(?<![\w.])(-?\d+\.\d+(?:[eE][+-]?\d+)?)(?!\d|\.\d)(\s*%)?")]
    private static partial Regex Numbers();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();
}
