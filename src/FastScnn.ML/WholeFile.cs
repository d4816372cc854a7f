namespace FastScnn.ML;

/// <summary>Writes a file so that readers see the old one or the whole new one, never a part.</summary>
internal static class WholeFile
{
    /// <summary>Writes to a temporary name in the same folder, then renames; on failure the old file stays and the temporary one goes.</summary>
    public static void Write(string path, ReadOnlySpan<byte> content)
    {
        // Named by itself: the system would name a temporary file that nobody knows.
        if (Path.GetDirectoryName(Path.GetFullPath(path)) is { } folder && !Directory.Exists(folder))
            throw Errors.NoFolder(folder, path);
        string temporary = $"{path}.{Guid.NewGuid():N}.tmp";
        try
        {
            File.WriteAllBytes(temporary, content);
            File.Move(temporary, path, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }
}
