using System.Buffers.Binary;
using System.IO.Compression;
using FastScnn.Torch.Data;

namespace FastScnn.Torch.Tests.Onnx;

/// <summary>Pixels of an 8-bit RGB PNG, as far as the golden photo needs it: FastScnn.Torch itself has no photo codec.</summary>
internal static class TestPhoto
{
    /// <summary>Planar RGB bytes, [3, height, width].</summary>
    public static byte[] ReadPlanar(string path, out int height, out int width)
    {
        using FileStream file = File.OpenRead(path);
        var chunks = new PngChunkReader(file, path);
        byte[] header = chunks.ReadHeader();
        (width, height) = (BinaryPrimitives.ReadInt32BigEndian(header), BinaryPrimitives.ReadInt32BigEndian(header.AsSpan(4)));
        Assert.That(header[8..], Is.EqualTo(new byte[] { 8, 2, 0, 0, 0 }), "an 8-bit RGB PNG without interlace");
        using MemoryStream data = chunks.ReadImageData();
        using var rows = new ZLibStream(data, CompressionMode.Decompress);
        byte[] row = new byte[1 + 3 * width], above = new byte[row.Length], planar = new byte[3 * height * width];
        for (int y = 0; y < height; y++)
        {
            rows.ReadExactly(row);
            PngRowFilters.Undo((PngRowFilter)row[0], row.AsSpan(1), above.AsSpan(1), 3);
            for (int x = 0; x < width; x++)
                for (int channel = 0; channel < 3; channel++)
                    planar[(channel * height + y) * width + x] = row[1 + 3 * x + channel];
            (row, above) = (above, row);
        }
        return planar;
    }

    /// <summary>(pixel / 255 - mean) / std of planar RGB bytes.</summary>
    public static float[] Normalize(byte[] planar, Normalization normalization) =>
        [.. planar.Select((value, i) => (value / 255f - normalization.Mean[i / (planar.Length / 3)]) / normalization.Std[i / (planar.Length / 3)])];
}
