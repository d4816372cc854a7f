using System.Buffers;
using FastScnn.Torch.Data;
using Microsoft.ML.Data;

namespace FastScnn.ML;

/// <summary>Makes ML.NET's images of photos.</summary>
internal static class PhotoImage
{
    private const int Channels = 4;

    /// <summary>An opaque Bgra32 image, which the caller disposes.</summary>
    public static MLImage Create(PixelBuffer photo)
    {
        int length = Channels * photo.Width * photo.Height;
        byte[] pixels = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            ReadOnlySpan<byte> rgb = photo.Rgb.Span;
            for (int source = 0, target = 0; source < rgb.Length; source += PixelBuffer.Channels, target += Channels)
            {
                pixels[target] = rgb[source + 2];
                pixels[target + 1] = rgb[source + 1];
                pixels[target + 2] = rgb[source];
                pixels[target + 3] = byte.MaxValue;
            }
            return MLImage.CreateFromPixels(photo.Width, photo.Height, MLPixelFormat.Bgra32, pixels.AsSpan(0, length));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(pixels);
        }
    }
}
