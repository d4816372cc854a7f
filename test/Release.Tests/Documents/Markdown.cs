using FastScnn.Testing;

namespace FastScnn.Release.Tests.Documents;

/// <summary>The C# code in the repository's documents.</summary>
internal static class Markdown
{
    /// <summary>The C# blocks of a file of the repository, in order.</summary>
    public static IReadOnlyList<CodeBlock> Blocks(string document)
    {
        var blocks = new List<CodeBlock>();
        string[] lines = File.ReadAllLines(Path.Combine(TestFiles.Root, document));
        for (int i = 0; i < lines.Length; i++)
        {
            if (lines[i].Trim() != "```csharp")
                continue;
            int end = Array.FindIndex(lines, i + 1, line => line.Trim() == "```");
            Assert.That(end, Is.GreaterThan(i), $"{document}({i + 1}): the block has no end");
            blocks.Add(new CodeBlock(document, i + 2, string.Join('\n', lines[(i + 1)..end]) + "\n"));
            i = end;
        }
        return blocks;
    }
}

/// <summary>A block of C#.</summary>
/// <param name="Document">The file, relative to the repository.</param>
/// <param name="Line">The line of the file that the code starts in, from 1.</param>
/// <param name="Code">The code.</param>
internal sealed record CodeBlock(string Document, int Line, string Code);
