using System.Buffers.Binary;
using System.IO.Compression;

namespace FastScnn.Testing;

/// <summary>Writes PNGs of any kind as other programmes do: the library writes but two.</summary>
internal static class RawPng
{
    public const byte Grey = 0, Rgb = 2, Palette = 3, GreyAlpha = 4, Rgba = 6;

    /// <summary>Writes a file, and the folder that it lies in.</summary>
    /// <param name="path">The file.</param>
    /// <param name="width">Columns.</param>
    /// <param name="height">Rows.</param>
    /// <param name="kind">The colour type.</param>
    /// <param name="depth">Bits a channel, 8 or 16.</param>
    /// <param name="pixel">The channels of a pixel by column and row.</param>
    /// <param name="palette">Red, green and blue of each entry.</param>
    /// <param name="transparency">The content of a tRNS chunk.</param>
    public static void Write(string path, int width, int height, byte kind, int depth, Func<int, int, int[]> pixel,
        byte[]? palette = null, byte[]? transparency = null)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        using MemoryStream png = new();
        png.Write([0x89, (byte)'P', (byte)'N', (byte)'G', 13, 10, 26, 10]);
        byte[] header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), height);
        (header[8], header[9]) = ((byte)depth, kind);
        Chunk("IHDR"u8, header);
        if (palette is not null) Chunk("PLTE"u8, palette);
        if (transparency is not null) Chunk("tRNS"u8, transparency);
        using MemoryStream rows = new();
        using (ZLibStream zlib = new(rows, CompressionLevel.Fastest, leaveOpen: true))
        {
            for (int y = 0; y < height; y++)
            {
                zlib.WriteByte(0);
                for (int x = 0; x < width; x++)
                    foreach (int value in pixel(x, y))
                        zlib.Write(depth == 16 ? [(byte)(value >> 8), (byte)value] : [(byte)value]);
            }
        }
        Chunk("IDAT"u8, rows.ToArray());
        Chunk("IEND"u8, []);
        byte[] file = png.ToArray();
        PngChecksums.Mend(file);
        File.WriteAllBytes(path, file);

        void Chunk(ReadOnlySpan<byte> type, byte[] data)
        {
            Span<byte> number = stackalloc byte[4];
            BinaryPrimitives.WriteInt32BigEndian(number, data.Length);
            png.Write(number);
            png.Write(type);
            png.Write(data);
            png.Write(new byte[4]);
        }
    }
}
