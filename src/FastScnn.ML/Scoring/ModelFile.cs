namespace FastScnn.ML;

/// <summary>Reads model files.</summary>
internal static class ModelFile
{
    public static byte[] Read(string path)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        if (!File.Exists(path))
            throw Errors.ModelFileMissing(path);
        return File.ReadAllBytes(path);
    }
}
