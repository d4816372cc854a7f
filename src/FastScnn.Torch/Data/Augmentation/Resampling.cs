using System.Buffers;
using System.Numerics;

namespace FastScnn.Torch.Data.Augmentation;

/// <summary>Cuts a crop out of an image: scaled bilinearly, as planes of red, green and blue, a colour where the image
/// ends.</summary>
internal static class ImageSampler
{
    // Between the two passes values keep six more binary digits than a byte, so that only the result is rounded to
    // whole numbers.
    private const int MiddleShift = AxisTaps.Bits - 6;

    /// <summary>What takes a weighted sum of blended rows back to a byte.</summary>
    public const int FinalShift = AxisTaps.Bits + 6;

    /// <summary>Fills <paramref name="planes"/>: 3 planes of rows of <paramref name="cropWidth"/> bytes.</summary>
    public static void Sample(PixelBuffer image, in CropWindow window, (byte Red, byte Green, byte Blue) padding,
        Span<byte> planes, int cropWidth)
    {
        int plane = planes.Length / PixelBuffer.Channels;
        Span<byte> red = planes[..plane], green = planes.Slice(plane, plane), blue = planes[(2 * plane)..];
        AxisTaps columns = AxisTaps.Scaling(image.Width, window.ScaledWidth, window.Left, window.Width,
            window.Mirrored);
        AxisTaps rows = AxisTaps.Scaling(image.Height, window.ScaledHeight, window.Top, window.Height, mirrored: false);
        int start = Math.Min(columns.First[0], columns.First[^1]);
        int end = Math.Max(columns.First[0], columns.First[^1]) + columns.Count;
        var middle = new int[(end - start) * PixelBuffer.Channels];
        ReadOnlySpan<byte> source = image.Rgb.Span;
        for (int y = 0; y < window.Height; y++)
        {
            int offset = (rows.First[y] * image.Width + start) * PixelBuffer.Channels;
            BlendRows(source[offset..], image.Width * PixelBuffer.Channels,
                rows.Weights.AsSpan(y * rows.Count, rows.Count), middle);
            int to = y * cropWidth;
            BlendColumns(middle, columns, start, red.Slice(to, window.Width), green.Slice(to, window.Width),
                blue.Slice(to, window.Width));
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

    private static void BlendColumns(ReadOnlySpan<int> source, AxisTaps columns, int start, Span<byte> red,
        Span<byte> green, Span<byte> blue)
    {
        ReadOnlySpan<int> weights = columns.Weights;
        int count = columns.Count;
        for (int x = 0; x < red.Length; x++)
        {
            int r = 1 << (FinalShift - 1), g = r, b = r;
            ReadOnlySpan<int> from = source.Slice((columns.First[x] - start) * PixelBuffer.Channels,
                count * PixelBuffer.Channels);
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

    private static void Fill(Span<byte> red, Span<byte> green, Span<byte> blue, int start, int length,
        (byte Red, byte Green, byte Blue) color)
    {
        red.Slice(start, length).Fill(color.Red);
        green.Slice(start, length).Fill(color.Green);
        blue.Slice(start, length).Fill(color.Blue);
    }
}

/// <summary>Blurs the part of a crop that shows the image, each plane by itself; edges are not darkened.</summary>
internal static class GaussianBlur
{
    /// <summary>Blurs in place. <paramref name="deviation"/> is above 0; rows are <paramref name="cropWidth"/>
    /// bytes.</summary>
    public static void Apply(Span<byte> planes, int cropWidth, int width, int height, double deviation)
    {
        AxisTaps columns = AxisTaps.Gaussian(width, deviation), rows = AxisTaps.Gaussian(height, deviation);
        int plane = planes.Length / PixelBuffer.Channels;
        var middle = new int[width];
        byte[] copy = ArrayPool<byte>.Shared.Rent(plane);
        for (int channel = 0; channel < PixelBuffer.Channels; channel++)
        {
            Span<byte> target = planes.Slice(channel * plane, plane);
            target.CopyTo(copy);
            for (int y = 0; y < height; y++)
            {
                ReadOnlySpan<byte> source = copy.AsSpan(rows.First[y] * cropWidth);
                ImageSampler.BlendRows(source, cropWidth, rows.Weights.AsSpan(y * rows.Count, rows.Count), middle);
                BlendRow(middle, columns, target.Slice(y * cropWidth, width));
            }
        }
        ArrayPool<byte>.Shared.Return(copy);
    }

    private static void BlendRow(ReadOnlySpan<int> source, AxisTaps columns, Span<byte> target)
    {
        // Away from both ends the weights are those of the middle, one column further with every column.
        int reach = columns.Count / 2, end = target.Length - reach - Vector<int>.Count;
        ReadOnlySpan<int> even = columns.Weights.AsSpan(target.Length / 2 * columns.Count, columns.Count);
        for (int x = 0; x < target.Length;)
        {
            if (x >= reach && x <= end)
            {
                var sums = new Vector<int>(1 << (ImageSampler.FinalShift - 1));
                for (int k = 0; k < even.Length; k++) sums += new Vector<int>(source[(x - reach + k)..]) * even[k];
                sums = Vector.ShiftRightArithmetic(sums, ImageSampler.FinalShift);
                for (int i = 0; i < Vector<int>.Count; i++) target[x++] = (byte)sums[i];
                continue;
            }
            ReadOnlySpan<int> weights = columns.Weights.AsSpan(x * columns.Count, columns.Count);
            ReadOnlySpan<int> from = source.Slice(columns.First[x], weights.Length);
            int sum = 1 << (ImageSampler.FinalShift - 1);
            for (int k = 0; k < weights.Length; k++) sum += weights[k] * from[k];
            target[x++] = (byte)(sum >> ImageSampler.FinalShift);
        }
    }
}

/// <summary>The weights with which source positions form each target position of one axis. Target position <c>i</c> is
/// the sum of the source positions <c>First[i]</c> .. <c>First[i] + Count - 1</c>, weighted by the <c>Count</c> values
/// from <c>Weights[i * Count]</c>, which add up to 2^<see cref="Bits"/>. The weights are integers, so that results are
/// equal on every processor.</summary>
internal sealed class AxisTaps
{
    /// <summary>The binary digits of weights after the point.</summary>
    public const int Bits = 14;

    private AxisTaps(int length, int count) =>
        (First, Count, Weights) = (new int[length], count, new int[length * count]);

    /// <summary>The first source position of each target position.</summary>
    public int[] First { get; }

    /// <summary>Source positions for each target position.</summary>
    public int Count { get; }

    /// <summary>The weights of each target position, one after the other.</summary>
    public int[] Weights { get; }

    /// <summary>Bilinear scaling with pixel centres aligned, as Pillow's: enlarged it takes two neighbours; made
    /// smaller the triangle widens with the factor, so that no source pixel is skipped.</summary>
    public static AxisTaps Scaling(int source, int scaled, int first, int length, bool mirrored)
    {
        double scale = (double)source / scaled, support = Math.Max(scale, 1);
        var taps = new AxisTaps(length, Math.Min(source, (int)Math.Ceiling(support) * 2));
        Span<double> weights = taps.Count <= 256 ? stackalloc double[taps.Count] : new double[taps.Count];
        for (int i = 0; i < length; i++)
        {
            double center = (first + i + 0.5) * scale;
            // The span of 2 x support around the centre covers at most Count pixel centres; at the edges it is moved
            // inside.
            int start = Math.Clamp((int)Math.Floor(center - support + 0.5), 0, source - taps.Count);
            for (int k = 0; k < weights.Length; k++)
                weights[k] = Math.Max(0, 1 - Math.Abs(start + k + 0.5 - center) / support);
            taps.Set(mirrored ? length - 1 - i : i, start, weights);
        }
        return taps;
    }

    /// <summary>A Gaussian of a standard deviation, cut at three of them and at the edges of the axis.</summary>
    public static AxisTaps Gaussian(int length, double deviation)
    {
        int reach = (int)Math.Ceiling(3 * deviation);
        var taps = new AxisTaps(length, Math.Min(length, 2 * reach + 1));
        Span<double> weights = stackalloc double[taps.Count];
        for (int i = 0; i < length; i++)
        {
            int start = Math.Clamp(i - reach, 0, length - taps.Count);
            for (int k = 0; k < weights.Length; k++)
            {
                int distance = start + k - i;
                weights[k] = Math.Abs(distance) > reach ? 0
                    : Math.Exp(-distance * distance / (2 * deviation * deviation));
            }
            taps.Set(i, start, weights);
        }
        return taps;
    }

    private void Set(int position, int first, ReadOnlySpan<double> weights)
    {
        double sum = 0;
        foreach (double weight in weights) sum += weight;
        Span<int> target = Weights.AsSpan(position * Count, Count);
        int left = 1 << Bits, largest = 0;
        for (int k = 0; k < weights.Length; k++)
        {
            left -= target[k] = (int)Math.Round(weights[k] / sum * (1 << Bits));
            if (target[k] > target[largest]) largest = k;
        }
        // Rounding must not make a plain area lighter or darker.
        target[largest] += left;
        First[position] = first;
    }
}
