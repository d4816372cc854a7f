using System.Buffers;
using System.Numerics;

namespace FastScnn.Torch.Data.Augmentation;

/// <summary>Adds normally distributed noise, to each channel of each pixel by itself.</summary>
internal static class SensorNoise
{
    // The sum of four bytes is nearly normal, and ends at 3.45 standard deviations of 147.8.
    private const double SumDeviation = 147.8005412, SumMean = 510;
    private const int Bits = 16;

    /// <summary>Changes the part of the planes that shows the image; rows are <paramref name="cropWidth"/>
    /// bytes.</summary>
    public static void Apply(Span<byte> planes, int cropWidth, int width, int height, double deviation,
        SampleRandom random)
    {
        int plane = planes.Length / PixelBuffer.Channels;
        int factor = (int)Math.Round(deviation / SumDeviation * (1 << Bits));
        int middle = (1 << (Bits - 1)) - (int)SumMean * factor;
        for (int channel = 0; channel < PixelBuffer.Channels; channel++)
        {
            for (int y = 0; y < height; y++)
            {
                Span<byte> row = planes.Slice(channel * plane + y * cropWidth, width);
                for (int x = 0; x < row.Length; x += 2)
                {
                    // Two sums side by side in the 16-bit quarters of each half.
                    ulong bits = random.NextBits();
                    ulong pairs = (bits & 0x00FF00FF00FF00FF) + ((bits >> 8) & 0x00FF00FF00FF00FF);
                    int first = (int)(pairs & 0xFFFF) + (int)((pairs >> 16) & 0xFFFF),
                        second = (int)((pairs >> 32) & 0xFFFF) + (int)(pairs >> 48);
                    row[x] = (byte)Math.Clamp(row[x] + ((first * factor + middle) >> Bits), 0, 255);
                    if (x + 1 < row.Length)
                        row[x + 1] = (byte)Math.Clamp(row[x + 1] + ((second * factor + middle) >> Bits), 0, 255);
                }
            }
        }
    }
}

/// <summary>What JPEG at a quality leaves of an image: blocks of 8 x 8 of luma, and of chroma at half the size (4:2:0),
/// are transformed, quantized and transformed back. Nothing is encoded.</summary>
internal static class JpegArtefacts
{
    /// <summary>Pixels of both sides of what is coded together: 2 x 2 blocks of luma, 1 of each chroma.</summary>
    public const int Unit = 2 * Block;

    private const int Block = 8;

    // ITU-T T.81 (1992), tables K.1 and K.2.
    private static ReadOnlySpan<byte> Luma =>
    [
        16, 11, 10, 16, 24, 40, 51, 61,
        12, 12, 14, 19, 26, 58, 60, 55,
        14, 13, 16, 24, 40, 57, 69, 56,
        14, 17, 22, 29, 51, 87, 80, 62,
        18, 22, 37, 56, 68, 109, 103, 77,
        24, 35, 55, 64, 81, 104, 113, 92,
        49, 64, 78, 87, 103, 121, 120, 101,
        72, 92, 95, 98, 112, 100, 103, 99,
    ];

    private static ReadOnlySpan<byte> Chroma =>
    [
        17, 18, 24, 47, 99, 99, 99, 99,
        18, 21, 26, 66, 99, 99, 99, 99,
        24, 26, 56, 99, 99, 99, 99, 99,
        47, 66, 99, 99, 99, 99, 99, 99,
        99, 99, 99, 99, 99, 99, 99, 99,
        99, 99, 99, 99, 99, 99, 99, 99,
        99, 99, 99, 99, 99, 99, 99, 99,
        99, 99, 99, 99, 99, 99, 99, 99,
    ];

    // The first four of the eight columns of the cosines: the others mirror them, even rows with the same sign and odd
    // ones with the other.
    private static readonly float[] s_cosines =
    [
        .. from k in Enumerable.Range(0, Block)
           from i in Enumerable.Range(0, Block / 2)
           select (float)((k == 0 ? Math.Sqrt(0.5) : 1) / 2 * Math.Cos((2 * i + 1) * k * Math.PI / 16))
    ];

    /// <summary>Changes the part of the planes that shows the image; rows are <paramref name="cropWidth"/> bytes. The
    /// grid of blocks begins (<paramref name="left"/>, <paramref name="top"/>) pixels, 0 to <see cref="Unit"/> - 1,
    /// before it; blocks over its edges are filled up with its last pixels.</summary>
    public static void Apply(Span<byte> planes, int cropWidth, int width, int height, int quality, int left, int top)
    {
        int columns = Whole(left + width), rows = Whole(top + height), plane = planes.Length / PixelBuffer.Channels;
        float[] buffer = ArrayPool<float>.Shared.Rent(columns * rows * 3 / 2);
        Span<float> luma = buffer.AsSpan(0, columns * rows), blueness = buffer.AsSpan(luma.Length, luma.Length / 4),
            redness = buffer.AsSpan(luma.Length + blueness.Length, blueness.Length);
        Split(planes, plane, cropWidth, width, height, left, top, columns, rows, luma, blueness, redness);
        Quantize(luma, columns, Table(Luma, quality));
        float[] chroma = Table(Chroma, quality);
        Quantize(blueness, columns / 2, chroma);
        Quantize(redness, columns / 2, chroma);
        for (int y = 0; y < height; y++)
        {
            int to = y * cropWidth, line = y + top;
            Join(luma.Slice(line * columns + left, width), blueness.Slice(line / 2 * (columns / 2), columns / 2),
                redness.Slice(line / 2 * (columns / 2), columns / 2), left, planes.Slice(to, width),
                planes.Slice(plane + to, width), planes.Slice(2 * plane + to, width));
        }
        ArrayPool<float>.Shared.Return(buffer);
    }

    /// <summary>A table at a quality of 1 to 100, scaled as the library of the Independent JPEG Group does.</summary>
    public static float[] Table(ReadOnlySpan<byte> table, int quality)
    {
        int percent = quality < 50 ? 5000 / quality : 200 - 2 * quality;
        var scaled = new float[table.Length];
        for (int i = 0; i < scaled.Length; i++) scaled[i] = Math.Clamp((table[i] * percent + 50) / 100, 1, 255);
        return scaled;
    }

    private static int Whole(int length) => (length + Unit - 1) / Unit * Unit;

    // The colours of JFIF: luma from -128 to 127, chroma around 0.
    private static void Split(ReadOnlySpan<byte> planes, int plane, int cropWidth, int width, int height, int left,
        int top, int columns, int rows, Span<float> luma, Span<float> blueness, Span<float> redness)
    {
        Span<float> blues = new float[columns], reds = new float[columns];
        for (int y = 0; y < rows; y++)
        {
            int from = Math.Clamp(y - top, 0, height - 1) * cropWidth;
            ReadOnlySpan<byte> red = planes.Slice(from, width), green = planes.Slice(plane + from, width),
                blue = planes.Slice(2 * plane + from, width);
            Span<float> light = luma.Slice(y * columns, columns);
            for (int x = 0; x < width; x++)
            {
                float r = red[x], g = green[x], b = blue[x], value = 0.299f * r + 0.587f * g + 0.114f * b;
                light[left + x] = value - 128;
                blues[left + x] = (b - value) * (0.5f / 0.886f);
                reds[left + x] = (r - value) * (0.5f / 0.701f);
            }
            Extend(light, left, width);
            Extend(blues, left, width);
            Extend(reds, left, width);
            Span<float> smallBlue = blueness.Slice(y / 2 * (columns / 2), columns / 2),
                smallRed = redness.Slice(y / 2 * (columns / 2), columns / 2);
            if (y % 2 == 0)
            {
                smallBlue.Clear();
                smallRed.Clear();
            }
            for (int x = 0; x < smallBlue.Length; x++)
            {
                smallBlue[x] += (blues[2 * x] + blues[2 * x + 1]) * 0.25f;
                smallRed[x] += (reds[2 * x] + reds[2 * x + 1]) * 0.25f;
            }
        }

        static void Extend(Span<float> row, int left, int width)
        {
            row[..left].Fill(row[left]);
            row[(left + width)..].Fill(row[left + width - 1]);
        }
    }

    private static void Join(ReadOnlySpan<float> luma, ReadOnlySpan<float> blueness, ReadOnlySpan<float> redness,
        int left, Span<byte> red, Span<byte> green, Span<byte> blue)
    {
        for (int x = 0; x < luma.Length; x++)
        {
            float value = luma[x] + 128.5f, b = blueness[(x + left) / 2], r = redness[(x + left) / 2];
            red[x] = Byte(value + 1.402f * r);
            green[x] = Byte(value - 0.344136f * b - 0.714136f * r);
            blue[x] = Byte(value + 1.772f * b);
        }

        static byte Byte(float value) => (byte)Math.Min(Math.Max(value, 0), 255);
    }

    // The rows of one row of blocks are laid out with the same pixel of all blocks side by side, so that vectors go
    // over blocks.
    private static void Quantize(Span<float> plane, int columns, ReadOnlySpan<float> table)
    {
        int blocks = columns / Block, step = Vector<float>.Count, stride = (blocks + step - 1) / step * step;
        Span<float> values = new float[Block * Block * stride];
        for (int from = 0; from < plane.Length; from += Block * columns)
        {
            for (int j = 0; j < Block; j++)
            {
                ReadOnlySpan<float> row = plane.Slice(from + j * columns, columns);
                for (int i = 0; i < Block; i++)
                {
                    Span<float> to = values.Slice((j * Block + i) * stride, blocks);
                    for (int k = 0, x = i; k < to.Length; k++, x += Block) to[k] = row[x];
                }
            }
            for (int i = 0; i < Block; i++) Forward(values, i * stride, Block * stride, stride);
            for (int j = 0; j < Block; j++) Forward(values, j * Block * stride, stride, stride);
            for (int k = 0; k < table.Length; k++)
            {
                float size = table[k], inverse = 1 / size;
                Span<float> band = values.Slice(k * stride, stride);
                for (int b = 0; b < stride; b += step)
                {
                    Vector<float> value = new Vector<float>(band[b..]) * inverse + new Vector<float>(0.5f);
                    (Vector.Floor(value) * size).CopyTo(band[b..]);
                }
            }
            for (int j = 0; j < Block; j++) Backward(values, j * Block * stride, stride, stride);
            for (int i = 0; i < Block; i++) Backward(values, i * stride, Block * stride, stride);
            for (int j = 0; j < Block; j++)
            {
                Span<float> row = plane.Slice(from + j * columns, columns);
                for (int i = 0; i < Block; i++)
                {
                    ReadOnlySpan<float> source = values.Slice((j * Block + i) * stride, blocks);
                    for (int k = 0, x = i; k < source.Length; k++, x += Block) row[x] = source[k];
                }
            }
        }
    }

    // The cosine transform of eight values each; from one of the eight to the next it is <c>apart</c> places.
    private static void Forward(Span<float> values, int first, int apart, int count)
    {
        ReadOnlySpan<float> cosines = s_cosines;
        for (int b = first; b < first + count; b += Vector<float>.Count)
        {
            Vector<float> v0 = At(values, b), v1 = At(values, b + apart), v2 = At(values, b + 2 * apart),
                v3 = At(values, b + 3 * apart), v4 = At(values, b + 4 * apart), v5 = At(values, b + 5 * apart),
                v6 = At(values, b + 6 * apart), v7 = At(values, b + 7 * apart);
            Vector<float> s0 = v0 + v7, s1 = v1 + v6, s2 = v2 + v5, s3 = v3 + v4;
            Vector<float> d0 = v0 - v7, d1 = v1 - v6, d2 = v2 - v5, d3 = v3 - v4;
            for (int k = 0; k < Block; k += 2)
            {
                ReadOnlySpan<float> even = cosines.Slice(4 * k, 4), odd = cosines.Slice(4 * k + 4, 4);
                (s0 * even[0] + s1 * even[1] + s2 * even[2] + s3 * even[3]).CopyTo(values[(b + k * apart)..]);
                (d0 * odd[0] + d1 * odd[1] + d2 * odd[2] + d3 * odd[3]).CopyTo(values[(b + (k + 1) * apart)..]);
            }
        }
    }

    private static void Backward(Span<float> values, int first, int apart, int count)
    {
        ReadOnlySpan<float> cosines = s_cosines;
        for (int b = first; b < first + count; b += Vector<float>.Count)
        {
            Vector<float> v0 = At(values, b), v1 = At(values, b + apart), v2 = At(values, b + 2 * apart),
                v3 = At(values, b + 3 * apart), v4 = At(values, b + 4 * apart), v5 = At(values, b + 5 * apart),
                v6 = At(values, b + 6 * apart), v7 = At(values, b + 7 * apart);
            for (int i = 0; i < Block / 2; i++)
            {
                Vector<float> even = v0 * cosines[i] + v2 * cosines[8 + i] + v4 * cosines[16 + i]
                    + v6 * cosines[24 + i];
                Vector<float> odd = v1 * cosines[4 + i] + v3 * cosines[12 + i] + v5 * cosines[20 + i]
                    + v7 * cosines[28 + i];
                (even + odd).CopyTo(values[(b + i * apart)..]);
                (even - odd).CopyTo(values[(b + (Block - 1 - i) * apart)..]);
            }
        }
    }

    private static Vector<float> At(ReadOnlySpan<float> values, int index) => new(values[index..]);
}
