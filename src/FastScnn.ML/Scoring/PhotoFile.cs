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

    public static MLImage Decode(Stream stream, string name)
    {
        try
        {
            return MLImage.CreateFromStream(stream);
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException)
        {
            throw Errors.PhotoUnreadable(name, e);
        }
    }
}
