using System.Text.RegularExpressions;

namespace FastScnn.Release.Tests.Documents;

/// <summary>Whether the links and images of documents lead somewhere.</summary>
/// <param name="root">The folder of the repository.</param>
internal sealed partial class LinkCheck(string root)
{
    private static readonly string[] s_built = ["bin", "obj", "artifacts"];

    /// <summary>A line for each that does not.</summary>
    public IEnumerable<string> Faults(MarkdownText document) =>
        document.Links.Select(link => Fault(document, link.Target) is { } fault
            ? $"{document.Name}({link.Line}): '{link.Target}' {fault}" : null).OfType<string>();

    private string? Fault(MarkdownText document, string target)
    {
        if (Scheme().IsMatch(target))
            return Uri.TryCreate(target, UriKind.Absolute, out Uri? address)
                && address.Scheme is "https" or "http" or "mailto" ? null : "is no address";
        // The package gallery shows the text alone: it has no files beside it, and names headings in its own way.
        if (ShownAlone().IsMatch(document.Name))
            return "is relative; the package gallery shows this text without the repository";
        string[] parts = target.Split('#', 2);
        string path = Uri.UnescapeDataString(parts[0]);
        if (path.Length == 0)
            return AnchorFault(document, document.Name, "", Uri.UnescapeDataString(parts[^1]));
        string file = path[0] == '/' ? Path.Combine(root, path[1..])
            : Path.Combine(root, Path.GetDirectoryName(document.Name)!, path);
        string inside = Path.GetRelativePath(root, file).Replace('\\', '/');
        if (inside.StartsWith("..", StringComparison.Ordinal))
            return "leads out of the repository";
        if (inside.Split('/').Intersect(s_built).Any())
            return "leads to what is built, which is not in the repository";
        if (!File.Exists(file) && !Directory.Exists(file))
            return "is not in the repository";
        return parts.Length == 1 ? null : AnchorFault(document, inside, file, Uri.UnescapeDataString(parts[1]));
    }

    private static string? AnchorFault(MarkdownText document, string inside, string file, string anchor)
    {
        if (!inside.EndsWith(".md", StringComparison.OrdinalIgnoreCase))
        {
            return SourceLine().Match(anchor) is { Success: true } line && File.Exists(file)
                && int.Parse(line.Groups[1].ValueSpan) <= File.ReadLines(file).Count()
                ? null : $"names a place that {inside} has not";
        }
        IReadOnlySet<string> anchors =
            (inside == document.Name ? document : new MarkdownText(inside, File.ReadAllText(file))).Anchors;
        return anchors.Contains(anchor) ? null
            : $"names a heading that {inside} has not; it has {string.Join(", ", anchors)}";
    }

    [GeneratedRegex("^(?:[a-zA-Z][a-zA-Z0-9+.-]*:|//)")]
    private static partial Regex Scheme();

    [GeneratedRegex(@"^nuget/(?!README\.md$)[^/]+\.md$")]
    private static partial Regex ShownAlone();

    [GeneratedRegex(@"^L([1-9]\d{0,6})(?:-L\d+)?$")]
    private static partial Regex SourceLine();
}
