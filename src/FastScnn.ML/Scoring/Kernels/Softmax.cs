namespace FastScnn.ML;

/// <summary>Turns the scores of one pixel into probabilities.</summary>
internal static class Softmax
{
    /// <summary>
    /// In place; the results are 0..1 and sum to 1. A NaN counts as minus infinity, and a pixel with nothing above that gets equal
    /// probabilities.
    /// </summary>
    public static void Apply(Span<float> scores)
    {
        float largest = float.NegativeInfinity;
        foreach (float score in scores)
            largest = score > largest ? score : largest;
        if (float.IsNegativeInfinity(largest))
        {
            scores.Fill(1f / scores.Length);
            return;
        }
        float sum = 0;
        foreach (ref float score in scores)
        {
            // A score equal to the largest is not subtracted from it, as both may be infinite.
            score = score == largest ? 1 : score < largest ? MathF.Exp(score - largest) : 0;
            sum += score;
        }
        foreach (ref float score in scores)
            score /= sum;
    }

    /// <summary>The place of the largest; of equal ones the first. NaN is never the largest.</summary>
    public static int ArgMax(ReadOnlySpan<float> scores)
    {
        float largest = float.NegativeInfinity;
        int place = 0;
        for (int k = 0; k < scores.Length; k++)
        {
            if (scores[k] > largest)
                (largest, place) = (scores[k], k);
        }
        return place;
    }
}
