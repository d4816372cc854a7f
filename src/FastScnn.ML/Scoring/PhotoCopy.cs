using System.Buffers;

namespace FastScnn.ML;

/// <summary>The pixels of a photo, for when the photo itself is gone. Their memory comes from a pool and goes back when it is disposed.</summary>
internal sealed class PhotoCopy : IDisposable
{
    private readonly int _length;
    private byte[]? _pixels;

    public PhotoCopy(ReadOnlySpan<byte> pixels, int width, int height, PixelLayout layout)
    {
        (_length, Width, Height, Layout) = (pixels.Length, width, height, layout);
        _pixels = ArrayPool<byte>.Shared.Rent(pixels.Length);
        pixels.CopyTo(_pixels);
    }

    public int Width { get; }

    public int Height { get; }

    public PixelLayout Layout { get; }

    /// <summary>The rows from the top, without gaps.</summary>
    public ReadOnlySpan<byte> Pixels => _pixels.AsSpan(0, _length);

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _pixels, null) is { } pixels)
            ArrayPool<byte>.Shared.Return(pixels);
    }
}
