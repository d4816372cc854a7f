using FastScnn.ML.Scoring.Kernels;
using FastScnn.ML.Transforms;
using static System.FormattableString;

namespace FastScnn.ML.Scoring;

/// <summary>The result of one image while its rows are filled in, by several threads at once.</summary>
internal sealed class ScorePlanes
{
    private readonly int _width;
    private readonly ScoreKind? _kind;

    /// <param name="classes">The number of classes.</param>
    /// <param name="width">Columns.</param>
    /// <param name="height">Rows.</param>
    /// <param name="kind">The kind of <see cref="Scores"/>; null for nothing.</param>
    /// <param name="confidence">Whether <see cref="Confidence"/> is filled.</param>
    public ScorePlanes(int classes, int width, int height, ScoreKind? kind, bool confidence)
    {
        (_width, _kind) = (width, kind);
        Ids = new byte[width * height];
        if (kind is not null)
        {
            Scores = (long)classes * Ids.Length <= Array.MaxLength ? new float[classes * Ids.Length]
                : throw new ArgumentException(
                Invariant(
                    $"The scores of {classes} classes at {width} x {height} pixels are more than one array holds ({Array.MaxLength}); shrink the ")
                + $"image, or set {nameof(InferenceOptions)}.{nameof(InferenceOptions.OutputSize)} to "
                + $"{nameof(SegmentationSize.Model)}.");
        }
        if (confidence)
            Confidence = new float[Ids.Length];
    }

    public byte[] Ids { get; }

    /// <summary>A plane of scores for each class.</summary>
    public float[] Scores { get; } = [];

    /// <summary>The probability below which a pixel gets <see cref="DoubtfulId"/>; null for none.</summary>
    public double? ConfidenceThreshold { get; init; }

    public byte DoubtfulId { get; init; }

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
        if (_kind is null && Confidence.Length == 0 && ConfidenceThreshold is null)
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
        if (scores[id] < ConfidenceThreshold)
            Ids[pixel] = DoubtfulId;
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

/// <summary>One row of the result: the scores of its pixels, pixel by pixel, as the mean of all runs.</summary>
/// <param name="classes">The number of classes, at most 255.</param>
/// <param name="width">Columns of the result.</param>
/// <param name="averaged">
/// Whether the scores are the mean of the runs' probabilities. Where there is one run for the whole image they are what
/// the network gave.
/// </param>
internal sealed class ScoreRow(int classes, int width, bool averaged)
{
    private readonly float[] _scores = new float[classes * width];
    private readonly int[] _runs = new int[width];
    private float[] _mixed = [];

    public int Width => width;

    public bool Averaged => averaged;

    /// <summary>The scores of one pixel, one a class.</summary>
    public Span<float> this[int x] => _scores.AsSpan(x * classes, classes);

    public void Clear()
    {
        Array.Clear(_scores);
        Array.Clear(_runs);
    }

    /// <summary>
    /// Adds what one run gave for the pixels from <paramref name="firstColumn"/> on, one for each of
    /// <paramref name="columns"/>.
    /// </summary>
    public void Add(ScoreRun run, BilinearTap row, BilinearTap[] columns, int firstColumn)
    {
        MixRows(run, row);
        Span<float> pixel = stackalloc float[classes];
        for (int i = 0; i < columns.Length; i++)
        {
            BilinearTap column = columns[i];
            for (int k = 0, at = 0; k < classes; k++, at += run.Columns)
                pixel[k] = Mix(_mixed[at + column.Low], _mixed[at + column.High], column.Fraction);
            if (averaged)
                Softmax.Apply(pixel);
            Span<float> sum = this[firstColumn + i];
            for (int k = 0; k < sum.Length; k++)
                sum[k] += pixel[k];
            _runs[firstColumn + i]++;
        }
    }

    /// <summary>Turns the sums into means, once everything has been added.</summary>
    public void Finish()
    {
        for (int x = 0; x < width; x++)
        {
            if (_runs[x] > 1)
                foreach (ref float score in this[x])
                    score /= _runs[x];
        }
    }

    private void MixRows(ScoreRun run, BilinearTap row)
    {
        if (_mixed.Length < classes * run.Columns)
            _mixed = new float[classes * run.Columns];
        int plane = run.Rows * run.Columns;
        for (int k = 0; k < classes; k++)
        {
            ReadOnlySpan<float> top = run.Scores.AsSpan(k * plane + row.Low * run.Columns, run.Columns);
            ReadOnlySpan<float> bottom = run.Scores.AsSpan(k * plane + row.High * run.Columns, run.Columns);
            Span<float> mixed = _mixed.AsSpan(k * run.Columns, run.Columns);
            for (int x = 0; x < mixed.Length; x++)
                mixed[x] = Mix(top[x], bottom[x], row.Fraction);
        }
    }

    private static float Mix(float from, float to, float fraction) => from + fraction * (to - from);
}

/// <summary>Scores of networks of other tools, which may end in a softmax.</summary>
internal static class ForeignScores
{
    // Of half precision in a network, a sum of 255 probabilities is off by less.
    private const float Tolerance = 0.01f;

    /// <summary>Replaces probabilities by their logarithms, which softmax turns into them again; logits stay as they
    /// are. Scores are probabilities where those of each place are 0..1 and sum to 1.</summary>
    /// <param name="scores">A plane of scores for each class.</param>
    /// <param name="plane">The scores in a plane.</param>
    /// <param name="name">The name of the model.</param>
    /// <exception cref="InvalidDataException">A score is NaN.</exception>
    public static void ToLogits(Span<float> scores, int plane, string name)
    {
        if (HasNaN(scores))
            throw new InvalidDataException($"'{name}' gave scores that are not numbers (NaN). Are its weights damaged, "
                + "or its input normalised otherwise?");
        if (!AreProbabilities(scores, plane))
            return;
        foreach (ref float score in scores)
            score = MathF.Log(Math.Max(score, float.Epsilon));
    }

    private static bool AreProbabilities(ReadOnlySpan<float> scores, int plane)
    {
        for (int place = 0; place < plane; place++)
        {
            float sum = 0;
            for (int at = place; at < scores.Length; at += plane)
            {
                if (scores[at] is not (>= 0 and <= 1 + Tolerance))
                    return false;
                sum += scores[at];
            }
            if (Math.Abs(sum - 1) > Tolerance)
                return false;
        }
        return true;
    }

    private static bool HasNaN(ReadOnlySpan<float> scores)
    {
        foreach (float score in scores)
            if (float.IsNaN(score))
                return true;
        return false;
    }
}

/// <summary>Turns the scores of one pixel into probabilities.</summary>
internal static class Softmax
{
    /// <summary>In place; the results are 0..1 and sum to 1. A NaN counts as minus infinity, and a pixel with nothing
    /// above that gets equal probabilities.</summary>
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
