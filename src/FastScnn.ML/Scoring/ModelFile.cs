using FastScnn.Torch.Data;

namespace FastScnn.ML;

/// <summary>Reads model files.</summary>
internal static class ModelFile
{
    public static byte[] Read(string path)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        if (Directory.Exists(path))
            throw Errors.ModelIsFolder(path);
        if (!File.Exists(path))
            throw Errors.ModelFileMissing(path);
        using FileStream file = ImageFiles.OpenRead(path);
        byte[] bytes = new byte[file.Length];
        file.ReadExactly(bytes);
        return bytes;
    }
}
