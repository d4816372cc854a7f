using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace FastScnn.ML.Scoring.Kernels;

/// <summary>The two source positions that one target position lies between, and how far it lies towards the
/// second.</summary>
internal readonly record struct BilinearTap(int Low, int High, float Fraction)
{
    /// <summary>The taps of every target position, as PyTorch's bilinear <c>interpolate</c> places them. With aligned
    /// corners the first and last positions of both grids coincide; without, pixel centres do, and positions outside
    /// the source are moved to its edge.</summary>
    public static BilinearTap[] Along(int target, int source, bool alignCorners)
    {
        double scale = !alignCorners ? (double)source / target : target > 1 ? (source - 1.0) / (target - 1) : 0;
        var taps = new BilinearTap[target];
        for (int i = 0; i < target; i++)
            taps[i] = At(alignCorners ? i * scale : Math.Max(0, (i + 0.5) * scale - 0.5), source);
        return taps;
    }

    /// <summary>The tap of one position in the source, 0 or above.</summary>
    public static BilinearTap At(double position, int source)
    {
        int low = Math.Min((int)position, source - 1);
        return new BilinearTap(low, Math.Min(low + 1, source - 1), (float)(position - low));
    }
}

/// <summary>Where the pixels of an enlarged (or reduced) map lie between the scores it is made of.</summary>
/// <remarks>Immutable; one serves any number of images of a size.</remarks>
internal sealed class UpsampleGrid
{
    /// <summary>How many fractions there are beyond the last pixel, so that whole vectors can be read
    /// anywhere.</summary>
    public const int Padding = 8;

    public UpsampleGrid(int sourceWidth, int sourceHeight, int width, int height, bool alignCorners)
    {
        (SourceWidth, SourceHeight, Width, Height) = (sourceWidth, sourceHeight, width, height);
        Rows = BilinearTap.Along(height, sourceHeight, alignCorners);
        BilinearTap[] columns = BilinearTap.Along(width, sourceWidth, alignCorners);
        RowFractions = [.. Rows.Select(tap => tap.Fraction), .. new float[Padding]];
        ColumnFractions = [.. columns.Select(tap => tap.Fraction), .. new float[Padding]];
        (RowStarts, ColumnStarts) = (Starts(Rows, sourceHeight), Starts(columns, sourceWidth));
    }

    public int SourceWidth { get; }

    public int SourceHeight { get; }

    public int Width { get; }

    public int Height { get; }

    /// <summary>Whether there is a score for every pixel, at its very place.</summary>
    public bool IsIdentity => (SourceWidth, SourceHeight) == (Width, Height);

    /// <summary>For every row of the map the two rows of scores that it lies between.</summary>
    public BilinearTap[] Rows { get; }

    /// <summary>For each row of scores the first row of the map at or below it, and at the end
    /// <see cref="Height"/>.</summary>
    public int[] RowStarts { get; }

    /// <summary>For each column of scores the first column of the map at or right of it, and at the end
    /// <see cref="Width"/>.</summary>
    public int[] ColumnStarts { get; }

    /// <summary>For every row of the map how far it lies towards the next row of scores, 0 to below 1.</summary>
    public float[] RowFractions { get; }

    /// <summary>For every column of the map how far it lies towards the next column of scores, 0 to below 1.</summary>
    public float[] ColumnFractions { get; }

    private static int[] Starts(BilinearTap[] taps, int source)
    {
        var starts = new int[source + 1];
        for (int low = 0, at = 0; low <= source; low++)
        {
            while (at < taps.Length && taps[at].Low < low)
                at++;
            starts[low] = at;
        }
        return starts;
    }
}

/// <summary>Bilinear resizing of byte planes from one size to another: pixel centres aligned, no smoothing before
/// shrinking.</summary>
/// <remarks>The rule: positions in double precision, then in single precision first down and then across, each <c>a + t
/// (b - a)</c> in one rounding, and the result rounded to nearest, halves up. Immutable; one serves any number of
/// images and threads.</remarks>
internal sealed class PlaneResize
{
    private readonly BilinearTap[] _rows;

    // For each new column the one at or left of it, and how far it lies towards the next.
    private readonly int[] _lefts;
    private readonly float[] _fractions;

    public PlaneResize(int width, int height, int newWidth, int newHeight)
    {
        (Width, Height) = (width, height);
        _rows = BilinearTap.Along(newHeight, height, alignCorners: false);
        BilinearTap[] columns = BilinearTap.Along(newWidth, width, alignCorners: false);
        _lefts = [.. columns.Select(column => column.Low)];
        _fractions = [.. columns.Select(column => column.Fraction)];
    }

    /// <summary>Columns of the planes that it takes.</summary>
    public int Width { get; }

    /// <summary>Rows of the planes that it takes.</summary>
    public int Height { get; }

    /// <summary>Resizes three planes.</summary>
    /// <param name="planes">3 x <see cref="Height"/> x <see cref="Width"/> bytes.</param>
    /// <param name="resized">3 x new height x new width bytes.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Apply(ReadOnlySpan<byte> planes, Span<byte> resized)
    {
        int newHeight = _rows.Length, newWidth = _lefts.Length;
        float[] rented = ArrayPool<float>.Shared.Rent(Width + 1);
        Span<float> mixed = rented.AsSpan(0, Width + 1);
        for (int c = 0; c < 3; c++)
        {
            ReadOnlySpan<byte> plane = planes.Slice(c * Width * Height, Width * Height);
            for (int y = 0; y < newHeight; y++)
            {
                MixRows(plane.Slice(_rows[y].Low * Width, Width), plane.Slice(_rows[y].High * Width, Width),
                    _rows[y].Fraction, mixed[..Width]);
                // The last column lies between itself and itself.
                mixed[Width] = mixed[Width - 1];
                MixColumns(mixed, resized.Slice((c * newHeight + y) * newWidth, newWidth));
            }
        }
        ArrayPool<float>.Shared.Return(rented);
    }

    // Without checks of its reads: the columns were computed to lie within the row.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void MixColumns(ReadOnlySpan<float> mixed, Span<byte> target)
    {
        ref float row = ref MemoryMarshal.GetReference(mixed);
        ref int lefts = ref MemoryMarshal.GetArrayDataReference(_lefts);
        ref float fractions = ref MemoryMarshal.GetArrayDataReference(_fractions);
        for (int x = 0; x < target.Length; x++)
        {
            ref float left = ref Unsafe.Add(ref row, Unsafe.Add(ref lefts, x));
            // From 0.5 to below 256, so that what a processor makes of other numbers does not matter.
            target[x] =
                (byte)float.ConvertToIntegerNative<int>(Mix(left, Unsafe.Add(ref left, 1), Unsafe.Add(ref fractions, x))
                    + 0.5f);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void MixRows(ReadOnlySpan<byte> top, ReadOnlySpan<byte> bottom, float fraction, Span<float> mixed)
    {
        int x = 0;
        ref byte upper = ref MemoryMarshal.GetReference(top[..mixed.Length]),
            lower = ref MemoryMarshal.GetReference(bottom[..mixed.Length]);
        ref float target = ref MemoryMarshal.GetReference(mixed);
        Vector256<float> down = Vector256.Create(fraction);
        for (; x <= mixed.Length - Vector256<float>.Count; x += Vector256<float>.Count)
        {
            Vector256<float> from = EightFloats(ref Unsafe.Add(ref upper, x)),
                to = EightFloats(ref Unsafe.Add(ref lower, x));
            Vector256.FusedMultiplyAdd(down, to - from, from).StoreUnsafe(ref target, (nuint)x);
        }
        for (; x < mixed.Length; x++)
            mixed[x] = Mix(top[x], bottom[x], fraction);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> EightFloats(ref byte first)
    {
        Vector256<byte> bytes = Vector128.CreateScalarUnsafe(Unsafe.ReadUnaligned<ulong>(ref first)).AsByte()
            .ToVector256Unsafe();
        return Vector256.ConvertToSingle(Vector256.WidenLower(Vector256.WidenLower(bytes)).AsInt32());
    }

    private static float Mix(float from, float to, float fraction) => MathF.FusedMultiplyAdd(fraction, to - from, from);
}
