namespace FastScnn.GpuBench;

/// <summary>How close scores are to those that the processor gives in single precision.</summary>
/// <param name="LargestDifference">Of any score.</param>
/// <param name="SameWinner">The share of places whose best class is the same.</param>
internal readonly record struct Agreement(double LargestDifference, double SameWinner)
{
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
        int area = scores.Length / classes, same = 0;
        for (int place = 0; place < area; place++)
            same += Winner(scores, place, area) == Winner(expected, place, area) ? 1 : 0;
        return new Agreement(largest, (double)same / area);
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
