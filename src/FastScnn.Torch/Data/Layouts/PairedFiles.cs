namespace FastScnn.Torch.Data.Layouts;

/// <summary>What a layout found on disk: the pairs in ordinal order of their names, a text for every file without a partner, and the files that look like images but are not read.</summary>
internal sealed record PairedFiles(IReadOnlyList<SamplePair> Samples, IReadOnlyList<string> Unpaired, IReadOnlyList<string> Unread)
{
    /// <summary>Pairs the files of two folders, sub-folders included, whose names are equal after the suffixes are taken off.</summary>
    /// <param name="photos">The folder of the photos.</param>
    /// <param name="photoSuffix">How a photo's name ends before its extension; others are no part of the data set.</param>
    /// <param name="labels">The folder of the labels.</param>
    /// <param name="labelSuffix">How a label's name ends before its extension; others are no part of the data set.</param>
    /// <param name="allowUnpaired">Whether files without a partner are only listed.</param>
    /// <param name="hint">Says what the folders hold instead, given the names of the photos, where none has a label; gives null where that is unknown.</param>
    public static PairedFiles Match(string photos, string photoSuffix, string labels, string labelSuffix, bool allowUnpaired, Func<IReadOnlyCollection<string>, string?>? hint = null)
    {
        NamedFiles photoFiles = Find(photos, photoSuffix, "photos"), labelFiles = Find(labels, labelSuffix, "labels");
        SamplePair[] samples = [.. photoFiles.Read.Where(file => labelFiles.Read.ContainsKey(file.Key)).Select(file => new SamplePair(file.Key, file.Value, labelFiles.Read[file.Key]))];
        string[] unpaired =
        [
            .. photoFiles.Read.Where(file => !labelFiles.Read.ContainsKey(file.Key))
                .Select(file => Errors.PhotoWithoutLabel(file.Value, Path.Combine(labels, file.Key + labelSuffix) + ".png", labelFiles.Unread.GetValueOrDefault(file.Key))),
            .. labelFiles.Read.Where(file => !photoFiles.Read.ContainsKey(file.Key))
                .Select(file => Errors.LabelWithoutPhoto(file.Value, Path.Combine(photos, file.Key + photoSuffix) + ".*", photoFiles.Unread.GetValueOrDefault(file.Key))),
        ];
        var found = new PairedFiles(samples, unpaired, [.. photoFiles.AllUnread, .. labelFiles.AllUnread]);
        return found.Checked($"'{photos}' with '{labels}'", allowUnpaired, samples.Length > 0 || photoFiles.Read.Count == 0 ? null : hint?.Invoke(photoFiles.Read.Keys));
    }

    /// <summary>Takes the pairs that a list names.</summary>
    /// <param name="where">What an error calls the list.</param>
    /// <param name="names">The names in the order of the list.</param>
    /// <param name="photo">The photo's path by name.</param>
    /// <param name="label">The label's path by name.</param>
    /// <param name="allowUnpaired">Whether files without a partner are only listed.</param>
    /// <param name="hint">Says what is there instead, where there is no pair; gives null where that is unknown.</param>
    public static PairedFiles Listed(string where, IEnumerable<string> names, Func<string, string> photo, Func<string, string> label, bool allowUnpaired, Func<string?>? hint = null)
    {
        List<SamplePair> samples = [];
        List<string> unpaired = [];
        foreach (string name in names)
        {
            var pair = new SamplePair(name, photo(name), label(name));
            (bool hasPhoto, bool hasLabel) = (File.Exists(pair.PhotoPath), File.Exists(pair.LabelPath));
            if (hasPhoto && hasLabel)
                samples.Add(pair);
            else
                unpaired.Add(hasPhoto ? Errors.PhotoWithoutLabel(pair.PhotoPath, pair.LabelPath, SameName(pair.LabelPath))
                    : hasLabel ? Errors.LabelWithoutPhoto(pair.LabelPath, pair.PhotoPath, SameName(pair.PhotoPath))
                    : Errors.NeitherFile(name, pair));
        }
        return new PairedFiles(samples, unpaired, []).Checked(where, allowUnpaired, samples.Count > 0 ? null : hint?.Invoke());
    }

    /// <summary>The files of a folder by name: the path below the folder without suffix and extension, with '/' between its parts.</summary>
    public static NamedFiles Find(string folder, string suffix, string what)
    {
        if (!Directory.Exists(folder))
            throw Errors.NoFolder(folder, what);
        ImageFolder files = ImageFolder.List(folder, subfolders: true);
        var named = new NamedFiles();
        foreach (string path in files.Images)
            if (Name(folder, path, suffix) is { } name && !named.Read.TryAdd(name, path))
                throw Errors.SameStem(named.Read[name], path);
        foreach (string path in files.Unread)
            if (Name(folder, path, suffix) is { } name)
            {
                named.AllUnread.Add(path);
                named.Unread.TryAdd(name, path);
            }
        return named;
    }

    /// <summary>What most of some names end with that others do not: "_mask" for "a_mask" and "b_mask" where the others are "a" and "b"; null where there is no such ending.</summary>
    public static string? CommonSuffix(IReadOnlyCollection<string> names, IReadOnlyCollection<string> others)
    {
        const int looked = 50;
        var endings = others.Take(looked)
            .SelectMany(other => names.Where(name => name.Length > other.Length && name.StartsWith(other, StringComparison.Ordinal)).Select(name => name[other.Length..]))
            .CountBy(ending => ending).OrderByDescending(pair => pair.Value).ThenBy(pair => pair.Key.Length).ToArray();
        return endings is [var best, ..] && 2 * best.Value >= Math.Min(looked, others.Count) ? best.Key : null;
    }

    private static string? Name(string folder, string path, string suffix)
    {
        string stem = Path.GetFileNameWithoutExtension(path);
        if (!stem.EndsWith(suffix, StringComparison.Ordinal))
            return null;
        string name = Path.Combine(Path.GetRelativePath(folder, Path.GetDirectoryName(path)!), stem[..^suffix.Length]).Replace('\\', '/');
        return name.StartsWith("./", StringComparison.Ordinal) ? name[2..] : name;
    }

    // A file that a list names with an extension may be there with another one.
    private static string? SameName(string path) =>
        Path.GetDirectoryName(path) is { } folder && Directory.Exists(folder) ? Directory.EnumerateFiles(folder, Path.GetFileNameWithoutExtension(path) + ".*").Order(StringComparer.Ordinal).FirstOrDefault() : null;

    private PairedFiles Checked(string where, bool allowUnpaired, string? hint)
    {
        if (Unpaired.Count > 0 && (!allowUnpaired || Samples.Count == 0))
            throw Errors.UnpairedFiles(where, Unpaired, hint);
        return Samples.Count > 0 ? this : throw Errors.EmptySplit(where, Unread);
    }
}

/// <summary>Files by their names in a data set.</summary>
internal sealed class NamedFiles
{
    /// <summary>Those that are read.</summary>
    public SortedDictionary<string, string> Read { get; } = new(StringComparer.Ordinal);

    /// <summary>One of those that look like images but are not read, for each name.</summary>
    public SortedDictionary<string, string> Unread { get; } = new(StringComparer.Ordinal);

    /// <summary>All that look like images but are not read.</summary>
    public List<string> AllUnread { get; } = [];
}

/// <summary>Finds a data set in the folder that a user names, which may be one or two levels above it.</summary>
internal static class LayoutRoot
{
    /// <summary>The first candidate below the root that holds the mark.</summary>
    /// <param name="root">The folder that the user named.</param>
    /// <param name="layout">The data set's name for the error.</param>
    /// <param name="mark">A folder that the data set has.</param>
    /// <param name="candidates">Paths below the root; "" is the root itself.</param>
    public static string Find(string root, string layout, string mark, params string[] candidates) =>
        candidates.Select(candidate => Path.Combine(root, candidate)).FirstOrDefault(path => Directory.Exists(Path.Combine(path, mark)))
        ?? throw Errors.NoLayout(root, layout, candidates.Select(candidate => Path.Combine(candidate, mark)));
}

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
