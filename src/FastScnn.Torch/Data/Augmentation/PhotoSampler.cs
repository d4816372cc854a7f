using System.Numerics;

namespace FastScnn.Torch.Data.Augmentation;

/// <summary>Cuts a crop out of a photo: scaled bilinearly, as planes of red, green and blue, a colour where the photo ends.</summary>
internal static class PhotoSampler
{
    // Between the two passes values keep six more binary digits than a byte, so that only the result is rounded to whole numbers.
    private const int MiddleShift = AxisTaps.Bits - 6;

    /// <summary>What takes a weighted sum of blended rows back to a byte.</summary>
    public const int FinalShift = AxisTaps.Bits + 6;

    /// <summary>Fills <paramref name="planes"/>: 3 planes of rows of <paramref name="cropWidth"/> bytes.</summary>
    public static void Sample(PixelBuffer photo, in CropWindow window, (byte Red, byte Green, byte Blue) padding, Span<byte> planes, int cropWidth)
    {
        int plane = planes.Length / PixelBuffer.Channels;
        Span<byte> red = planes[..plane], green = planes.Slice(plane, plane), blue = planes[(2 * plane)..];
        AxisTaps columns = AxisTaps.Scaling(photo.Width, window.ScaledWidth, window.Left, window.Width, window.Mirrored);
        AxisTaps rows = AxisTaps.Scaling(photo.Height, window.ScaledHeight, window.Top, window.Height, mirrored: false);
        int start = Math.Min(columns.First[0], columns.First[^1]);
        int end = Math.Max(columns.First[0], columns.First[^1]) + columns.Count;
        var middle = new int[(end - start) * PixelBuffer.Channels];
        ReadOnlySpan<byte> source = photo.Rgb.Span;
        for (int y = 0; y < window.Height; y++)
        {
            int offset = (rows.First[y] * photo.Width + start) * PixelBuffer.Channels;
            BlendRows(source[offset..], photo.Width * PixelBuffer.Channels, rows.Weights.AsSpan(y * rows.Count, rows.Count), middle);
            int to = y * cropWidth;
            BlendColumns(middle, columns, start, red.Slice(to, window.Width), green.Slice(to, window.Width), blue.Slice(to, window.Width));
            Fill(red, green, blue, to + window.Width, cropWidth - window.Width, padding);
        }
        Fill(red, green, blue, window.Height * cropWidth, plane - window.Height * cropWidth, padding);
    }

    /// <summary>One row of weighted sums of rows, with six more binary digits than a byte.</summary>
    public static void BlendRows(ReadOnlySpan<byte> source, int stride, ReadOnlySpan<int> weights, Span<int> target)
    {
        target.Fill(1 << (MiddleShift - 1));
        for (int k = 0; k < weights.Length; k++)
        {
            int weight = weights[k];
            if (weight == 0) continue;
            ReadOnlySpan<byte> row = source.Slice(k * stride, target.Length);
            int x = 0;
            for (; x <= target.Length - Vector<byte>.Count; x += Vector<byte>.Count)
            {
                Vector.Widen(new Vector<byte>(row[x..]), out Vector<ushort> low, out Vector<ushort> high);
                Vector.Widen(low, out Vector<uint> first, out Vector<uint> second);
                Vector.Widen(high, out Vector<uint> third, out Vector<uint> fourth);
                Add(target.Slice(x), first, weight);
                Add(target.Slice(x + Vector<int>.Count), second, weight);
                Add(target.Slice(x + 2 * Vector<int>.Count), third, weight);
                Add(target.Slice(x + 3 * Vector<int>.Count), fourth, weight);
            }
            for (; x < target.Length; x++) target[x] += weight * row[x];
        }
        for (int x = 0; x < target.Length; x++) target[x] >>= MiddleShift;
    }

    private static void Add(Span<int> target, Vector<uint> values, int weight) =>
        (new Vector<int>(target) + Vector.AsVectorInt32(values) * weight).CopyTo(target);

    private static void BlendColumns(ReadOnlySpan<int> source, AxisTaps columns, int start, Span<byte> red, Span<byte> green, Span<byte> blue)
    {
        ReadOnlySpan<int> weights = columns.Weights;
        int count = columns.Count;
        for (int x = 0; x < red.Length; x++)
        {
            int r = 1 << (FinalShift - 1), g = r, b = r;
            ReadOnlySpan<int> from = source.Slice((columns.First[x] - start) * PixelBuffer.Channels, count * PixelBuffer.Channels);
            ReadOnlySpan<int> by = weights.Slice(x * count, count);
            for (int k = 0, i = 0; k < by.Length; k++, i += PixelBuffer.Channels)
            {
                int weight = by[k];
                r += weight * from[i];
                g += weight * from[i + 1];
                b += weight * from[i + 2];
            }
            (red[x], green[x], blue[x]) = ((byte)(r >> FinalShift), (byte)(g >> FinalShift), (byte)(b >> FinalShift));
        }
    }

    private static void Fill(Span<byte> red, Span<byte> green, Span<byte> blue, int start, int length, (byte Red, byte Green, byte Blue) color)
    {
        red.Slice(start, length).Fill(color.Red);
        green.Slice(start, length).Fill(color.Green);
        blue.Slice(start, length).Fill(color.Blue);
    }
}
