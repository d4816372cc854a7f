namespace FastScnn.Torch.Data;

/// <summary>Which files are images, by their names' extensions, and how large an image may be: one list and one limit for every layout, loader and command.</summary>
/// <remarks>An extension selects the files of a folder. What a file holds is decided by its first bytes when it is read.</remarks>
public static class ImageFiles
{
    private static readonly HashSet<string> s_read = new(
        [".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".gif", ".bmp", ".dib", ".webp", ".ico", ".cur", ".wbmp"], StringComparer.OrdinalIgnoreCase);

    private static readonly HashSet<string> s_unread = new(
        [
            ".tif", ".tiff", ".heic", ".heif", ".hif", ".avif", ".jp2", ".j2k", ".jpx", ".jxl", ".jxr", ".svg", ".psd", ".psb", ".xcf", ".exr", ".hdr", ".tga", ".pcx",
            ".pbm", ".pgm", ".ppm", ".pnm", ".pfm", ".dds", ".ktx", ".qoi", ".apng", ".mpo", ".eps", ".raw", ".dng", ".cr2", ".cr3", ".nef", ".arw", ".orf", ".rw2", ".raf", ".dcm",
        ],
        StringComparer.OrdinalIgnoreCase);

    /// <summary>The default limit on the pixels of an image, width x height, wherever images are read: 67,108,864 (8192 x 8192).</summary>
    public const long DefaultMaxPixels = 8192L * 8192;

    /// <summary>The extensions of images that are read: JPEG, PNG, GIF, BMP, WebP, ICO and WBMP. In lower case, with the dot.</summary>
    public static IReadOnlyCollection<string> Extensions => s_read;

    /// <summary>The extensions of files that look like images but are not read, such as TIFF, HEIC and raw photos. In lower case, with the dot.</summary>
    public static IReadOnlyCollection<string> UnreadExtensions => s_unread;

    /// <summary>Whether the file's extension is one of <see cref="Extensions"/>, in any case.</summary>
    /// <param name="path">A file's name or path.</param>
    public static bool IsRead(string path) => s_read.Contains(Path.GetExtension(path));

    /// <summary>Whether the file's extension is one of <see cref="UnreadExtensions"/>, in any case.</summary>
    /// <param name="path">A file's name or path.</param>
    public static bool IsUnread(string path) => s_unread.Contains(Path.GetExtension(path));
}
