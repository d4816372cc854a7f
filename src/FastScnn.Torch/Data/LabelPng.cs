namespace FastScnn.Torch.Data;

/// <summary>Reads label files that may be index PNGs or colour-coded.</summary>
public static class LabelPng
{
    /// <summary>Reads a label file by its kind (<see cref="LabelEncoding.Auto"/>): RGB and RGBA by the colours, grey and palette by the stored values.</summary>
    /// <param name="path">The file.</param>
    /// <param name="mapping">What stored values stand for.</param>
    /// <param name="colors">What colours stand for.</param>
    /// <param name="maxPixels">The largest accepted width x height.</param>
    /// <returns>Class ids; pixels of alpha 0 are ignored.</returns>
    /// <exception cref="InvalidDataException">The file is no label PNG, or it holds values or colours that stand for no class, or partly transparent pixels; the message names the file, what was found and on how many pixels.</exception>
    /// <exception cref="IOException">The file cannot be opened or read.</exception>
    public static LabelMap Read(string path, LabelMapping mapping, LabelColors colors, long maxPixels = ImageFiles.DefaultMaxPixels)
    {
        ArgumentNullException.ThrowIfNull(mapping);
        ArgumentNullException.ThrowIfNull(colors);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(maxPixels);
        return LabelFile.Read(path, new LabelRules(mapping, new Lazy<LabelColors>(colors)), maxPixels);
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
}
