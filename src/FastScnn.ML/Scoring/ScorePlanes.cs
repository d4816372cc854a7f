namespace FastScnn.ML;

/// <summary>The result of one photo while its rows are filled in, by several threads at once.</summary>
internal sealed class ScorePlanes
{
    private readonly int _width;
    private readonly ScoreKind? _kind;

    /// <param name="classes">The number of classes.</param>
    /// <param name="width">Columns.</param>
    /// <param name="height">Rows.</param>
    /// <param name="kind">What <see cref="Scores"/> holds; null for nothing.</param>
    /// <param name="confidence">Whether <see cref="Confidence"/> is filled.</param>
    public ScorePlanes(int classes, int width, int height, ScoreKind? kind, bool confidence)
    {
        (_width, _kind) = (width, kind);
        Ids = new byte[width * height];
        if (kind is not null)
            Scores = (long)classes * Ids.Length <= Array.MaxLength ? new float[classes * Ids.Length] : throw Errors.ScoresTooLarge(classes, width, height);
        if (confidence)
            Confidence = new float[Ids.Length];
    }

    public byte[] Ids { get; }

    /// <summary>A plane of scores for each class.</summary>
    public float[] Scores { get; } = [];

    /// <summary>The probability of each pixel's class.</summary>
    public float[] Confidence { get; } = [];

    /// <summary>Fills one row; the scores of <paramref name="row"/> are changed.</summary>
    public void Write(int y, ScoreRow row)
    {
        for (int x = 0; x < _width; x++)
            Write(y * _width + x, row[x], row.Averaged);
    }

    private void Write(int pixel, Span<float> scores, bool probabilities)
    {
        int id = Softmax.ArgMax(scores);
        Ids[pixel] = (byte)id;
        if (_kind is null && Confidence.Length == 0)
            return;
        if (!probabilities)
        {
            if (_kind == ScoreKind.Logits)
                Store(pixel, scores);
            Softmax.Apply(scores);
        }
        if (_kind == ScoreKind.Probabilities)
            Store(pixel, scores);
        if (Confidence.Length > 0)
            Confidence[pixel] = scores[id];
        if (probabilities && _kind == ScoreKind.Logits)
        {
            // A probability that is too small for a float has no logarithm.
            foreach (ref float score in scores)
                score = MathF.Log(Math.Max(score, float.Epsilon));
            Store(pixel, scores);
        }
    }

    private void Store(int pixel, ReadOnlySpan<float> scores)
    {
        for (int k = 0, at = pixel; k < scores.Length; k++, at += Ids.Length)
            Scores[at] = scores[k];
    }
}
