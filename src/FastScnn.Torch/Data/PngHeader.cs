using System.Buffers.Binary;

namespace FastScnn.Torch.Data;

/// <summary>What a pixel of a PNG holds (PNG specification, 11.2.1).</summary>
internal enum PngColorType : byte
{
    Grey = 0,
    Rgb = 2,
    Palette = 3,
    GreyAlpha = 4,
    Rgba = 6,
}

/// <summary>The IHDR chunk of a label PNG.</summary>
internal sealed record PngHeader(int Width, int Height, int BitDepth, PngColorType ColorType, bool Interlaced)
{
    /// <summary>The length of an IHDR chunk.</summary>
    public const int Length = 13;

    public static ReadOnlySpan<byte> Signature => [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A];

    /// <summary>Whether pixels hold red, green and blue.</summary>
    public bool IsColor => ColorType is PngColorType.Rgb or PngColorType.Rgba;

    /// <summary>Bits from one pixel to the next.</summary>
    public int BitsPerPixel => BitDepth * (ColorType switch
    {
        PngColorType.Rgb => 3,
        PngColorType.Rgba => 4,
        PngColorType.GreyAlpha => 2,
        _ => 1,
    });

    public static PngHeader Parse(ReadOnlySpan<byte> bytes, string name, long maxPixels)
    {
        uint width = BinaryPrimitives.ReadUInt32BigEndian(bytes);
        uint height = BinaryPrimitives.ReadUInt32BigEndian(bytes[4..]);
        byte depth = bytes[8], color = bytes[9], compression = bytes[10], filter = bytes[11], interlace = bytes[12];
        if (width is 0 or > int.MaxValue || height is 0 or > int.MaxValue)
            throw Errors.Png(name, $"its header says {width} x {height} pixels; sides must be 1 to {int.MaxValue}");
        RequireKnownFormat(color, depth, name);
        if (compression != 0 || filter != 0 || interlace > 1)
            throw Errors.Png(name, $"its header has compression {compression}, filter {filter}, interlace {interlace}; known are 0, 0 and 0 or 1");
        if ((long)width * height > Math.Min(maxPixels, Array.MaxLength))
            throw Errors.PngTooLarge(name, width, height, Math.Min(maxPixels, Array.MaxLength));
        return new PngHeader((int)width, (int)height, depth, (PngColorType)color, interlace == 1);
    }

    /// <summary>Refuses pixels that are no class ids.</summary>
    public void RequireIndex(string name)
    {
        if (ColorType is not (PngColorType.Grey or PngColorType.Palette))
            throw Errors.PngIsColor(name, ColorType == PngColorType.GreyAlpha ? "grey with alpha" : ColorType == PngColorType.Rgb ? "RGB" : "RGBA");
    }

    public byte[] ToBytes()
    {
        var bytes = new byte[Length];
        BinaryPrimitives.WriteInt32BigEndian(bytes, Width);
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(4), Height);
        (bytes[8], bytes[9], bytes[12]) = ((byte)BitDepth, (byte)ColorType, Interlaced ? (byte)1 : (byte)0);
        return bytes;
    }

    private static void RequireKnownFormat(byte color, byte depth, string name)
    {
        bool known = (PngColorType)color switch
        {
            PngColorType.Grey => depth is 1 or 2 or 4 or 8 or 16,
            PngColorType.Palette => depth is 1 or 2 or 4 or 8,
            PngColorType.Rgb or PngColorType.GreyAlpha or PngColorType.Rgba => depth is 8 or 16,
            _ => false,
        };
        if (!known)
            throw Errors.Png(name, $"its header has colour type {color} with {depth} bits, which PNG does not know");
    }
}
