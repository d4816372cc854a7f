using System.IO.Compression;

namespace FastScnn.Torch.Data;

/// <summary>Writes photos as 8-bit RGB PNG, so that generated data needs no codec.</summary>
internal static class PhotoPng
{
    /// <summary>Creates or replaces a file.</summary>
    public static void Write(string path, PixelBuffer photo) => WholeFile.Write(path, stream => Write(stream, photo));

    private static void Write(Stream stream, PixelBuffer photo)
    {
        stream.Write(PngHeader.Signature);
        PngChunkWriter.Write(stream, "IHDR"u8, new PngHeader(photo.Width, photo.Height, 8, PngColorType.Rgb, false).ToBytes());
        PngChunkWriter.Write(stream, "IDAT"u8, Compress(photo));
        PngChunkWriter.Write(stream, "IEND"u8, []);
    }

    // Differences to the row above pack better than the pixels, and cost one subtraction.
    private static ReadOnlySpan<byte> Compress(PixelBuffer photo)
    {
        int stride = PixelBuffer.Channels * photo.Width;
        var compressed = new MemoryStream();
        var row = new byte[stride + 1];
        ReadOnlySpan<byte> pixels = photo.Rgb.Span, above = new byte[stride];
        using (var zlib = new ZLibStream(compressed, CompressionLevel.Fastest, leaveOpen: true))
        {
            for (int y = 0; y < photo.Height; y++)
            {
                ReadOnlySpan<byte> line = pixels.Slice(y * stride, stride);
                row[0] = (byte)PngRowFilter.Up;
                for (int i = 0; i < stride; i++)
                    row[i + 1] = (byte)(line[i] - above[i]);
                zlib.Write(row);
                above = line;
            }
        }
        return compressed.GetBuffer().AsSpan(0, (int)compressed.Length);
    }
}
