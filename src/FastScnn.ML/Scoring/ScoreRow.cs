namespace FastScnn.ML;

/// <summary>One row of the result: the scores of its pixels, pixel by pixel, as the mean of all runs.</summary>
/// <param name="classes">The number of classes, at most 255.</param>
/// <param name="width">Columns of the result.</param>
/// <param name="averaged">
/// Whether the scores are the mean of the runs' probabilities. Where there is one run for the whole photo they are what the network gave.
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

    /// <summary>Adds what one run gave for the pixels from <paramref name="firstColumn"/> on, one for each of <paramref name="columns"/>.</summary>
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
