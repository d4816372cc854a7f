using FastScnn.Testing;

namespace FastScnn.Release.Tests.Documents;

/// <summary>The C# code in the repository's documents.</summary>
internal static class Markdown
{
    /// <summary>All documents with C#: README.md and its like, and those of docs, nuget and samples.</summary>
    public static IEnumerable<string> Documents { get; } =
    [
        .. Directory.GetFiles(TestFiles.Root, "*.md")
            .Concat(new[] { "docs", "nuget", "samples" }.Select(folder => Path.Combine(TestFiles.Root, folder)).Where(Directory.Exists)
                .SelectMany(folder => Directory.GetFiles(folder, "*.md", SearchOption.AllDirectories)))
            .Select(file => Path.GetRelativePath(TestFiles.Root, file)).Where(file => Blocks(file).Count > 0).Order(StringComparer.Ordinal),
    ];

    /// <summary>The C# blocks of a file of the repository, in order.</summary>
    public static IReadOnlyList<CodeBlock> Blocks(string document)
    {
        var blocks = new List<CodeBlock>();
        string[] lines = File.ReadAllLines(Path.Combine(TestFiles.Root, document));
        for (int i = 0; i < lines.Length; i++)
        {
            string fence = lines[i].Trim();
            if (fence is not ("```csharp" or "```cs" or "```c#"))
                continue;
            int end = Array.FindIndex(lines, i + 1, line => line.Trim() == "```");
            if (end < 0)
                throw new InvalidDataException($"{document}({i + 1}): the block has no end.");
            string above = lines[..i].LastOrDefault(line => line.Trim().Length > 0) ?? "";
            blocks.Add(new CodeBlock(document, i + 2, string.Join('\n', lines[(i + 1)..end]) + "\n", above.StartsWith("<!-- not run: ", StringComparison.Ordinal)));
            i = end;
        }
        return blocks;
    }
}
