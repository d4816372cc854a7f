namespace FastScnn.Bench.Scoring.Peers;

/// <summary>The best class of each pixel as users write it, plane by plane, which is faster than pixel by
/// pixel.</summary>
internal static class BestClasses
{
    public static byte[] Find(ReadOnlySpan<float> logits, int pixels)
    {
        var ids = new byte[pixels];
        float[] best = logits[..pixels].ToArray();
        for (int k = 1; k < logits.Length / pixels; k++)
        {
            ReadOnlySpan<float> plane = logits.Slice(k * pixels, pixels);
            for (int i = 0; i < plane.Length; i++)
            {
                if (plane[i] > best[i])
                    (best[i], ids[i]) = (plane[i], (byte)k);
            }
        }
        return ids;
    }
}
