using FastScnn.Torch.Data;

namespace FastScnn.ML;

/// <summary>Makes pictures smaller for a page.</summary>
internal static class PictureScaling
{
    /// <summary>The size with the same shape whose longer side is at most <paramref name="maxSide"/>; never larger than it was.</summary>
    public static (int Width, int Height) Fit(int width, int height, int maxSide)
    {
        double factor = Math.Min(1, (double)maxSide / Math.Max(width, height));
        return (Side(width), Side(height));

        int Side(int side) => Math.Max(1, (int)Math.Round(side * factor));
    }

    /// <summary>Each pixel is the mean of those that it takes the place of.</summary>
    public static PixelBuffer Shrink(PixelBuffer photo, int width, int height)
    {
        ReadOnlySpan<byte> source = photo.Rgb.Span;
        var rgb = new byte[PixelBuffer.Channels * width * height];
        Span<long> sums = stackalloc long[PixelBuffer.Channels];
        for (int y = 0, target = 0; y < height; y++)
        {
            (int top, int bottom) = Run(y, photo.Height, height);
            for (int x = 0; x < width; x++, target += PixelBuffer.Channels)
            {
                (int left, int right) = Run(x, photo.Width, width);
                long pixels = (long)(bottom - top) * (right - left);
                sums.Fill(pixels / 2);
                for (int row = top; row < bottom; row++)
                    for (int column = left, p = PixelBuffer.Channels * (row * photo.Width + left); column < right; column++, p += PixelBuffer.Channels)
                        for (int channel = 0; channel < PixelBuffer.Channels; channel++)
                            sums[channel] += source[p + channel];
                for (int channel = 0; channel < PixelBuffer.Channels; channel++)
                    rgb[target + channel] = (byte)(sums[channel] / pixels);
            }
        }
        return new PixelBuffer(width, height, rgb);
    }

    /// <summary>Each pixel is the one in the middle of those that it takes the place of: ids have no mean.</summary>
    public static byte[] Shrink(SegmentationMap map, int width, int height)
    {
        ReadOnlySpan<byte> source = map.ClassIds.Span;
        var ids = new byte[width * height];
        for (int y = 0; y < height; y++)
        {
            int row = Middle(Run(y, map.Height, height)) * map.Width;
            for (int x = 0; x < width; x++)
                ids[y * width + x] = source[row + Middle(Run(x, map.Width, width))];
        }
        return ids;
    }

    private static (int Start, int End) Run(int position, int source, int target) =>
        ((int)((long)position * source / target), (int)((position + 1L) * source / target));

    private static int Middle((int Start, int End) run) => (run.Start + run.End - 1) / 2;
}
