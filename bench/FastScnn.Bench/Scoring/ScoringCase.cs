using System.Globalization;

namespace FastScnn.Bench.Scoring;

/// <summary>What is scored: an image of a size, with a number of threads.</summary>
internal sealed record ScoringCase(int Height, int Width, int Threads)
{
    public string Size => string.Create(CultureInfo.InvariantCulture, $"{Height}x{Width}");
}
