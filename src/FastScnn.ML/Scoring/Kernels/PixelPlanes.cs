using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using FastScnn.Torch.Data;

namespace FastScnn.ML;

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
    private static int SplitVectors(ReadOnlySpan<byte> row, Span<byte> red, Span<byte> green, Span<byte> blue, int r, int b)
    {
        ReadOnlySpan<uint> pixels = MemoryMarshal.Cast<byte, uint>(row);
        int x = 0;
        for (; x <= pixels.Length - Vector256<byte>.Count; x += Vector256<byte>.Count)
        {
            ReadOnlySpan<uint> next = pixels.Slice(x, Vector256<byte>.Count);
            Vector256<uint> first = Vector256.Create(next), second = Vector256.Create(next[8..]), third = Vector256.Create(next[16..]), fourth = Vector256.Create(next[24..]);
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
            Vector128<byte> low = Vector128.Create(next), middle = Vector128.Create(next[16..]), high = Vector128.Create(next[32..]);
            (Vector128.Shuffle(low, Vector128.Create(0, 3, 6, 9, 12, 15, No, No, No, No, No, No, No, No, No, No))
                | Vector128.Shuffle(middle, Vector128.Create(No, No, No, No, No, No, 2, 5, 8, 11, 14, No, No, No, No, No))
                | Vector128.Shuffle(high, Vector128.Create(No, No, No, No, No, No, No, No, No, No, No, 1, 4, 7, 10, 13))).CopyTo(first[x..]);
            (Vector128.Shuffle(low, Vector128.Create(1, 4, 7, 10, 13, No, No, No, No, No, No, No, No, No, No, No))
                | Vector128.Shuffle(middle, Vector128.Create(No, No, No, No, No, 0, 3, 6, 9, 12, 15, No, No, No, No, No))
                | Vector128.Shuffle(high, Vector128.Create(No, No, No, No, No, No, No, No, No, No, No, 2, 5, 8, 11, 14))).CopyTo(second[x..]);
            (Vector128.Shuffle(low, Vector128.Create(2, 5, 8, 11, 14, No, No, No, No, No, No, No, No, No, No, No))
                | Vector128.Shuffle(middle, Vector128.Create(No, No, No, No, No, 1, 4, 7, 10, 13, No, No, No, No, No, No))
                | Vector128.Shuffle(high, Vector128.Create(No, No, No, No, No, No, No, No, No, No, 0, 3, 6, 9, 12, 15))).CopyTo(third[x..]);
        }
        return x;
    }

    // Narrowing keeps the lowest bytes.
    private static Vector256<byte> Channel(Vector256<uint> first, Vector256<uint> second, Vector256<uint> third, Vector256<uint> fourth, int shift) =>
        Vector256.Narrow(Vector256.Narrow(first >>> shift, second >>> shift), Vector256.Narrow(third >>> shift, fourth >>> shift));

    /// <summary>Exchanges left and right in every row of planes.</summary>
    public static void Mirror<T>(Span<T> planes, int width)
    {
        for (int start = 0; start < planes.Length; start += width)
            planes.Slice(start, width).Reverse();
    }
}
