using System.Text;

namespace FastScnn.Release.Tests.Documents;

/// <summary>The blocks of a document that make one program: a block that starts with <c>using</c> directives starts a
/// program, and the blocks after it without any go on with it, as a reader does.</summary>
/// <param name="Document">The file, relative to the repository.</param>
/// <param name="Line">The line that the first block starts in, from 1.</param>
/// <param name="Code">The code, with lines that say where in the document it is.</param>
/// <param name="Runs">Whether it can be run: no block of it stands below a line <c>&lt;!-- not run: why
/// --&gt;</c>.</param>
internal sealed record CodeProgram(string Document, int Line, string Code, bool Runs)
{
    public static IEnumerable<CodeProgram> Of(string document)
    {
        var programs = new List<List<CodeBlock>>();
        foreach (CodeBlock block in Markdown.Blocks(document))
        {
            if (programs.Count == 0 || StartsWithUsing(block.Code))
                programs.Add([]);
            programs[^1].Add(block);
        }
        return programs.Select(blocks =>
        {
            var code = new StringBuilder();
            foreach (CodeBlock block in blocks)
                code.Append($"#line {block.Line} \"{block.Document}\"\n{block.Code}");
            return new CodeProgram(document, blocks[0].Line, code.ToString(), !blocks.Any(block => block.NotRun));
        });
    }

    public override string ToString() => $"{Document}({Line})";

    private static bool StartsWithUsing(string code) =>
        code.Split('\n').First(line => line.Length > 0 && !line.StartsWith("//", StringComparison.Ordinal)) is { } first
        && first.StartsWith("using ", StringComparison.Ordinal) && !first.Contains('=')
        && !first.StartsWith("using var", StringComparison.Ordinal);
}
