using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace FastScnn.ML.Scoring.Kernels;

/// <summary>One row of scores, the classes close to each other, and the best class of every position. In the network's
/// output the classes of a position lie so far apart, and so regularly, that they push each other out of the
/// processor's caches.</summary>
/// <param name="scores">Room for <see cref="FloatsFor"/> floats.</param>
/// <param name="best">Room for <see cref="BytesFor"/> bytes.</param>
/// <param name="classes">The number of classes, 1..255.</param>
/// <param name="columns">The number of positions.</param>
internal readonly ref struct BandRow(Span<float> scores, Span<byte> best, int classes, int columns)
{
    /// <summary>Stands for "one of the scores is no finite number": no class, as there are at most 255 of
    /// them.</summary>
    public const byte NotFinite = 255;

    /// <summary>How many cells <see cref="Calm"/> looks at.</summary>
    public const int Together = 32;

    private const int Lanes = 8;

    private readonly Span<float> _scores = scores;
    private readonly Span<byte> _best = best;

    /// <summary>The scores: <see cref="StrideFor"/> floats a class. What lies beyond the last position repeats
    /// it.</summary>
    public ReadOnlySpan<float> Scores => _scores;

    /// <summary>The best class of every position. Of equal scores the lowest class wins; NaN never does.</summary>
    public ReadOnlySpan<byte> Best => _best;

    /// <summary>Floats from class to class: eight can be read at any position and right of it.</summary>
    public static int StrideFor(int columns) => columns / Lanes * Lanes + 2 * Lanes;

    public static int FloatsFor(int classes, int columns) => classes * StrideFor(columns);

    /// <summary>Bytes of best classes: <see cref="Together"/> of them can be read at any position and right of
    /// it.</summary>
    public static int BytesFor(int columns) => StrideFor(columns) + Together;

    /// <summary>A bit for each of the <see cref="Together"/> cells from a column on: whether its four corners have the
    /// same best class. Bits beyond the last cell mean nothing.</summary>
    public static uint Calm(BandRow top, BandRow bottom, int column)
    {
        ref byte above = ref MemoryMarshal.GetReference(top._best.Slice(column, Together + 1));
        ref byte below = ref MemoryMarshal.GetReference(bottom._best.Slice(column, Together + 1));
        Vector256<byte> corner = Vector256.LoadUnsafe(ref above);
        Vector256<byte> calm = Vector256.Equals(corner, Vector256.LoadUnsafe(ref above, 1))
            & Vector256.Equals(corner, Vector256.LoadUnsafe(ref below))
            & Vector256.Equals(corner, Vector256.LoadUnsafe(ref below, 1));
        return Vector256.AndNot(calm, Vector256.Equals(corner, Vector256.Create(NotFinite)))
            .ExtractMostSignificantBits();
    }

    /// <summary>Whether all scores at the corners of a cell are numbers.</summary>
    public static bool AreFinite(BandRow top, BandRow bottom, int column) =>
        top._best[column] != NotFinite && top._best[column + 1] != NotFinite
        && bottom._best[column] != NotFinite && bottom._best[column + 1] != NotFinite;

    /// <summary>Reads a row.</summary>
    /// <param name="logits">A plane of scores for each class.</param>
    /// <param name="plane">The size of a plane.</param>
    /// <param name="start">Where the row starts in a plane.</param>
    /// <param name="mark">Whether positions with a score that is NaN or infinite get <see cref="NotFinite"/> for their
    /// best class.</param>
    public void Read(ReadOnlySpan<float> logits, int plane, int start, bool mark)
    {
        int stride = StrideFor(columns);
        for (int k = 0; k < classes; k++)
        {
            ReadOnlySpan<float> row = logits.Slice(k * plane + start, columns);
            Span<float> target = _scores.Slice(k * stride, stride);
            row.CopyTo(target);
            target[columns..].Fill(row[^1]);
        }
        for (int x = 0; x < stride; x += Lanes)
            FindEight(x, stride, mark);
    }

    /// <summary>Writes eight class ids, one byte each.</summary>
    public static void Store(Vector256<int> ids, Span<byte> target)
    {
        Vector128<ushort> words = Vector128.Narrow(ids.GetLower().AsUInt32(), ids.GetUpper().AsUInt32());
        MemoryMarshal.Write(target, Vector128.Narrow(words, words).AsUInt64().ToScalar());
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void FindEight(int x, int stride, bool mark)
    {
        ref float scores = ref MemoryMarshal.GetReference(_scores[..(classes * stride)]);
        Vector256<float> largest = Vector256.Create(float.NegativeInfinity), infinite = Vector256<float>.Zero;
        Vector256<int> ids = Vector256<int>.Zero;
        nuint offset = (nuint)x;
        for (int k = 0; k < classes; k++, offset += (nuint)stride)
        {
            Vector256<float> score = Vector256.LoadUnsafe(ref scores, offset);
            Vector256<float> better = Vector256.GreaterThan(score, largest);
            largest = Vector256.ConditionalSelect(better, score, largest);
            ids = Vector256.ConditionalSelect(better.AsInt32(), Vector256.Create(k), ids);
            // Zero times a number is zero, unless it is NaN or infinite.
            infinite += score * Vector256<float>.Zero;
        }
        if (mark)
            ids = Vector256.ConditionalSelect(Vector256.Equals(infinite, Vector256<float>.Zero).AsInt32(), ids,
                Vector256.Create((int)NotFinite));
        Store(ids, _best[x..]);
    }
}
