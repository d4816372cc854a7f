namespace FastScnn.GpuBench;

/// <summary>How close scores are to those that the processor gives in single precision.</summary>
/// <param name="LargestDifference">Of any score.</param>
/// <param name="Different">How many places have another best class.</param>
/// <param name="Places">How many there are.</param>
internal readonly record struct Agreement(double LargestDifference, int Different, int Places)
{
    // Half precision keeps 11 bits, and TF32 as many: where two classes are as good as equal, the other one may win.
    private const double MostDifferent = 0.005;
    private const int AlwaysAllowed = 2;

    /// <summary>The share of places whose best class is the same.</summary>
    public double SameWinner => 1 - (double)Different / Places;

    /// <summary>Whether the scores can be those of the same network.</summary>
    public bool IsGood => Different <= Math.Max(AlwaysAllowed, MostDifferent * Places);

    public static Agreement Of(ReadOnlySpan<float> scores, ReadOnlySpan<float> expected, int classes)
    {
        if (scores.Length != expected.Length)
            throw new InvalidOperationException($"{scores.Length} scores, and the processor gives {expected.Length}.");
        double largest = 0;
        for (int i = 0; i < scores.Length; i++)
        {
            double difference = Math.Abs((double)scores[i] - expected[i]);
            largest = double.IsNaN(difference) ? double.PositiveInfinity : Math.Max(largest, difference);
        }
        int area = scores.Length / classes, different = 0;
        for (int place = 0; place < area; place++)
            different += Winner(scores, place, area) != Winner(expected, place, area) ? 1 : 0;
        return new Agreement(largest, different, area);
    }

    /// <summary>Of masks, which hold no scores.</summary>
    public static Agreement Of(ReadOnlySpan<byte> mask, ReadOnlySpan<byte> expected)
    {
        int different = 0;
        for (int i = 0; i < expected.Length; i++)
            different += mask[i] != expected[i] ? 1 : 0;
        return new Agreement(double.NaN, different, expected.Length);
    }

    private static int Winner(ReadOnlySpan<float> scores, int place, int area)
    {
        int winner = place;
        for (int i = place + area; i < scores.Length; i += area)
            if (scores[i] > scores[winner])
                winner = i;
        return winner / area;
    }
}
