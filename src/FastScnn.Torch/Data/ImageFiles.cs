using System.IO.Enumeration;
using static System.FormattableString;

namespace FastScnn.Torch.Data;

/// <summary>Which files are images, by their names' extensions, and how large an image may be: one list and one limit
/// for every layout, loader and command.</summary>
/// <remarks>An extension selects the files of a folder. What a file holds is decided by its first bytes when it is
/// read.</remarks>
public static class ImageFiles
{
    private static readonly HashSet<string> s_supported = new(
        [".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".gif", ".bmp", ".dib", ".webp", ".ico", ".cur", ".wbmp"],
        StringComparer.OrdinalIgnoreCase);

    private static readonly HashSet<string> s_unsupported = new(
        [
            ".tif", ".tiff", ".heic", ".heif", ".hif", ".avif", ".jp2", ".j2k", ".jpx", ".jxl", ".jxr", ".svg", ".psd",
            ".psb", ".xcf", ".exr", ".hdr", ".tga", ".pcx", ".pbm", ".pgm", ".ppm", ".pnm", ".pfm", ".dds", ".ktx",
            ".qoi", ".apng", ".mpo", ".eps", ".raw", ".dng", ".cr2", ".cr3", ".nef", ".arw", ".orf", ".rw2", ".raf",
            ".dcm",
        ],
        StringComparer.OrdinalIgnoreCase);

    private static readonly HashSet<string> s_ignored = new(
        [
            "__MACOSX", "__pycache__", "@eaDir", "@Recycle", "#recycle", "#snapshot", "$RECYCLE.BIN",
            "System Volume Information", "lost+found", "Network Trash Folder", "Temporary Items", "node_modules",
        ],
        StringComparer.OrdinalIgnoreCase);

    /// <summary>The default limit on the pixels of an image, width x height, wherever images are read: 67,108,864 (8192
    /// x 8192).</summary>
    public const long DefaultMaxPixels = 8192L * 8192;

    /// <summary>The extensions of images that are read: JPEG, PNG, GIF, BMP, WebP, ICO and WBMP. In lower case, with
    /// the dot.</summary>
    public static IReadOnlyCollection<string> Extensions => s_supported;

    /// <summary>The extensions of files that look like images but are not read, such as TIFF, HEIC and raw images. In
    /// lower case, with the dot.</summary>
    public static IReadOnlyCollection<string> UnsupportedExtensions => s_unsupported;

    /// <summary>Whether the file's extension is one of <see cref="Extensions"/>, in any case.</summary>
    /// <param name="path">A file's name or path.</param>
    public static bool IsSupported(string path) => s_supported.Contains(Path.GetExtension(path));

    /// <summary>Whether the file's extension is one of <see cref="UnsupportedExtensions"/>, in any case.</summary>
    /// <param name="path">A file's name or path.</param>
    public static bool IsUnsupported(string path) => s_unsupported.Contains(Path.GetExtension(path));

    /// <summary>Opens a regular file. A named pipe or a device would be waited for without end, so it is refused before
    /// it is opened.</summary>
    /// <param name="path">The file, or a link to one.</param>
    /// <returns>The file at its first byte; the caller closes it.</returns>
    /// <exception cref="FileNotFoundException">There is no such file, or it is a folder.</exception>
    /// <exception cref="InvalidDataException">The file is empty, a named pipe or a device.</exception>
    /// <exception cref="IOException">The file cannot be opened.</exception>
    public static FileStream OpenRead(string path)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        if (Directory.Exists(path))
            throw new FileNotFoundException($"'{path}' is a folder; expected a file.", path);
        var file = new FileInfo(path);
        if (!file.Exists)
            throw new FileNotFoundException($"There is no file '{path}'.", path);
        // .NET does not say what kind of file it is, but all other kinds have no length.
        if (file is not { LinkTarget: null } && file.ResolveLinkTarget(returnFinalTarget: true) is FileInfo target)
            file = target;
        return file.Length > 0 ? File.OpenRead(path) : throw new InvalidDataException($"'{path}' is empty, or it is "
            + "not a regular file (a named pipe or a device, which is not read).");
    }

    /// <summary>Lists the images of a folder as every layout and command does, and the files beside them that look like
    /// images but are not read. The name of the folder itself, such as one with a dot in front, does not
    /// matter.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="subfolders">Whether the folders in it are listed too, at any depth.</param>
    /// <returns>The paths of files with one of <see cref="Extensions"/> and of those with one of
    /// <see cref="UnsupportedExtensions"/>, both in ordinal order.</returns>
    /// <remarks>What programs leave behind is no image: see <see cref="IsIgnored"/>.</remarks>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    /// <exception cref="IOException">A folder cannot be listed.</exception>
    public static (IReadOnlyList<string> Images, IReadOnlyList<string> Unsupported) List(string folder, bool subfolders)
    {
        ArgumentNullException.ThrowIfNull(folder);
        // Of the hidden files of Windows too: desktop.ini and thumbnails have no extension of an image, and an image
        // may be hidden by mistake.
        var options = new EnumerationOptions
        {
            RecurseSubdirectories = subfolders,
            AttributesToSkip = 0,
            IgnoreInaccessible = false
        };
        var files = new FileSystemEnumerable<string>(folder, (ref FileSystemEntry entry) => entry.ToSpecifiedFullPath(),
            options)
        {
            ShouldIncludePredicate = (ref FileSystemEntry entry) => !entry.IsDirectory && !IsIgnored(entry.FileName),
            ShouldRecursePredicate = (ref FileSystemEntry entry) => !IsIgnored(entry.FileName),
        };
        string[] paths =
        [
            .. files.Where(path => IsSupported(path) || IsUnsupported(path))
                .Order(StringComparer.Ordinal)
        ];
        return ([.. paths.Where(IsSupported)], [.. paths.Where(IsUnsupported)]);
    }

    /// <summary>Whether a file or folder of this name is what a program left behind: one that begins with a dot,
    /// such as <c>.ipynb_checkpoints</c> and <c>._image.jpg</c>, and the folders of archives, network drives and waste
    /// bins, such as <c>__MACOSX</c> and <c>@eaDir</c>.</summary>
    /// <param name="name">The name without its folder.</param>
    public static bool IsIgnored(ReadOnlySpan<char> name) =>
        name.StartsWith('.') || s_ignored.GetAlternateLookup<ReadOnlySpan<char>>().Contains(name);

    /// <summary>What a user must know about files that look like images but are not read: how many, which, and what to
    /// do.</summary>
    /// <param name="paths">The files, one or more.</param>
    public static string DescribeUnsupported(IReadOnlyCollection<string> paths) =>
        Invariant(
            $"{paths.Count} {(paths.Count == 1 ? "file looks like an image but is" : "files look like images but are")} not read: ")
        + $"{ErrorText.List([.. paths.Select(path => $"'{path}'")], 10)}. Convert images to JPEG, PNG or WebP, and "
        + "masks to PNG.";
}
