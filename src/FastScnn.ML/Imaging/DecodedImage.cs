using System.Runtime.InteropServices;
using FastScnn.Torch.Data;
using Microsoft.ML.Data;
using SkiaSharp;

namespace FastScnn.ML;

/// <summary>The pixels of a decoded file as they are stored, in memory that is freed when it is disposed.</summary>
internal sealed class DecodedImage : IDisposable
{
    private const int Channels = 4;

    private readonly SKBitmap _bitmap;

    public DecodedImage(SKImageInfo stored, PhotoOrientation orientation)
    {
        Orientation = orientation;
        // Premultiplied is blended with black.
        _bitmap = new SKBitmap(new SKImageInfo(stored.Width, stored.Height, SKColorType.Bgra8888, stored.AlphaType == SKAlphaType.Opaque ? SKAlphaType.Opaque : SKAlphaType.Premul));
    }

    public int Width => _bitmap.Width;

    public int Height => _bitmap.Height;

    public PhotoOrientation Orientation { get; }

    /// <summary>Bgra32, the rows from the top, without gaps; valid until the image is disposed.</summary>
    public ReadOnlySpan<byte> Pixels => _bitmap.GetPixelSpan();

    /// <summary>Decodes into the pixels.</summary>
    public SKCodecResult Fill(SKCodec codec) => codec.GetPixels(_bitmap.Info, _bitmap.GetPixels());

    /// <summary>The stored pixels as a photo, which tells how they lie.</summary>
    public PixelBuffer ToPhoto() => new(Width, Height, Rgb()) { Orientation = Orientation, HasTransparency = _bitmap.AlphaType != SKAlphaType.Opaque && IsTransparent() };

    /// <summary>An upright image, which the caller disposes.</summary>
    public MLImage ToImage() => Orientation == PhotoOrientation.TopLeft
        ? MLImage.CreateFromPixels(Width, Height, MLPixelFormat.Bgra32, Pixels)
        : PhotoImage.Create(ToPhoto().ToUpright());

    public void Dispose() => _bitmap.Dispose();

    private byte[] Rgb()
    {
        ReadOnlySpan<byte> pixels = Pixels;
        var rgb = new byte[PixelBuffer.Channels * Width * Height];
        for (int source = 0, target = 0; target < rgb.Length; source += Channels, target += PixelBuffer.Channels)
        {
            rgb[target] = pixels[source + 2];
            rgb[target + 1] = pixels[source + 1];
            rgb[target + 2] = pixels[source];
        }
        return rgb;
    }

    private bool IsTransparent()
    {
        foreach (uint pixel in MemoryMarshal.Cast<byte, uint>(Pixels))
            if (pixel < 0xFF000000)
                return true;
        return false;
    }
}
