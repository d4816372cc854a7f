using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace FastScnn.ML;

/// <summary>Bilinear resizing of byte planes: pixel centres aligned, no smoothing before shrinking.</summary>
/// <remarks>
/// The rule: positions in double precision, then in single precision first down and then across, each <c>a + t (b - a)</c> in one
/// rounding, and the result rounded to nearest, halves up.
/// </remarks>
internal static class PlaneResize
{
    /// <summary>Resizes three planes of <paramref name="width"/> x <paramref name="height"/> bytes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Bilinear(ReadOnlySpan<byte> planes, int width, int height, Span<byte> resized, int newWidth, int newHeight)
    {
        BilinearTap[] columns = BilinearTap.Along(newWidth, width, alignCorners: false);
        BilinearTap[] rows = BilinearTap.Along(newHeight, height, alignCorners: false);
        float[] rented = ArrayPool<float>.Shared.Rent(width);
        Span<float> mixed = rented.AsSpan(0, width);
        for (int c = 0; c < 3; c++)
        {
            ReadOnlySpan<byte> plane = planes.Slice(c * width * height, width * height);
            for (int y = 0; y < newHeight; y++)
            {
                MixRows(plane.Slice(rows[y].Low * width, width), plane.Slice(rows[y].High * width, width), rows[y].Fraction, mixed);
                Span<byte> target = resized.Slice((c * newHeight + y) * newWidth, newWidth);
                for (int x = 0; x < target.Length; x++)
                {
                    BilinearTap column = columns[x];
                    target[x] = (byte)(Mix(mixed[column.Low], mixed[column.High], column.Fraction) + 0.5f);
                }
            }
        }
        ArrayPool<float>.Shared.Return(rented);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void MixRows(ReadOnlySpan<byte> top, ReadOnlySpan<byte> bottom, float fraction, Span<float> mixed)
    {
        int x = 0;
        for (; x <= mixed.Length - Vector256<float>.Count; x += Vector256<float>.Count)
        {
            Vector256<float> from = EightFloats(top[x..]), to = EightFloats(bottom[x..]);
            Vector256.FusedMultiplyAdd(Vector256.Create(fraction), to - from, from).CopyTo(mixed[x..]);
        }
        for (; x < mixed.Length; x++)
            mixed[x] = Mix(top[x], bottom[x], fraction);
    }

    private static Vector256<float> EightFloats(ReadOnlySpan<byte> bytes)
    {
        Vector128<ushort> words = Vector128.WidenLower(Vector128.CreateScalar(MemoryMarshal.Read<ulong>(bytes)).AsByte());
        return Vector256.ConvertToSingle(Vector256.Create(Vector128.WidenLower(words), Vector128.WidenUpper(words)).AsInt32());
    }

    private static float Mix(float from, float to, float fraction) => MathF.FusedMultiplyAdd(fraction, to - from, from);
}
