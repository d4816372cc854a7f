using FastScnn.Testing;

namespace FastScnn.Release.Tests.Documents;

/// <summary>A block of C#.</summary>
/// <param name="Document">The file, relative to the repository.</param>
/// <param name="Line">The line of the file that the code starts in, from 1.</param>
/// <param name="Code">The code.</param>
/// <param name="NotRun">Whether the document says that it is only compiled.</param>
internal sealed record CodeBlock(string Document, int Line, string Code, bool NotRun);

/// <summary>The repository's documents, and the C# in them.</summary>
internal static class Markdown
{
    private static readonly string[] s_folders = ["docs", "nuget", "samples", "bench", "test"];
    private static readonly string[] s_built = ["bin", "obj"];

    /// <summary>README.md and its like, and those of the folders, relative to the repository.</summary>
    public static IReadOnlyList<string> Documents { get; } =
    [
        .. Directory.GetFiles(TestFiles.Root, "*.md")
            .Concat(s_folders.Select(folder => Path.Combine(TestFiles.Root, folder)).Where(Directory.Exists)
                .SelectMany(folder => Directory.GetFiles(folder, "*.md", SearchOption.AllDirectories)))
            .Select(file => Path.GetRelativePath(TestFiles.Root, file).Replace('\\', '/'))
            .Where(file => !file.Split('/').Intersect(s_built).Any()).Order(StringComparer.Ordinal),
    ];

    /// <summary>The notebooks, relative to the repository.</summary>
    public static IReadOnlyList<string> Notebooks { get; } =
    [
        .. Directory.GetFiles(Path.Combine(TestFiles.Root, "samples", "notebooks"), "*.ipynb")
            .Select(file => Path.GetRelativePath(TestFiles.Root, file).Replace('\\', '/'))
            .Order(StringComparer.Ordinal),
    ];

    /// <summary>The C# blocks of a file of the repository, in order.</summary>
    public static IReadOnlyList<CodeBlock> Blocks(string document) =>
    [
        .. MarkdownText.Read(document).Fences.Where(fence => fence.Language is "csharp" or "cs" or "c#")
            .Select(fence => new CodeBlock(document, fence.Line, string.Join('\n', fence.Lines) + "\n", fence.NotRun)),
    ];
}
