using System.IO.Compression;
using FastScnn.Testing;
using FastScnn.Torch.Data;

namespace FastScnn.Torch.Tests.Data.Layouts;

/// <summary>A small data set on disk, made for one test.</summary>
internal sealed class Tree
{
    public string Root { get; } = TestFiles.NewFolder();

    /// <summary>An image that no test decodes.</summary>
    public Tree Image(params string[] names)
    {
        foreach (string name in names)
            File.WriteAllText(Full(name), "image");
        return this;
    }

    public Tree Text(string name, string text)
    {
        File.WriteAllText(Full(name), text);
        return this;
    }

    /// <summary>A grey label of one row.</summary>
    public Tree Label(string name, params byte[] values)
    {
        IndexPng.Write(Full(name), values.Length, 1, values);
        return this;
    }

    /// <summary>A colour-coded label of one row; colours have 3 bytes (RGB) or 4 (RGBA).</summary>
    public Tree Colors(string name, params byte[][] colors)
    {
        byte[] row = [0, .. colors.SelectMany(color => color)];
        using FileStream png = File.Create(Full(name));
        png.Write(PngHeader.Signature);
        PngChunkWriter.Write(png, "IHDR"u8,
            new PngHeader(colors.Length, 1, 8, colors[0].Length == 3 ? PngColorType.Rgb : PngColorType.Rgba,
                false).ToBytes());
        using MemoryStream data = new();
        using (ZLibStream zlib = new(data, CompressionMode.Compress, leaveOpen: true))
            zlib.Write(row);
        PngChunkWriter.Write(png, "IDAT"u8, data.ToArray());
        PngChunkWriter.Write(png, "IEND"u8, []);
        return this;
    }

    private string Full(string name)
    {
        string path = Path.Combine(Root, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        return path;
    }
}
