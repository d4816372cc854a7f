using FastScnn.Torch.Data;
using Microsoft.ML.Data;

namespace FastScnn.ML;

/// <summary>Blends class colours with a photo.</summary>
internal static class ColorOverlay
{
    public static MLImage Draw(SegmentationMap map, MLImage photo, double opacity)
    {
        CheckOpacity(opacity);
        if ((photo.Width, photo.Height) != (map.Width, map.Height))
            throw Errors.OverlaySize(photo.Width, photo.Height, map.Width, map.Height);
        byte[] pixels = photo.Pixels.ToArray();
        bool redFirst = photo.PixelFormat == MLPixelFormat.Rgba32;
        // Both terms in 1/256: a whole number of them for the colour leaves the rest to the photo.
        int weight = (int)Math.Round(opacity * 256);
        ReadOnlySpan<byte> ids = map.ClassIds.Span;
        for (int i = 0, p = 0; i < ids.Length; i++, p += 4)
        {
            pixels[p + 3] = 255;
            if (ids[i] >= map.Classes.Count)
                continue;
            SegmentationClass color = map.Classes[ids[i]];
            pixels[p] = Blend(pixels[p], redFirst ? color.Red : color.Blue, weight);
            pixels[p + 1] = Blend(pixels[p + 1], color.Green, weight);
            pixels[p + 2] = Blend(pixels[p + 2], redFirst ? color.Blue : color.Red, weight);
        }
        return MLImage.CreateFromPixels(map.Width, map.Height, photo.PixelFormat, pixels);
    }

    public static void CheckOpacity(double opacity)
    {
        if (opacity is not (>= 0 and <= 1))
            throw Errors.Opacity(opacity);
    }

    private static byte Blend(byte photo, byte color, int weight) => (byte)((photo * (256 - weight) + color * weight + 128) >> 8);
}
