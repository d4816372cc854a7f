using Microsoft.ML.Data;

namespace FastScnn.ML;

/// <summary>Decodes photos through ML.NET's image type, with errors that name the file.</summary>
internal static class PhotoFile
{
    public static MLImage Read(string path)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        if (!File.Exists(path))
            throw Errors.PhotoMissing(path);
        using FileStream stream = File.OpenRead(path);
        return Decode(stream, path);
    }

    /// <summary>Decodes what is left of a stream, which stays open.</summary>
    public static MLImage Read(Stream stream, string name)
    {
        // Skia closes the stream that it decodes, so it gets one of its own.
        using var encoded = new MemoryStream();
        stream.CopyTo(encoded);
        encoded.Position = 0;
        return Decode(encoded, name);
    }

    private static MLImage Decode(Stream encoded, string name)
    {
        try
        {
            return MLImage.CreateFromStream(encoded);
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException)
        {
            throw Errors.PhotoUnreadable(name, e);
        }
    }
}
