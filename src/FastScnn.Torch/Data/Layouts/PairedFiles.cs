using static System.FormattableString;

namespace FastScnn.Torch.Data.Layouts;

/// <summary>What a layout found on disk: the pairs in ordinal order of their names, a text for every file without a
/// partner, and the files that look like images but are not read.</summary>
internal sealed record PairedFiles(IReadOnlyList<SamplePair> Samples, IReadOnlyList<string> Unpaired,
    IReadOnlyList<string> Unsupported)
{
    /// <summary>Pairs the files of two folders, sub-folders included, whose names are equal after the suffixes are
    /// taken off; files without the suffix are no part of the data set. Where no image has a mask, the hint says what
    /// the folders hold instead, given the names of the images.</summary>
    public static PairedFiles Match(string images, string imageSuffix, string masks, string maskSuffix,
        bool allowUnpaired, Func<IReadOnlyCollection<string>, string?>? hint = null)
    {
        NamedFiles imageFiles = Find(images, imageSuffix, "images"), maskFiles = Find(masks, maskSuffix, "masks");
        SamplePair[] samples = [
            .. imageFiles.Read.Where(file => maskFiles.Read.ContainsKey(file.Key))
                .Select(file => new SamplePair(file.Key, file.Value, maskFiles.Read[file.Key]))];
        string[] unpaired =
        [
            .. imageFiles.Read.Where(file => !maskFiles.Read.ContainsKey(file.Key))
                .Select(file => ImageWithoutMask(file.Value, Path.Combine(masks, file.Key + maskSuffix) + ".png",
                    maskFiles.Unsupported.GetValueOrDefault(file.Key))),
            .. maskFiles.Read.Where(file => !imageFiles.Read.ContainsKey(file.Key))
                .Select(file => MaskWithoutImage(file.Value, Path.Combine(images, file.Key + imageSuffix) + ".*",
                    imageFiles.Unsupported.GetValueOrDefault(file.Key))),
        ];
        var found = new PairedFiles(samples, unpaired, [.. imageFiles.AllUnsupported, .. maskFiles.AllUnsupported]);
        return found.Checked($"'{images}' with '{masks}'", allowUnpaired,
            samples.Length > 0 || imageFiles.Read.Count == 0 ? null : hint?.Invoke(imageFiles.Read.Keys));
    }

    /// <summary>Takes the pairs that a list names, in its order. Where there is none, the hint says what is there
    /// instead.</summary>
    public static PairedFiles Listed(string where, IEnumerable<string> names, Func<string, string> image,
        Func<string, string> mask, bool allowUnpaired, Func<string?>? hint = null)
    {
        List<SamplePair> samples = [];
        List<string> unpaired = [];
        foreach (string name in names)
        {
            var pair = new SamplePair(name, image(name), mask(name));
            (bool hasImage, bool hasMask) = (File.Exists(pair.ImagePath), File.Exists(pair.MaskPath));
            if (hasImage && hasMask)
                samples.Add(pair);
            else
                unpaired.Add(hasImage ? ImageWithoutMask(pair.ImagePath, pair.MaskPath, SameName(pair.MaskPath))
                    : hasMask ? MaskWithoutImage(pair.MaskPath, pair.ImagePath, SameName(pair.ImagePath))
                    : $"'{name}' has neither an image '{pair.ImagePath}' nor a mask '{pair.MaskPath}'");
        }
        return new PairedFiles(samples, unpaired, []).Checked(where, allowUnpaired,
            samples.Count > 0 ? null : hint?.Invoke());
    }

    /// <summary>The files of a folder by name: the path below the folder without suffix and extension, with '/' between
    /// its parts.</summary>
    public static NamedFiles Find(string folder, string suffix, string what)
    {
        if (!Directory.Exists(folder))
            throw Throw.NoFolder(folder, what + NotSplit(folder));
        (IReadOnlyList<string> images, IReadOnlyList<string> unsupported) = ImageFiles.List(folder, subfolders: true);
        var named = new NamedFiles();
        foreach (string path in images)
            if (Name(folder, path, suffix) is { } name && !named.Read.TryAdd(name, path))
                throw new InvalidDataException($"'{named.Read[name]}' and '{path}' share a name, so it is unclear "
                    + "which one belongs to a pair; remove one.");
        foreach (string path in unsupported)
            if (Name(folder, path, suffix) is { } name)
            {
                named.AllUnsupported.Add(path);
                named.Unsupported.TryAdd(name, path);
            }
        return named;
    }

    // What most folders of a user's own look like: images and masks without splits.
    private static string NotSplit(string folder) =>
        Path.GetDirectoryName(Path.GetFullPath(folder)) is { } parent && Directory.Exists(parent)
            && ImageFiles.List(parent, subfolders: false).Images.Count is > 0 and var count
            ? Invariant($"; '{Path.GetDirectoryName(folder)}' has {count} images itself, ")
                + "expected in a folder for each split" : "";

    /// <summary>What most of some names end with that others do not: "_mask" for "a_mask" and "b_mask" where the others
    /// are "a" and "b"; null where there is no such ending.</summary>
    public static string? CommonSuffix(IReadOnlyCollection<string> names, IReadOnlyCollection<string> others)
    {
        const int Looked = 50;
        var endings = others.Take(Looked)
            .SelectMany(other =>
                names.Where(name => name.Length > other.Length && name.StartsWith(other, StringComparison.Ordinal))
                    .Select(name => name[other.Length..]))
            .CountBy(ending => ending).OrderByDescending(pair => pair.Value).ThenBy(pair => pair.Key.Length).ToArray();
        return endings is [var best, ..] && 2 * best.Value >= Math.Min(Looked, others.Count) ? best.Key : null;
    }

    private static string? Name(string folder, string path, string suffix)
    {
        string stem = Path.GetFileNameWithoutExtension(path);
        if (!stem.EndsWith(suffix, StringComparison.Ordinal))
            return null;
        string name = Path.Combine(Path.GetRelativePath(folder, Path.GetDirectoryName(path)!), stem[..^suffix.Length])
            .Replace('\\', '/');
        return name.StartsWith("./", StringComparison.Ordinal) ? name[2..] : name;
    }

    // A file that a list names with an extension may be there with another one.
    private static string? SameName(string path) =>
        Path.GetDirectoryName(path) is { } folder && Directory.Exists(folder)
            ? Directory.EnumerateFiles(folder, Path.GetFileNameWithoutExtension(path) + ".*")
                .Order(StringComparer.Ordinal).FirstOrDefault() : null;

    /// <summary>Names the other kinds of masks that a folder holds, and the options that read them.</summary>
    public static string OtherLabels(string folder,
        IReadOnlyCollection<(int Count, string Files, string Option)> there) =>
        $"'{folder}' holds {string.Join(" and ", there.Select(kind => Invariant($"{kind.Count} files {kind.Files}, which {kind.Option} reads")))}.";

    private static string ImageWithoutMask(string image, string mask, string? other) =>
        $"'{image}' has no mask '{mask}'" + OtherFormat(other);

    private static string MaskWithoutImage(string mask, string image, string? other) =>
        $"'{mask}' has no image '{image}'" + OtherFormat(other);

    private static string OtherFormat(string? other) => other is null
        ? ""
        : $", only '{other}', which is not " + (ImageFiles.IsUnsupported(other)
            ? $"read: {Path.GetExtension(other).ToUpperInvariant()[1..]} is no format of images or masks here"
            : "what the layout expects");

    private PairedFiles Checked(string where, bool allowUnpaired, string? hint)
    {
        if (Unpaired.Count > 0 && (!allowUnpaired || Samples.Count == 0))
            throw new InvalidDataException(Invariant($"{where} has {Unpaired.Count} files without a partner. ")
                + Invariant($"{string.Join("; ", Unpaired.Take(10))}")
                + (Unpaired.Count > 10 ? Invariant($"; and {Unpaired.Count - 10} more.") : ".")
                + (hint is null ? "" : " " + hint));
        return Samples.Count > 0 ? this : throw new InvalidDataException($"{where} has no pair of an image and a "
            + $"mask.{(Unsupported.Count > 0 ? " " + ImageFiles.DescribeUnsupported(Unsupported) : "")}");
    }
}

/// <summary>Files by their names in a data set.</summary>
internal sealed class NamedFiles
{
    /// <summary>Those that are read.</summary>
    public SortedDictionary<string, string> Read { get; } = new(StringComparer.Ordinal);

    /// <summary>One of those that look like images but are not read, for each name.</summary>
    public SortedDictionary<string, string> Unsupported { get; } = new(StringComparer.Ordinal);

    /// <summary>All that look like images but are not read.</summary>
    public List<string> AllUnsupported { get; } = [];
}

/// <summary>Finds a data set in the folder that a user names, which may be one or two levels above it.</summary>
internal static class LayoutRoot
{
    /// <summary>The first candidate below the root that holds the mark.</summary>
    public static string Find(string root, string layout, string mark, params string[] candidates) =>
        candidates.Select(candidate => Path.Combine(root, candidate))
            .FirstOrDefault(path => Directory.Exists(Path.Combine(path, mark)))
        ?? throw new DirectoryNotFoundException($"'{root}' does not hold {layout}: none of "
            + $"{string.Join(", ", candidates.Select(candidate => $"'{Path.Combine(candidate, mark)}'"))} is there.");
}

/// <summary>Text files that list the samples of a split, one a line.</summary>
internal static class SplitFile
{
    /// <summary>The names in <c>{folder}/{split}.txt</c>, in its order.</summary>
    public static IReadOnlyList<string> Read(string folder, string split)
    {
        string path = Path.Combine(folder, split + ".txt");
        if (!File.Exists(path))
        {
            string[] splits = Directory.Exists(folder)
                ? [.. Directory.GetFiles(folder, "*.txt").Select(file => Path.GetFileNameWithoutExtension(file))
                    .Order(StringComparer.Ordinal)]
                : [];
            throw new FileNotFoundException(
                $"There is no list of samples '{path}'. Splits here: "
                + $"{(splits.Length == 0 ? "none" : ErrorText.List(splits))}. Without a split, every image that has a "
                + "mask is taken.", path);
        }
        return [.. File.ReadLines(path).Select(line => line.Trim()).Where(line => line.Length > 0)];
    }
}
