using FastScnn.Torch.Data;

namespace FastScnn.Cli;

/// <summary>The photos that a command works on, and the name that each one's results get.</summary>
internal static class PhotoFiles
{
    /// <summary>The file itself, or the photos directly in the folder in ordinal order; files that look like photos but are not read are told of.</summary>
    /// <param name="input">The file or folder.</param>
    /// <param name="option">The option that names it.</param>
    /// <param name="unread">The files in the folder that look like images but are not read.</param>
    public static IReadOnlyList<string> Find(string input, string option, out IReadOnlyList<string> unread)
    {
        unread = [];
        if (File.Exists(input))
            return [input];
        if (!Directory.Exists(input))
            throw new FileNotFoundException($"{option} names '{input}', which is neither a file nor a folder.");
        ImageFolder folder = ImageFolder.List(input, subfolders: false);
        if (folder.Images.Count == 0)
            throw new FileNotFoundException($"The folder '{input}' holds no photo ({string.Join(", ", ImageFiles.Extensions)}).{(folder.Warning is { } only ? " " + only : "")}");
        if (folder.Warning is { } warning)
            Warnings.Print([warning]);
        unread = folder.Unread;
        return folder.Images;
    }

    /// <summary>The photo's name without extension, or with it where two photos would share the name.</summary>
    public static IReadOnlyList<string> ResultNames(IReadOnlyList<string> photos)
    {
        HashSet<string> shared = new(photos.Select(Stem).GroupBy(s => s, StringComparer.OrdinalIgnoreCase).Where(g => g.Count() > 1).Select(g => g.Key), StringComparer.OrdinalIgnoreCase);
        // A stem may also be the whole name of another, as with a.png.png beside a.png and a.jpg.
        shared.UnionWith(photos.Select(p => Path.GetFileName(p)!));
        return [.. photos.Select(p => shared.Contains(Stem(p)) ? Path.GetFileName(p) : Stem(p))];
    }

    private static string Stem(string path) => Path.GetFileNameWithoutExtension(path);
}
