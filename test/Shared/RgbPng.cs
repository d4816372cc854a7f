using System.Buffers.Binary;
using System.IO.Compression;

namespace FastScnn.Testing;

/// <summary>Reads the one kind of PNG that the golden image and generated scenes are: 8-bit RGB, not
/// interlaced.</summary>
internal sealed record RgbPng(int Width, int Height, byte[] Pixels)
{
    private const int Channels = 3;

    /// <summary>Reads a golden image; skips the test where a clone has none.</summary>
    public static RgbPng Golden(string name) => Read(TestFiles.Golden(name));

    /// <summary>Reads a file.</summary>
    public static RgbPng Read(string path)
    {
        ReadOnlySpan<byte> file = File.ReadAllBytes(path);
        int width = 0, height = 0;
        using MemoryStream compressed = new();
        for (int position = 8; position < file.Length;)
        {
            int length = BinaryPrimitives.ReadInt32BigEndian(file[position..]);
            ReadOnlySpan<byte> type = file.Slice(position + 4, 4), data = file.Slice(position + 8, length);
            if (type.SequenceEqual("IHDR"u8))
            {
                width = BinaryPrimitives.ReadInt32BigEndian(data);
                height = BinaryPrimitives.ReadInt32BigEndian(data[4..]);
                if (!data[8..13].SequenceEqual<byte>([8, 2, 0, 0, 0]))
                    throw new InvalidDataException("not an 8-bit RGB PNG");
            }
            else if (type.SequenceEqual("IDAT"u8))
                compressed.Write(data);
            position += length + 12;
        }
        compressed.Position = 0;
        using ZLibStream rows = new(compressed, CompressionMode.Decompress);
        return new(width, height, Unfilter(rows, width * Channels, height));
    }

    private static byte[] Unfilter(Stream rows, int stride, int height)
    {
        byte[] pixels = new byte[stride * height];
        byte[] row = new byte[stride + 1];
        for (int y = 0; y < height; y++)
        {
            rows.ReadExactly(row);
            for (int x = 0; x < stride; x++)
            {
                int left = x >= Channels ? pixels[y * stride + x - Channels] : 0;
                int up = y > 0 ? pixels[(y - 1) * stride + x] : 0;
                int corner = x >= Channels && y > 0 ? pixels[(y - 1) * stride + x - Channels] : 0;
                int predicted = row[0] switch
                {
                    0 => 0,
                    1 => left,
                    2 => up,
                    3 => (left + up) / 2,
                    4 => Paeth(left, up, corner),
                    _ => throw new InvalidDataException("unknown filter")
                };
                pixels[y * stride + x] = (byte)(row[x + 1] + predicted);
            }
        }
        return pixels;
    }

    private static int Paeth(int left, int up, int corner)
    {
        int estimate = left + up - corner;
        int toLeft = Math.Abs(estimate - left), toUp = Math.Abs(estimate - up), toCorner = Math.Abs(estimate - corner);
        return toLeft <= toUp && toLeft <= toCorner ? left : toUp <= toCorner ? up : corner;
    }
}
