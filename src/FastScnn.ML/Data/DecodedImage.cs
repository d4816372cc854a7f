using System.Buffers;
using System.Runtime.InteropServices;
using FastScnn.Torch.Data;
using Microsoft.ML.Data;
using SkiaSharp;

namespace FastScnn.ML;

/// <summary>The pixels of a decoded file as they are stored, in memory of a pool that they go back to when it is disposed.</summary>
internal sealed class DecodedImage : IDisposable
{
    private const int Channels = 4;

    private readonly bool _opaque;
    private byte[]? _pixels;

    public DecodedImage(int width, int height, bool opaque, PhotoOrientation orientation)
    {
        (Width, Height, _opaque, Orientation) = (width, height, opaque, orientation);
        _pixels = ArrayPool<byte>.Shared.Rent(Channels * width * height);
    }

    public int Width { get; }

    public int Height { get; }

    public PhotoOrientation Orientation { get; }

    /// <summary>Bgra32, the rows from the top, without gaps.</summary>
    public ReadOnlySpan<byte> Pixels => _pixels.AsSpan(0, Channels * Width * Height);

    /// <summary>Decodes into the pixels.</summary>
    public SKCodecResult Fill(SKCodec codec)
    {
        // Premultiplied is blended with black.
        var info = new SKImageInfo(Width, Height, SKColorType.Bgra8888, _opaque ? SKAlphaType.Opaque : SKAlphaType.Premul);
        var pin = GCHandle.Alloc(_pixels, GCHandleType.Pinned);
        try
        {
            return codec.GetPixels(info, pin.AddrOfPinnedObject());
        }
        finally
        {
            pin.Free();
        }
    }

    /// <summary>The stored pixels as a photo, which tells how they lie.</summary>
    public Photo ToPhoto() => new(Width, Height, Rgb()) { Orientation = Orientation, HasTransparency = !_opaque && IsTransparent() };

    /// <summary>An upright image, which the caller disposes.</summary>
    public MLImage ToImage() => Orientation == PhotoOrientation.TopLeft
        ? MLImage.CreateFromPixels(Width, Height, MLPixelFormat.Bgra32, Pixels)
        : PhotoImage.Create(ToPhoto().ToUpright());

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _pixels, null) is { } pixels)
            ArrayPool<byte>.Shared.Return(pixels);
    }

    private byte[] Rgb()
    {
        ReadOnlySpan<byte> pixels = Pixels;
        var rgb = new byte[Photo.Channels * Width * Height];
        for (int source = 0, target = 0; target < rgb.Length; source += Channels, target += Photo.Channels)
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
