using FastScnn.Torch;

namespace FastScnn.ML;

/// <summary>Takes interleaved pixels apart into three planes: all red bytes, all green bytes, all blue bytes.</summary>
internal static class PixelPlanes
{
    public static int BytesPerPixel(PixelLayout layout) => layout switch
    {
        PixelLayout.Bgra32 or PixelLayout.Rgba32 => 4,
        PixelLayout.Bgr24 or PixelLayout.Rgb24 => 3,
        PixelLayout.Gray8 => 1,
        _ => throw Errors.UnknownPixelLayout(layout),
    };

    /// <summary>Writes <c>3 * width * height</c> bytes to <paramref name="planes"/>; rows of <paramref name="pixels"/> start every <paramref name="stride"/> bytes.</summary>
    public static void Split(ReadOnlySpan<byte> pixels, int width, int height, int stride, PixelLayout layout, Span<byte> planes)
    {
        int step = BytesPerPixel(layout);
        (int r, int g, int b) = layout switch
        {
            PixelLayout.Bgra32 or PixelLayout.Bgr24 => (2, 1, 0),
            PixelLayout.Gray8 => (0, 0, 0),
            _ => (0, 1, 2),
        };
        int plane = width * height;
        for (int y = 0; y < height; y++)
        {
            ReadOnlySpan<byte> row = pixels.Slice(y * stride, width * step);
            Span<byte> red = planes.Slice(y * width, width);
            Span<byte> green = planes.Slice(plane + y * width, width);
            Span<byte> blue = planes.Slice(2 * plane + y * width, width);
            for (int x = 0, p = 0; x < width; x++, p += step)
            {
                red[x] = row[p + r];
                green[x] = row[p + g];
                blue[x] = row[p + b];
            }
        }
    }

    /// <summary>Exchanges left and right in every row of planes.</summary>
    public static void Mirror<T>(Span<T> planes, int width)
    {
        for (int start = 0; start < planes.Length; start += width)
            planes.Slice(start, width).Reverse();
    }

    /// <summary>Scales bytes to 0..1 and normalises each plane: <c>(value / 255 - mean) / std</c>.</summary>
    public static void Normalize(ReadOnlySpan<byte> planes, Normalization normalization, Span<float> normalized)
    {
        int plane = planes.Length / 3;
        for (int c = 0; c < 3; c++)
        {
            ReadOnlySpan<byte> source = planes.Slice(c * plane, plane);
            Span<float> target = normalized.Slice(c * plane, plane);
            (float mean, float std) = (normalization.Mean[c], normalization.Std[c]);
            for (int i = 0; i < source.Length; i++)
                target[i] = (source[i] / 255f - mean) / std;
        }
    }
}
