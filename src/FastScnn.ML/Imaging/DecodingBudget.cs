using FastScnn.Torch.Data;

namespace FastScnn.ML;

/// <summary>
/// Bounds the memory of decoding for any number of threads. The images that are decoded at the same time have together at most the
/// pixels of the default limit. A damaged image can take 9 bytes a pixel before the codec reports it.
/// </summary>
internal static class DecodingBudget
{
    private static readonly object s_gate = new();
    private static long s_free = ImageFiles.DefaultMaxPixels;

    /// <summary>Waits for room, then works; an image of more pixels than there are works alone.</summary>
    public static T Run<T>(long pixels, Func<T> work)
    {
        long taken = Math.Min(pixels, ImageFiles.DefaultMaxPixels);
        lock (s_gate)
        {
            while (s_free < taken)
                Monitor.Wait(s_gate);
            s_free -= taken;
        }
        try
        {
            return work();
        }
        finally
        {
            lock (s_gate)
            {
                s_free += taken;
                Monitor.PulseAll(s_gate);
            }
        }
    }
}
