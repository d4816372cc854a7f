using System.Globalization;
using System.IO.Hashing;
using System.Text;
using FastScnn.Torch.Data;

namespace FastScnn.Tool;

/// <summary>An image to segment.</summary>
/// <param name="Index">Its place in the whole list, from 0.</param>
/// <param name="Key">Its path from the folder of the list, with / between folders, or its whole path where it lies
/// elsewhere: the same on every machine that reads the list.</param>
/// <param name="Path">Its file.</param>
/// <param name="Name">What the files of its results are called, from the output folder and without their
/// endings.</param>
internal readonly record struct InputImage(int Index, string Key, string Path, string Name);

/// <summary>The images that a command works on: those of one shard, with the places and names that they have in the
/// whole list.</summary>
/// <remarks>The whole list is read once and not kept. Each image leaves 16 bytes, by which the names of the results are
/// settled over the whole list, so they are the same however many shards there are.</remarks>
internal sealed class InputImages
{
    private readonly string _folder;
    private readonly List<(int Index, string Key)> _images = [];
    private readonly ulong[] _stems, _names;

    private InputImages(string folder, IEnumerable<string> keys, Shard? shard, string source)
    {
        _folder = folder;
        List<ulong> stems = [], names = [], exact = [];
        XxHash64 list = new();
        foreach (string key in keys)
        {
            if (shard is null || shard.Has(key))
                _images.Add((Total, key));
            string name = FullName(key);
            stems.Add(HashOfName(Stem(name)));
            names.Add(HashOfName(name));
            exact.Add(XxHash64.HashToUInt64(Encoding.UTF8.GetBytes(name)));
            list.Append(Encoding.UTF8.GetBytes(key + "\n"));
            Total++;
        }
        (_stems, _names) = ([.. stems], [.. names]);
        Array.Sort(_stems);
        Array.Sort(_names);
        Hash = list.GetCurrentHashAsUInt64().ToString("x16", CultureInfo.InvariantCulture);
        RefuseTwice([.. exact], source);
    }

    /// <summary>How many images are in the whole list.</summary>
    public int Total { get; }

    /// <summary>A hash of all paths of the whole list, in order.</summary>
    public string Hash { get; }

    /// <summary>How many images are in the shard.</summary>
    public int Count => _images.Count;

    /// <summary>An image of the shard.</summary>
    /// <param name="position">Its place in the shard, from 0.</param>
    public InputImage this[int position]
    {
        get
        {
            (int index, string key) = _images[position];
            string name = FullName(key), stem = Stem(name);
            return new(index, key, PathOf(key), IsShared(stem) ? name : stem);
        }
    }

    /// <summary>The image itself, or those directly in the folder.</summary>
    /// <param name="input">The file or folder.</param>
    /// <param name="option">The option that names it.</param>
    /// <param name="shard">Which of them are wanted; null for all.</param>
    /// <param name="unread">The files in the folder that look like images but are not read.</param>
    public static InputImages InFolder(string input, string option, Shard? shard, out IReadOnlyList<string> unread)
    {
        IReadOnlyList<string> files = InputFiles.Find(input, option, out unread);
        string folder = Directory.Exists(input) ? input : Path.GetDirectoryName(input) ?? "";
        return new(folder, files.Select(file => Path.GetFileName(file)!), shard, input);
    }

    /// <summary>Those that a text file names, one a line, from the file's folder; empty lines are skipped.</summary>
    /// <param name="list">The text file; - for standard input and the current folder.</param>
    /// <param name="option">The option that names it.</param>
    /// <param name="shard">Which of them are wanted; null for all.</param>
    public static InputImages InList(string list, string option, Shard? shard)
    {
        if (list != "-" && !File.Exists(list))
            throw new FileNotFoundException($"{option} names '{list}', which is no file.");
        string folder = ListFolder(list);
        using TextReader reader = list == "-" ? new StreamReader(Console.OpenStandardInput()) : File.OpenText(list);
        InputImages images = new(folder, Keys(reader, Path.GetFullPath(Path.Combine(".", folder)), list), shard, list);
        return images.Total > 0 ? images : throw new FileNotFoundException($"{option} '{list}' names no image.");
    }

    /// <summary>The folder that the paths of a list start from; empty for the current one.</summary>
    public static string ListFolder(string list) => list == "-" ? "" : Path.GetDirectoryName(list) ?? "";

    /// <summary>The file of an image.</summary>
    public string PathOf(string key) => Path.Combine(_folder, key);

    private static IEnumerable<string> Keys(TextReader reader, string folder, string list)
    {
        for (int line = 1; reader.ReadLine() is { } path; line++)
        {
            if (path.Length == 0)
                continue;
            if (path.Contains('\0'))
                throw new InvalidDataException($"'{list}', line {line}: expected a path, found a zero byte.");
            string full = Path.GetFullPath(path, folder), relative = Path.GetRelativePath(folder, full);
            bool isInside = !Path.IsPathRooted(relative) && relative.Split(Path.DirectorySeparatorChar)[0] != "..";
            yield return (isInside ? relative : full).Replace(Path.DirectorySeparatorChar, '/');
        }
    }

    // The path as one below the output folder.
    private static string FullName(string key) =>
        Path.IsPathRooted(key) ? key.Replace(":", "", StringComparison.Ordinal).TrimStart('/') : key;

    private static string Stem(string name) => Path.ChangeExtension(name, null);

    private static ulong HashOfName(string name) =>
        XxHash64.HashToUInt64(Encoding.UTF8.GetBytes(name.ToUpperInvariant()));

    // The name without extension is taken where two images share it, and where it is the whole name of another, as with
    // a.png.png beside a.png and a.jpg. Where only the hashes are equal the longer name does no harm.
    private bool IsShared(string stem)
    {
        ulong hash = HashOfName(stem);
        int at = Array.BinarySearch(_stems, hash);
        return (at > 0 && _stems[at - 1] == hash) || (at < _stems.Length - 1 && _stems[at + 1] == hash)
            || Array.BinarySearch(_names, hash) >= 0;
    }

    private static void RefuseTwice(ulong[] names, string source)
    {
        int[] places = [.. Enumerable.Range(1, names.Length)];
        Array.Sort(names, places);
        for (int i = 1; i < names.Length; i++)
            if (names[i] == names[i - 1])
                throw new ArgumentException(
                    $"'{source}' names an image twice, or two whose results would have one name: images "
                        + $"{Math.Min(places[i - 1], places[i])} and {Math.Max(places[i - 1], places[i])} of "
                        + $"{names.Length}.");
    }
}

/// <summary>The image files of a folder.</summary>
internal static class InputFiles
{
    /// <summary>The file itself, or the images directly in the folder in ordinal order; a warning names files that look
    /// like images but are not read.</summary>
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
        (IReadOnlyList<string> images, unread) = ImageFiles.List(input, subfolders: false);
        string? warning = unread.Count == 0 ? null : ImageFiles.DescribeUnsupported(unread);
        if (images.Count == 0)
            throw new FileNotFoundException(
                $"The folder '{input}' holds no image "
                    + $"({string.Join(", ", ImageFiles.Extensions)}).{(warning is null ? "" : " " + warning)}");
        if (warning is not null)
            Warnings.Print([warning]);
        return images;
    }
}
