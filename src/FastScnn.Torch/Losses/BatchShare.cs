namespace FastScnn.Torch.Losses;

/// <summary>How many pixels of a batch, or of a part of it, have each label.</summary>
internal sealed class LabelCounts
{
    /// <summary>The pixels of each label, 0..255.</summary>
    public long[] Pixels { get; } = new long[byte.MaxValue + 1];

    /// <summary>Counts the labels that a loss with a stride compares.</summary>
    /// <param name="labels">Labels [N, height, width].</param>
    /// <param name="height">The rows of an image.</param>
    /// <param name="width">The columns of an image.</param>
    /// <param name="stride">See <see cref="Training.TrainingOptions.LossStride"/>.</param>
    public static LabelCounts Of(ReadOnlySpan<byte> labels, int height, int width, int stride)
    {
        LabelCounts counts = new();
        for (int image = 0; image < labels.Length; image += height * width)
            for (int y = 0; y < height; y += stride)
            {
                ReadOnlySpan<byte> row = labels.Slice(image + y * width, width);
                for (int x = 0; x < width; x += stride) counts.Pixels[row[x]]++;
            }
        return counts;
    }

    /// <summary>The pixels that count, each times the weight of its class.</summary>
    public double Sum(long ignoreIndex, double[]? classWeights)
    {
        double sum = 0;
        for (int label = 0; label < Pixels.Length; label++)
            if (label != ignoreIndex)
                sum += Pixels[label] * (label < classWeights?.Length ? classWeights[label] : 1);
        return sum;
    }
}

/// <summary>The part of a batch that goes through the network at once, where other parts follow it or are with other
/// processes. A mean over the whole is not the mean of the parts' means where they differ in the pixels that
/// count.</summary>
/// <param name="Part">The labels of the part.</param>
/// <param name="Whole">Those of the whole batch, over all processes.</param>
internal sealed record BatchShare(LabelCounts Part, LabelCounts Whole)
{
    /// <summary>The factor that makes of the part's mean what it adds to the mean of the whole, 0..1.</summary>
    public double Of(long ignoreIndex, double[]? classWeights = null) =>
        Whole.Sum(ignoreIndex, classWeights) is > 0 and var whole ? Part.Sum(ignoreIndex, classWeights) / whole : 0;
}
