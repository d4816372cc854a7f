using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using FastScnn.Torch;
using FastScnn.Torch.Data;

namespace FastScnn.ML.Scoring.Kernels;

/// <summary>Takes interleaved pixels apart into three planes: all red bytes, all green bytes, all blue bytes.</summary>
internal static class PixelPlanes
{
    /// <summary>Writes <c>3 * width * height</c> bytes to <paramref name="planes"/>.</summary>
    public static void Split(PixelSpan image, Span<byte> planes) => Split(image, planes, 0, image.Height);

    /// <summary>The same for some of the rows.</summary>
    public static void Split(PixelSpan image, Span<byte> planes, int firstRow, int endRow)
    {
        (int width, int height, int step) = (image.Width, image.Height, PixelSpan.BytesPerPixel(image.Layout));
        (int r, int g, int b) = PixelSpan.Offsets(image.Layout);
        int plane = width * height;
        for (int y = firstRow; y < endRow; y++)
        {
            ReadOnlySpan<byte> row = image.Pixels.Slice(y * image.Stride, width * step);
            Span<byte> red = planes.Slice(y * width, width);
            Span<byte> green = planes.Slice(plane + y * width, width);
            Span<byte> blue = planes.Slice(2 * plane + y * width, width);
            int x = step switch
            {
                4 => SplitVectors(row, red, green, blue, r, b),
                3 => SplitTriples(row, r == 0 ? red : blue, green, r == 0 ? blue : red),
                _ => 0,
            };
            for (int p = x * step; x < width; x++, p += step)
            {
                red[x] = row[p + r];
                green[x] = row[p + g];
                blue[x] = row[p + b];
            }
        }
    }

    // As many pixels as fill whole vectors, 32 at a time; returns how many.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int SplitVectors(ReadOnlySpan<byte> row, Span<byte> red, Span<byte> green, Span<byte> blue, int r,
        int b)
    {
        ReadOnlySpan<uint> pixels = MemoryMarshal.Cast<byte, uint>(row);
        int x = 0;
        for (; x <= pixels.Length - Vector256<byte>.Count; x += Vector256<byte>.Count)
        {
            ReadOnlySpan<uint> next = pixels.Slice(x, Vector256<byte>.Count);
            Vector256<uint> first = Vector256.Create(next), second = Vector256.Create(next[8..]),
                third = Vector256.Create(next[16..]), fourth = Vector256.Create(next[24..]);
            Channel(first, second, third, fourth, 8 * r).CopyTo(red[x..]);
            Channel(first, second, third, fourth, 8).CopyTo(green[x..]);
            Channel(first, second, third, fourth, 8 * b).CopyTo(blue[x..]);
        }
        return x;
    }

    // 16 pixels at a time, which lie in three vectors; an index that is out of range gives zero.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int SplitTriples(ReadOnlySpan<byte> row, Span<byte> first, Span<byte> second, Span<byte> third)
    {
        const byte No = 255;
        int count = Vector128<byte>.Count, x = 0;
        for (; x <= row.Length / 3 - count; x += count)
        {
            ReadOnlySpan<byte> next = row.Slice(3 * x, 3 * count);
            Vector128<byte> low = Vector128.Create(next), middle = Vector128.Create(next[16..]),
                high = Vector128.Create(next[32..]);
            (Vector128.Shuffle(low, Vector128.Create(0, 3, 6, 9, 12, 15, No, No, No, No, No, No, No, No, No, No))
                | Vector128.Shuffle(middle,
                    Vector128.Create(No, No, No, No, No, No, 2, 5, 8, 11, 14, No, No, No, No, No))
                | Vector128.Shuffle(high,
                    Vector128.Create(No, No, No, No, No, No, No, No, No, No, No, 1, 4, 7, 10, 13))).CopyTo(first[x..]);
            (Vector128.Shuffle(low, Vector128.Create(1, 4, 7, 10, 13, No, No, No, No, No, No, No, No, No, No, No))
                | Vector128.Shuffle(middle,
                    Vector128.Create(No, No, No, No, No, 0, 3, 6, 9, 12, 15, No, No, No, No, No))
                | Vector128.Shuffle(high,
                    Vector128.Create(No, No, No, No, No, No, No, No, No, No, No, 2, 5, 8, 11, 14))).CopyTo(second[x..]);
            (Vector128.Shuffle(low, Vector128.Create(2, 5, 8, 11, 14, No, No, No, No, No, No, No, No, No, No, No))
                | Vector128.Shuffle(middle,
                    Vector128.Create(No, No, No, No, No, 1, 4, 7, 10, 13, No, No, No, No, No, No))
                | Vector128.Shuffle(high,
                    Vector128.Create(No, No, No, No, No, No, No, No, No, No, 0, 3, 6, 9, 12, 15))).CopyTo(third[x..]);
        }
        return x;
    }

    // Narrowing keeps the lowest bytes.
    private static Vector256<byte> Channel(Vector256<uint> first, Vector256<uint> second, Vector256<uint> third,
        Vector256<uint> fourth, int shift) =>
        Vector256.Narrow(Vector256.Narrow(first >>> shift, second >>> shift),
            Vector256.Narrow(third >>> shift, fourth >>> shift));

    /// <summary>Exchanges left and right in every row of planes.</summary>
    public static void Mirror<T>(Span<T> planes, int width)
    {
        for (int start = 0; start < planes.Length; start += width)
            planes.Slice(start, width).Reverse();
    }
}

/// <summary>Normalises bytes: <c>(value / 255 - mean) / std</c>, as one multiplication and one addition.</summary>
internal sealed class PlaneNormalization(Normalization normalization)
{
    private readonly float[] _scales = [.. normalization.Std.Select(std => (float)(1 / (255.0 * std)))];
    private readonly float[] _offsets =
    [
        .. normalization.Mean.Zip(normalization.Std, (mean, std) => (float)(-mean / (double)std))
    ];

    /// <param name="planes">Three planes of bytes.</param>
    /// <param name="normalized">Three planes of the same size.</param>
    public void Apply(ReadOnlySpan<byte> planes, Span<float> normalized)
    {
        int plane = planes.Length / 3;
        for (int c = 0; c < 3; c++)
            Apply(c, planes.Slice(c * plane, plane), normalized.Slice(c * plane, plane));
    }

    /// <summary>The same for a part of one plane.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Apply(int channel, ReadOnlySpan<byte> plane, Span<float> normalized)
    {
        (float scale, float offset) = (_scales[channel], _offsets[channel]);
        Vector256<float> scales = Vector256.Create(scale), offsets = Vector256.Create(offset);
        Span<float> target = normalized[..plane.Length];
        int i = 0;
        for (; i <= plane.Length - Vector256<byte>.Count; i += Vector256<byte>.Count)
        {
            (Vector256<ushort> low, Vector256<ushort> high) =
                Vector256.Widen(Vector256.Create(plane.Slice(i, Vector256<byte>.Count)));
            (Vector256<uint> first, Vector256<uint> second) = Vector256.Widen(low);
            (Vector256<uint> third, Vector256<uint> fourth) = Vector256.Widen(high);
            Span<float> next = target.Slice(i, Vector256<byte>.Count);
            Vector256.MultiplyAddEstimate(Vector256.ConvertToSingle(first.AsInt32()), scales, offsets).CopyTo(next);
            Vector256.MultiplyAddEstimate(Vector256.ConvertToSingle(second.AsInt32()), scales, offsets)
                .CopyTo(next[8..]);
            Vector256.MultiplyAddEstimate(Vector256.ConvertToSingle(third.AsInt32()), scales, offsets)
                .CopyTo(next[16..]);
            Vector256.MultiplyAddEstimate(Vector256.ConvertToSingle(fourth.AsInt32()), scales, offsets)
                .CopyTo(next[24..]);
        }
        for (; i < plane.Length; i++)
            target[i] = float.MultiplyAddEstimate(plane[i], scale, offset);
    }
}
