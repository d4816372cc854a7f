using FastScnn.ML.Scoring.Kernels;

namespace FastScnn.ML.Tests.Scoring;

/// <summary>The definition of <see cref="UpsampleArgMax"/>, pixel by pixel and class by class: its oracle.</summary>
internal static class ScalarUpsampleArgMax
{
    public static byte[] Run(float[] logits, int classes, int sourceWidth, int sourceHeight, int width, int height,
        bool alignCorners)
    {
        BilinearTap[] columns = BilinearTap.Along(width, sourceWidth, alignCorners),
            rows = BilinearTap.Along(height, sourceHeight, alignCorners);
        var ids = new byte[width * height];
        for (int y = 0; y < height; y++)
            for (int x = 0; x < width; x++)
            {
                float best = float.NegativeInfinity;
                for (int k = 0; k < classes; k++)
                {
                    float score = Score(logits.AsSpan(k * sourceWidth * sourceHeight), sourceWidth, columns[x],
                        rows[y]);
                    if (score > best)
                        (best, ids[y * width + x]) = (score, (byte)k);
                }
            }
        return ids;
    }

    public static float Score(ReadOnlySpan<float> plane, int sourceWidth, BilinearTap column, BilinearTap row)
    {
        float left = Mix(plane[row.Low * sourceWidth + column.Low], plane[row.High * sourceWidth + column.Low],
            row.Fraction);
        float right = Mix(plane[row.Low * sourceWidth + column.High], plane[row.High * sourceWidth + column.High],
            row.Fraction);
        return Mix(left, right, column.Fraction);
    }

    private static float Mix(float from, float to, float fraction) =>
        fraction == 0 ? from : MathF.FusedMultiplyAdd(fraction, to - from, from);
}
