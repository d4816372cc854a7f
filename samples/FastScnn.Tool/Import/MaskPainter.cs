using System.Runtime.InteropServices;
using FastScnn.Torch.Data;
using SkiaSharp;

namespace FastScnn.Tool.Import;

/// <summary>A mask that shapes are painted on, one above the other.</summary>
/// <remarks>SkiaSharp fills paths without smoothing: a pixel is inside where its centre is, and on an edge where the
/// inside is to the right or below. It rounds positions to 1/64 pixel.</remarks>
internal sealed class MaskPainter : IDisposable
{
    private readonly byte[] _ids;
    private readonly GCHandle _pin;
    private readonly SKSurface _surface;

    public MaskPainter(int width, int height, byte fill)
    {
        (Width, Height) = (width, height);
        _ids = GC.AllocateUninitializedArray<byte>(width * height);
        Array.Fill(_ids, fill);
        _pin = GCHandle.Alloc(_ids, GCHandleType.Pinned);
        // Alpha alone: a byte a pixel, which no colour space changes.
        _surface = SKSurface.Create(new SKImageInfo(width, height, SKColorType.Alpha8, SKAlphaType.Premul),
            _pin.AddrOfPinnedObject(), width);
    }

    public int Width { get; }

    public int Height { get; }

    /// <summary>The ids, row by row.</summary>
    public ReadOnlySpan<byte> Ids => _ids;

    /// <summary>Gives the pixels whose centre is in a path an id.</summary>
    public void Fill(SKPath path, byte id)
    {
        using SKPaint paint = new()
        {
            Color = new SKColor(0, 0, 0, id),
            BlendMode = SKBlendMode.Src,
            IsAntialias = false,
            Style = SKPaintStyle.Fill,
        };
        _surface.Canvas.DrawPath(path, paint);
        _surface.Canvas.Flush();
    }

    /// <summary>Gives a pixel an id, where the image has it.</summary>
    public void Set(long x, long y, byte id)
    {
        if (x >= 0 && x < Width && y >= 0 && y < Height)
            _ids[y * Width + x] = id;
    }

    /// <summary>Writes the mask, with the colours of the classes as its palette.</summary>
    public void Save(string path, ClassList classes) => IndexPng.Write(path, Width, Height, _ids, classes);

    public void Dispose()
    {
        _surface.Dispose();
        _pin.Free();
    }
}
