using System.IO.Enumeration;

namespace FastScnn.Torch.Data;

/// <summary>The images of a folder as every layout and command lists them, and the files beside them that look like images but are not read.</summary>
/// <remarks>
/// What programmes leave behind is no image: files and folders whose name begins with a dot, such as <c>.ipynb_checkpoints</c> and
/// <c>._photo.jpg</c>, and the folders of archives, network drives and waste bins, such as <c>__MACOSX</c> and <c>@eaDir</c>.
/// </remarks>
/// <param name="Images">The paths of files with one of <see cref="ImageFiles.Extensions"/>, in ordinal order.</param>
/// <param name="Unread">The paths of files with one of <see cref="ImageFiles.UnreadExtensions"/>, in ordinal order.</param>
public sealed record ImageFolder(IReadOnlyList<string> Images, IReadOnlyList<string> Unread)
{
    private static readonly HashSet<string> s_leftBehind = new(
        [
            "__MACOSX", "__pycache__", "@eaDir", "@Recycle", "#recycle", "#snapshot", "$RECYCLE.BIN", "System Volume Information", "lost+found", "Network Trash Folder",
            "Temporary Items", "node_modules",
        ],
        StringComparer.OrdinalIgnoreCase);

    /// <summary>Lists a folder. Names of its own, such as a dot in front, do not matter: it is what the caller asked for.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="subfolders">Whether the folders in it are listed too, at any depth.</param>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    /// <exception cref="IOException">A folder cannot be listed.</exception>
    public static ImageFolder List(string folder, bool subfolders)
    {
        ArgumentNullException.ThrowIfNull(folder);
        // Of the hidden files of Windows too: desktop.ini and thumbnails have no extension of an image, and a photo may be hidden by mistake.
        var options = new EnumerationOptions { RecurseSubdirectories = subfolders, AttributesToSkip = 0, IgnoreInaccessible = false };
        var files = new FileSystemEnumerable<string>(folder, (ref FileSystemEntry entry) => entry.ToSpecifiedFullPath(), options)
        {
            ShouldIncludePredicate = (ref FileSystemEntry entry) => !entry.IsDirectory && !IsLeftBehind(entry.FileName),
            ShouldRecursePredicate = (ref FileSystemEntry entry) => !IsLeftBehind(entry.FileName),
        };
        string[] paths = [.. files.Where(path => ImageFiles.IsRead(path) || ImageFiles.IsUnread(path)).Order(StringComparer.Ordinal)];
        return new ImageFolder([.. paths.Where(ImageFiles.IsRead)], [.. paths.Where(ImageFiles.IsUnread)]);
    }

    /// <summary>Whether a file or folder of this name is what a programme left behind.</summary>
    /// <param name="name">The name without its folder.</param>
    public static bool IsLeftBehind(ReadOnlySpan<char> name) => name.StartsWith('.') || s_leftBehind.GetAlternateLookup<ReadOnlySpan<char>>().Contains(name);

    /// <summary>What a user must know about <see cref="Unread"/>: how many files, which, and what to do; null where there are none.</summary>
    public string? Warning => Unread.Count == 0 ? null : Errors.UnreadImages(Unread);
}
