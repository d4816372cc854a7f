using System.Buffers.Binary;
using System.IO.Compression;
using System.IO.Hashing;

namespace FastScnn.Torch.Data;

/// <summary>Reads and writes masks: PNG files whose stored values are class ids. An image codec would turn palette
/// indices into colours and stretch 1-, 2- and 4-bit values; this one keeps the values as stored.</summary>
/// <remarks>PNG Specification, third edition, https://www.w3.org/TR/png-3/.</remarks>
public static class IndexPng
{
    /// <summary>Reads a mask. See <see cref="Read(Stream, string, long)"/>.</summary>
    /// <param name="path">The file.</param>
    /// <param name="maxPixels">The largest accepted width x height.</param>
    /// <exception cref="InvalidDataException">The file is not a mask PNG; the message names the file and the
    /// reason.</exception>
    /// <exception cref="IOException">The file cannot be opened or read.</exception>
    public static LabelMap Read(string path, long maxPixels = ImageFiles.DefaultMaxPixels)
    {
        using FileStream stream = ImageFiles.OpenRead(path);
        return Read(stream, path, maxPixels);
    }

    /// <summary>Reads a mask: grey of 1, 2, 4 or 8 bits (16 bits when every value is below 256) or palette,
    /// interlaced or not. Ids are the values as stored; palette colours and transparency are not looked at.</summary>
    /// <param name="stream">The PNG, from its first byte; read to the end of the image, not closed.</param>
    /// <param name="name">The name of the image in error messages, such as its file name.</param>
    /// <param name="maxPixels">The largest accepted width x height, against files that claim to be huge.</param>
    /// <returns>The ids, one a pixel.</returns>
    /// <exception cref="InvalidDataException">
    /// The image is truncated or damaged, has colour (RGB, RGBA, grey with alpha), is larger than
    /// <paramref name="maxPixels"/>, or is no PNG; the message says which.
    /// </exception>
    public static LabelMap Read(Stream stream, string name, long maxPixels = ImageFiles.DefaultMaxPixels)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(name);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(maxPixels);
        var chunks = new PngChunkReader(stream, name);
        var header = PngHeader.Parse(chunks.ReadHeader(), name, maxPixels);
        header.RequireIndex(name);
        using MemoryStream compressed = chunks.ReadImageData();
        return new LabelMap(header.Width, header.Height, PngRows.DecodeIndices(header, compressed, name));
    }

    /// <summary>Writes a mask. See <see cref="Write(Stream, int, int, ReadOnlySpan{byte}, ClassList?)"/>.</summary>
    /// <param name="path">The file; it is replaced when it exists, and left alone when writing fails.</param>
    /// <param name="width">Columns, 1 or more.</param>
    /// <param name="height">Rows, 1 or more.</param>
    /// <param name="ids">One id a pixel, row-major.</param>
    /// <param name="palette">The classes whose colours go into the palette; null writes a grey PNG.</param>
    /// <exception cref="ArgumentException">The number of ids is not width x height.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void Write(string path, int width, int height, ReadOnlySpan<byte> ids, ClassList? palette = null)
    {
        var png = new MemoryStream();
        Write(png, width, height, ids, palette);
        WholeFile.Write(path, png.WriteTo);
    }

    /// <summary>Writes 8-bit ids as a palette PNG, or as a grey PNG where no palette is given; the stored values are
    /// the ids.</summary>
    /// <param name="stream">Where the PNG goes; not closed.</param>
    /// <param name="width">Columns, 1 or more.</param>
    /// <param name="height">Rows, 1 or more.</param>
    /// <param name="ids">One id a pixel, row-major. Ids that are no class (such as "ignored") are drawn black.</param>
    /// <param name="palette">The classes whose colours go into the palette; null writes a grey PNG.</param>
    /// <exception cref="ArgumentException">The number of ids is not width x height.</exception>
    public static void Write(Stream stream, int width, int height, ReadOnlySpan<byte> ids, ClassList? palette = null)
    {
        ArgumentNullException.ThrowIfNull(stream);
        if (width < 1 || height < 1 || ids.Length != (long)width * height)
            throw Throw.LabelMapSize(width, height, ids.Length);
        stream.Write(PngHeader.Signature);
        PngChunkWriter.Write(stream, "IHDR"u8,
            new PngHeader(width, height, 8, palette is null ? PngColorType.Grey : PngColorType.Palette,
                false).ToBytes());
        if (palette is not null)
            PngChunkWriter.Write(stream, "PLTE"u8, PaletteBytes(ids, palette));
        PngChunkWriter.Write(stream, "IDAT"u8, Compress(width, height, ids));
        PngChunkWriter.Write(stream, "IEND"u8, []);
    }

    // The palette covers every id in the image: an index past its end makes viewers refuse the file.
    private static byte[] PaletteBytes(ReadOnlySpan<byte> ids, ClassList palette)
    {
        int entries = palette.Count;
        foreach (byte id in ids)
            entries = Math.Max(entries, id + 1);
        var bytes = new byte[3 * entries];
        for (int id = 0; id < palette.Count; id++)
            (_, bytes[3 * id], bytes[3 * id + 1], bytes[3 * id + 2]) = palette[id];
        return bytes;
    }

    // Row filters are left out: they help images, not ids.
    private static ReadOnlySpan<byte> Compress(int width, int height, ReadOnlySpan<byte> ids)
    {
        var compressed = new MemoryStream();
        using (var zlib = new ZLibStream(compressed, CompressionLevel.Optimal, leaveOpen: true))
        {
            for (int y = 0; y < height; y++)
            {
                zlib.WriteByte((byte)PngRowFilter.None);
                zlib.Write(ids.Slice(y * width, width));
            }
        }
        return compressed.GetBuffer().AsSpan(0, (int)compressed.Length);
    }
}

/// <summary>Writes one chunk of a PNG: length, type, content, checksum.</summary>
internal static class PngChunkWriter
{
    public static void Write(Stream stream, ReadOnlySpan<byte> type, ReadOnlySpan<byte> content)
    {
        Span<byte> number = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(number, content.Length);
        stream.Write(number);
        stream.Write(type);
        stream.Write(content);
        var crc = new Crc32();
        crc.Append(type);
        crc.Append(content);
        BinaryPrimitives.WriteUInt32BigEndian(number, crc.GetCurrentHashAsUInt32());
        stream.Write(number);
    }
}
