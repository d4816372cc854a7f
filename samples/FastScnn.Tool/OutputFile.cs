namespace FastScnn.Cli;

/// <summary>The file that a command writes at its end.</summary>
internal static class OutputFile
{
    /// <summary>Makes the file's folder where it is missing; a file that cannot be written shows now, and not after the work.</summary>
    public static void Prepare(string option, string path)
    {
        if (Directory.Exists(path))
            throw new IOException($"{option} is '{path}', which is a folder; expected the name of a file.");
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        File.Create($"{path}.{Guid.NewGuid():N}.tmp", 1, FileOptions.DeleteOnClose).Dispose();
    }
}
