namespace FastScnn.Notebooks;

/// <summary>Reads the program that a notebook is made from: <c>// %%</c> starts a code cell, <c>// %% [markdown]</c> a
/// cell of prose in comment lines, as in other editors' percent format.</summary>
internal static class CellScript
{
    private const string Code = "// %%", Prose = "// %% [markdown]";

    public static IReadOnlyList<Cell> Read(string file)
    {
        var cells = new List<Cell>();
        var lines = new List<string>();
        bool? isCode = null;
        foreach (string line in File.ReadAllLines(file).Append(Code))
        {
            if (line is not (Code or Prose))
            {
                lines.Add(line);
                continue;
            }
            if (isCode is { } code)
                cells.Add(new Cell(code, string.Join('\n', code ? lines : lines.Select(WithoutComment)).Trim('\n')));
            isCode = line == Code;
            lines.Clear();
        }
        return cells;
    }

    private static string WithoutComment(string line) =>
        line.StartsWith("// ", StringComparison.Ordinal) ? line[3..]
            : line.StartsWith("//", StringComparison.Ordinal) ? line[2..] : line;
}
