using Microsoft.ML.Data;

namespace FastScnn.ML;

/// <summary>Decodes photos through ML.NET's image type, with errors that name the file.</summary>
internal static class PhotoFile
{
    /// <param name="path">The file.</param>
    /// <param name="checkSize">Gets the size that the file claims before anything is allocated for it, and throws to refuse it.</param>
    public static MLImage Read(string path, Action<long, long> checkSize)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        if (Directory.Exists(path))
            throw Errors.PhotoIsFolder(path);
        if (!File.Exists(path))
            throw Errors.PhotoMissing(path);
        using FileStream stream = File.OpenRead(path);
        return Decode(stream, path, checkSize);
    }

    /// <summary>Decodes what is left of a stream, which stays open.</summary>
    public static MLImage Read(Stream stream, string name, Action<long, long> checkSize)
    {
        // Skia closes the stream that it decodes, so it gets one of its own.
        using var encoded = new MemoryStream();
        stream.CopyTo(encoded);
        encoded.Position = 0;
        return Decode(encoded, name, checkSize);
    }

    private static MLImage Decode(Stream encoded, string name, Action<long, long> checkSize)
    {
        // A header without pixels is left to the decoder's own error.
        if (PhotoHeader.ReadSize(encoded) is (> 0 and var width, > 0 and var height))
            checkSize(width, height);
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
