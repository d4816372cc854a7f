using System.Buffers;
using FastScnn.ML.Scoring;
using FastScnn.Torch.Data;
using Microsoft.ML.Data;

namespace FastScnn.ML.Imaging;

/// <summary>ML.NET's images as pixels, and pixels as ML.NET's images.</summary>
internal static class MLImagePixels
{
    /// <summary>The pixels of an image: its own memory, so that the caller keeps the image alive.</summary>
    /// <exception cref="NotSupportedException">The pixels are neither blue first nor red first.</exception>
    public static PixelSpan Span(this MLImage image) =>
        new(image.Pixels, image.Width, image.Height, image.PixelFormat switch
        {
            MLPixelFormat.Bgra32 => PixelLayout.Bgra32,
            MLPixelFormat.Rgba32 => PixelLayout.Rgba32,
            MLPixelFormat other => throw new NotSupportedException(
                $"An image with pixel format {other}; expected Bgra32 or Rgba32."),
        });

    /// <summary>A copy of the pixels as <see cref="PixelLayout.Rgb24"/>; the image stays the caller's.</summary>
    public static PixelBuffer ToPixelBuffer(this MLImage image)
    {
        var copy = new PixelBuffer(image.Width, image.Height, image.Span().ToRgb24());
        GC.KeepAlive(image);
        return copy;
    }

    /// <summary>An opaque Bgra32 image of the pixels as they are stored, which the caller disposes.</summary>
    public static MLImage ToImage(this PixelBuffer buffer)
    {
        const int Step = 4;
        int length = Step * buffer.Width * buffer.Height;
        byte[] pixels = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            ReadOnlySpan<byte> rgb = buffer.Rgb.Span;
            for (int source = 0, target = 0; source < rgb.Length; source += PixelBuffer.Channels, target += Step)
            {
                pixels[target] = rgb[source + 2];
                pixels[target + 1] = rgb[source + 1];
                pixels[target + 2] = rgb[source];
                pixels[target + 3] = byte.MaxValue;
            }
            return MLImage.CreateFromPixels(buffer.Width, buffer.Height, MLPixelFormat.Bgra32,
                pixels.AsSpan(0, length));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(pixels);
        }
    }
}
