namespace FastScnn.Torch.Data.Layouts;

/// <summary>Text files that list the samples of a split, one a line.</summary>
internal static class SplitFile
{
    /// <summary>The names in <c>{folder}/{split}.txt</c>, in its order.</summary>
    public static IReadOnlyList<string> Read(string folder, string split)
    {
        string path = Path.Combine(folder, split + ".txt");
        if (!File.Exists(path))
            throw Errors.NoSplitFile(path, Directory.Exists(folder) ? [.. Directory.GetFiles(folder, "*.txt").Select(file => Path.GetFileNameWithoutExtension(file)).Order(StringComparer.Ordinal)] : []);
        return [.. File.ReadLines(path).Select(line => line.Trim()).Where(line => line.Length > 0)];
    }
}
