using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace FastScnn.ML;

/// <summary>The best class of every score position in one row.</summary>
internal static class BestClassRow
{
    /// <summary>Stands for "one of the scores is no finite number": no class, as there are at most 255 of them.</summary>
    public const byte NotFinite = 255;

    /// <param name="logits">A plane of scores for each class.</param>
    /// <param name="classes">The number of classes, 1..255.</param>
    /// <param name="plane">The size of a plane.</param>
    /// <param name="start">Where the row starts in a plane.</param>
    /// <param name="best">The classes, one for each position. Of equal scores the lowest class wins; NaN never does.</param>
    /// <param name="mark">Whether positions with a score that is NaN or infinite get <see cref="NotFinite"/>.</param>
    public static void Find(ReadOnlySpan<float> logits, int classes, int plane, int start, Span<byte> best, bool mark)
    {
        int x = 0;
        for (; x <= best.Length - Vector256<float>.Count; x += Vector256<float>.Count)
            FindEight(logits, classes, plane, start + x, best[x..], mark);
        if (x < best.Length && x > 0)
        {
            // Some positions are looked at twice.
            x = best.Length - Vector256<float>.Count;
            FindEight(logits, classes, plane, start + x, best[x..], mark);
        }
        for (; x < best.Length && best.Length < Vector256<float>.Count; x++)
            best[x] = FindOne(logits, classes, plane, start + x, mark);
    }

    /// <summary>Writes eight class ids, one byte each.</summary>
    public static void Store(Vector256<int> ids, Span<byte> target)
    {
        Vector128<ushort> words = Vector128.Narrow(ids.GetLower().AsUInt32(), ids.GetUpper().AsUInt32());
        MemoryMarshal.Write(target, Vector128.Narrow(words, words).AsUInt64().ToScalar());
    }

    private static void FindEight(ReadOnlySpan<float> logits, int classes, int plane, int at, Span<byte> best, bool mark)
    {
        // One check for all loads: they start no later than in the last plane.
        ReadOnlySpan<float> reached = logits.Slice(at, (classes - 1) * plane + Vector256<float>.Count);
        ref float scores = ref MemoryMarshal.GetReference(reached);
        Vector256<float> largest = Vector256.Create(float.NegativeInfinity), infinite = Vector256<float>.Zero;
        Vector256<int> ids = Vector256<int>.Zero;
        nuint offset = 0;
        for (int k = 0; k < classes; k++, offset += (nuint)plane)
        {
            Vector256<float> score = Vector256.LoadUnsafe(ref scores, offset);
            Vector256<float> better = Vector256.GreaterThan(score, largest);
            largest = Vector256.ConditionalSelect(better, score, largest);
            ids = Vector256.ConditionalSelect(better.AsInt32(), Vector256.Create(k), ids);
            // Zero times a number is zero, unless it is NaN or infinite.
            infinite += score * Vector256<float>.Zero;
        }
        if (mark)
            ids = Vector256.ConditionalSelect(Vector256.Equals(infinite, Vector256<float>.Zero).AsInt32(), ids, Vector256.Create((int)NotFinite));
        Store(ids, best);
    }

    private static byte FindOne(ReadOnlySpan<float> logits, int classes, int plane, int at, bool mark)
    {
        float largest = float.NegativeInfinity;
        int id = 0;
        bool finite = true;
        for (int k = 0; k < classes; k++, at += plane)
        {
            finite &= float.IsFinite(logits[at]);
            if (logits[at] > largest)
                (largest, id) = (logits[at], k);
        }
        return mark && !finite ? NotFinite : (byte)id;
    }
}
