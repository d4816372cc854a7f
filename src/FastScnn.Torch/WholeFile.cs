using System.Text;

namespace FastScnn.Torch;

/// <summary>Writes a file so that readers see the old content or all of the new content, never a part.</summary>
internal static class WholeFile
{
    /// <summary>Writes bytes. See <see cref="Write(string, Action{Stream})"/>.</summary>
    public static void Write(string path, ReadOnlyMemory<byte> content) =>
        Write(path, stream => stream.Write(content.Span));

    /// <summary>Writes a text as UTF-8. See <see cref="Write(string, Action{Stream})"/>.</summary>
    public static void Write(string path, string text) => Write(path, Encoding.UTF8.GetBytes(text));

    /// <summary>Writes to a temporary file in the same folder, then renames it. Where writing fails, the temporary file
    /// is deleted and an existing file stays as it was.</summary>
    /// <exception cref="DirectoryNotFoundException">The folder does not exist; the message names it.</exception>
    public static void Write(string path, Action<Stream> write)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        // The system's own error would name the temporary file.
        if (Path.GetDirectoryName(Path.GetFullPath(path)) is { } folder && !Directory.Exists(folder))
            throw Throw.NoFolder(folder, $"for '{Path.GetFileName(path)}'");
        string temporary = $"{path}.{Guid.NewGuid():N}.tmp";
        try
        {
            using (FileStream stream = new(temporary, FileMode.CreateNew, FileAccess.Write))
            {
                write(stream);
                stream.Flush(flushToDisk: true);
            }
            File.Move(temporary, path, overwrite: true);
        }
        catch (Exception exception)
        {
            File.Delete(temporary);
            // A full disk, named by the file that the user knows.
            if (exception is IOException && exception.Message.Contains(temporary))
                throw new IOException(exception.Message.Replace(temporary, path), exception);
            throw;
        }
    }

    /// <summary>Deletes what a process left that was killed while it wrote a file; no other may be writing it
    /// now.</summary>
    public static void DeleteLeftovers(string path)
    {
        string folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        foreach (string temporary in Directory.EnumerateFiles(folder, $"{Path.GetFileName(path)}.*.tmp"))
            File.Delete(temporary);
    }
}
