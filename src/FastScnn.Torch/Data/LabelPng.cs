namespace FastScnn.Torch.Data;

/// <summary>Reads label files that may be index PNGs or colour-coded.</summary>
public static class LabelPng
{
    /// <summary>Reads a label file by its kind: RGB and RGBA by the colours, grey and palette by the stored values.</summary>
    /// <param name="path">The file.</param>
    /// <param name="mapping">What stored values stand for.</param>
    /// <param name="colors">What colours stand for.</param>
    /// <param name="maxPixels">The largest accepted width x height.</param>
    /// <returns>Class ids.</returns>
    /// <exception cref="InvalidDataException">The file is no label PNG, or it holds values or colours that stand for no class; the message names the file, what was found and on how many pixels.</exception>
    /// <exception cref="IOException">The file cannot be opened or read.</exception>
    public static LabelMap Read(string path, LabelMapping mapping, LabelColors colors, long maxPixels = ImageFiles.DefaultMaxPixels)
    {
        ArgumentNullException.ThrowIfNull(mapping);
        ArgumentNullException.ThrowIfNull(colors);
        return Read(path, mapping, () => colors, maxPixels);
    }

    /// <summary>The size that a label file's header says, or null where there is none to read.</summary>
    internal static (int Width, int Height)? TryReadSize(string path)
    {
        try
        {
            using FileStream stream = ImageFiles.OpenRead(path);
            var header = PngHeader.Parse(new PngChunkReader(stream, path).ReadHeader(), path, long.MaxValue);
            return (header.Width, header.Height);
        }
        catch (Exception e) when (e is IOException or InvalidDataException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    // Index labels ask for no colours, so those of classes that share one are only looked at where they matter.
    internal static LabelMap Read(string path, LabelMapping mapping, Func<LabelColors> colors, long maxPixels)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(maxPixels);
        using FileStream stream = ImageFiles.OpenRead(path);
        var chunks = new PngChunkReader(stream, path);
        var header = PngHeader.Parse(chunks.ReadHeader(), path, maxPixels);
        if (!header.IsColor)
            header.RequireIndex(path);
        using MemoryStream compressed = chunks.ReadImageData();
        return header.IsColor
            ? new LabelMap(header.Width, header.Height, PngColorDecoder.Decode(header, compressed, path, colors()))
            : mapping.Apply(new LabelMap(header.Width, header.Height, PngIndexDecoder.Decode(header, compressed, path)), path);
    }
}
