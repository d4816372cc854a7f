using System.Buffers.Binary;
using System.IO.Hashing;
using System.Text;

namespace FastScnn.Torch.Data;

/// <summary>Reads the chunks of a PNG one after the other and checks their checksums. Memory follows the bytes that are
/// there, never the lengths that the file claims.</summary>
internal sealed class PngChunkReader(Stream stream, string name)
{
    // The largest PLTE chunk; tRNS is smaller.
    private const int MaxPalette = 3 * 256;

    private readonly byte[] _buffer = new byte[64 * 1024];

    /// <summary>The content of the PLTE chunk, red, green and blue of each entry; empty before
    /// <see cref="ReadImageData"/> and where there is none.</summary>
    public byte[] Palette { get; private set; } = [];

    /// <summary>The content of the tRNS chunk; empty before <see cref="ReadImageData"/> and where there is
    /// none.</summary>
    public byte[] Transparency { get; private set; } = [];

    /// <summary>Reads the signature and the content of the IHDR chunk.</summary>
    public byte[] ReadHeader()
    {
        Span<byte> start = _buffer.AsSpan(0, PngHeader.Signature.Length);
        int read = stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        if (read == 0)
            throw Throw.Png(name, "the file is empty");
        if (read >= 2 && start is [0xFF, 0xD8, ..])
            throw Throw.Png(name, "it is a JPEG, whose lossy compression smears class ids; save masks as PNG");
        if (read < start.Length)
            throw Throw.Png(name, "the file ends inside the signature");
        if (!start.SequenceEqual(PngHeader.Signature))
            throw Throw.Png(name, Kind(start) is { } kind ? $"it is a {kind}; save masks as PNG" : "it does not "
                + $"begin with the PNG signature but with the bytes {Convert.ToHexString(start)}");
        (uint length, string type) = ReadChunkStart() ?? throw Throw.Png(name, "the file ends after the signature");
        if (type != "IHDR" || length != PngHeader.Length)
            throw Throw.Png(name, $"its first chunk is {Show(type)} of {length} bytes, not IHDR of {PngHeader.Length}");
        var header = new MemoryStream();
        ReadContent(length, type, header);
        return header.ToArray();
    }

    // What masks are that somebody saved otherwise.
    private static string? Kind(ReadOnlySpan<byte> start) => start switch
    {
        [(byte)'B', (byte)'M', ..] => "BMP",
        [(byte)'G', (byte)'I', (byte)'F', (byte)'8', ..] => "GIF",
        [(byte)'R', (byte)'I', (byte)'F', (byte)'F', ..] => "WebP",
        [(byte)'I', (byte)'I', 42, 0, ..] or [(byte)'M', (byte)'M', 0, 42, ..] => "TIFF",
        _ => null,
    };

    /// <summary>Reads to the IEND chunk and returns the contents of the IDAT chunks, joined.</summary>
    public MemoryStream ReadImageData()
    {
        var data = new MemoryStream();
        while (true)
        {
            (uint length, string type) = ReadChunkStart()
                ?? throw Throw.Png(name, "the file ends before its IEND chunk");
            if (length > int.MaxValue)
                throw Throw.Png(name, $"the {Show(type)} chunk claims {length} bytes; the limit is {int.MaxValue}");
            if (type is "PLTE" or "tRNS" && length <= MaxPalette)
                ReadColors(length, type);
            else
                ReadContent(length, type, type == "IDAT" ? data : Stream.Null);
            if (data.Length > MaxCompressed)
                throw Throw.Png(name, $"it has more than {MaxCompressed} bytes of compressed pixels");
            if (type == "IEND")
                break;
        }
        if (data.Length == 0)
            throw Throw.Png(name, "it has no IDAT chunk, so no pixels");
        data.Position = 0;
        return data;
    }

    private void ReadColors(uint length, string type)
    {
        var content = new MemoryStream();
        ReadContent(length, type, content);
        if (type == "PLTE")
            Palette = content.ToArray();
        else
            Transparency = content.ToArray();
    }

    private const long MaxCompressed = 1 << 30;

    private (uint Length, string Type)? ReadChunkStart()
    {
        Span<byte> start = _buffer.AsSpan(0, 8);
        int read = stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        if (read < start.Length)
            return null;
        return (BinaryPrimitives.ReadUInt32BigEndian(start), Encoding.Latin1.GetString(start[4..]));
    }

    private void ReadContent(uint length, string type, Stream target)
    {
        var crc = new Crc32();
        crc.Append(Encoding.Latin1.GetBytes(type));
        for (uint rest = length; rest > 0;)
        {
            int read = stream.Read(_buffer, 0, (int)Math.Min(rest, (uint)_buffer.Length));
            if (read == 0)
                throw Throw.Png(name, $"the file ends inside the {Show(type)} chunk, {rest} of {length} bytes early");
            crc.Append(_buffer.AsSpan(0, read));
            target.Write(_buffer, 0, read);
            rest -= (uint)read;
        }
        Span<byte> stored = _buffer.AsSpan(0, 4);
        if (stream.ReadAtLeast(stored, stored.Length, throwOnEndOfStream: false) < stored.Length)
            throw Throw.Png(name, $"the file ends inside the checksum of the {Show(type)} chunk");
        if (BinaryPrimitives.ReadUInt32BigEndian(stored) != crc.GetCurrentHashAsUInt32())
            throw Throw.Png(name, $"the {Show(type)} chunk has a wrong checksum (the file is damaged)");
    }

    private static string Show(string type) =>
        type.All(char.IsAsciiLetter) ? type : Convert.ToHexString(Encoding.Latin1.GetBytes(type));
}

/// <summary>What a pixel of a PNG holds (PNG specification, 11.2.1).</summary>
internal enum PngColorType : byte
{
    Grey = 0,
    Rgb = 2,
    Palette = 3,
    GreyAlpha = 4,
    Rgba = 6,
}

/// <summary>The IHDR chunk of a mask PNG.</summary>
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
            throw Throw.Png(name, $"its header says {width} x {height} pixels; sides must be 1 to {int.MaxValue}");
        RequireKnownFormat(color, depth, name);
        if (compression != 0 || filter != 0 || interlace > 1)
            throw Throw.Png(name,
                $"its header has compression {compression}, filter {filter}, interlace {interlace}; known are 0, 0 "
                    + "and 0 or 1");
        if ((long)width * height > Math.Min(maxPixels, Array.MaxLength))
            throw Throw.Png(name, $"its header says {width} x {height} pixels; the limit is "
                + $"{Math.Min(maxPixels, Array.MaxLength)} pixels ({nameof(SegmentationDataset.MaxPixels)})");
        return new PngHeader((int)width, (int)height, depth, (PngColorType)color, interlace == 1);
    }

    /// <summary>Refuses pixels that are no class ids.</summary>
    public void RequireIndex(string name)
    {
        if (ColorType is not (PngColorType.Grey or PngColorType.Palette))
            throw Throw.PngIsColor(name,
                ColorType == PngColorType.GreyAlpha ? "grey with alpha"
                    : ColorType == PngColorType.Rgb ? "RGB" : "RGBA");
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
            throw Throw.Png(name, $"its header has colour type {color} with {depth} bits, which PNG does not know");
    }
}
