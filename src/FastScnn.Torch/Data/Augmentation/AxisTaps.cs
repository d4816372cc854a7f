namespace FastScnn.Torch.Data.Augmentation;

/// <summary>
/// For each of a row of target positions the source positions that make it up, as many for each: source positions <c>First[i]</c>
/// .. <c>First[i] + Count - 1</c> with the weights <c>Weights[i * Count]</c> onwards, which add up to 2^<see cref="Bits"/>. In whole numbers, so that
/// sums come out alike on every processor.
/// </summary>
internal sealed class AxisTaps
{
    /// <summary>The binary digits of weights after the point.</summary>
    public const int Bits = 14;

    private AxisTaps(int length, int count) => (First, Count, Weights) = (new int[length], count, new int[length * count]);

    /// <summary>The first source position of each target position.</summary>
    public int[] First { get; }

    /// <summary>Source positions for each target position.</summary>
    public int Count { get; }

    /// <summary>The weights of each target position, one after the other.</summary>
    public int[] Weights { get; }

    /// <summary>
    /// Bilinear scaling with pixel centres aligned, as Pillow's: enlarged it takes two neighbours; made smaller the triangle widens with
    /// the factor, so that no source pixel is skipped.
    /// </summary>
    /// <param name="source">Pixels along the source.</param>
    /// <param name="scaled">Pixels along the whole scaled axis.</param>
    /// <param name="first">The first scaled position wanted.</param>
    /// <param name="length">Positions wanted.</param>
    /// <param name="mirrored">Whether they are wanted in reverse.</param>
    public static AxisTaps Scaling(int source, int scaled, int first, int length, bool mirrored)
    {
        double scale = (double)source / scaled, support = Math.Max(scale, 1);
        var taps = new AxisTaps(length, Math.Min(source, (int)Math.Ceiling(support) * 2));
        Span<double> weights = taps.Count <= 256 ? stackalloc double[taps.Count] : new double[taps.Count];
        for (int i = 0; i < length; i++)
        {
            double center = (first + i + 0.5) * scale;
            // The span of 2 x support around the centre covers at most Count pixel centres; at the edges it is moved inside.
            int start = Math.Clamp((int)Math.Floor(center - support + 0.5), 0, source - taps.Count);
            for (int k = 0; k < weights.Length; k++) weights[k] = Math.Max(0, 1 - Math.Abs(start + k + 0.5 - center) / support);
            taps.Set(mirrored ? length - 1 - i : i, start, weights);
        }
        return taps;
    }

    /// <summary>A Gaussian of a standard deviation, cut at three of them and at the edges of the axis.</summary>
    public static AxisTaps Gaussian(int length, double deviation)
    {
        int reach = (int)Math.Ceiling(3 * deviation);
        var taps = new AxisTaps(length, Math.Min(length, 2 * reach + 1));
        Span<double> weights = stackalloc double[taps.Count];
        for (int i = 0; i < length; i++)
        {
            int start = Math.Clamp(i - reach, 0, length - taps.Count);
            for (int k = 0; k < weights.Length; k++)
            {
                int distance = start + k - i;
                weights[k] = Math.Abs(distance) > reach ? 0 : Math.Exp(-distance * distance / (2 * deviation * deviation));
            }
            taps.Set(i, start, weights);
        }
        return taps;
    }

    private void Set(int position, int first, ReadOnlySpan<double> weights)
    {
        double sum = 0;
        foreach (double weight in weights) sum += weight;
        Span<int> target = Weights.AsSpan(position * Count, Count);
        int left = 1 << Bits, largest = 0;
        for (int k = 0; k < weights.Length; k++)
        {
            left -= target[k] = (int)Math.Round(weights[k] / sum * (1 << Bits));
            if (target[k] > target[largest]) largest = k;
        }
        // Rounding must not make a plain area lighter or darker.
        target[largest] += left;
        First[position] = first;
    }
}
