namespace FastScnn.Torch.Data.Layouts;

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
