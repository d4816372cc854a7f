namespace FastScnn.Bench;

/// <summary>Markdown that goes to the console as it comes, and to a file in the end.</summary>
internal sealed class BenchReport
{
    private readonly List<string> _lines = [];

    public void Add(string line)
    {
        _lines.Add(line);
        Console.WriteLine(line);
    }

    public void Add(IEnumerable<string> more)
    {
        foreach (string line in more)
            Add(line);
    }

    public void Heading(string text)
    {
        Add("");
        Add($"## {text}");
        Add("");
    }

    /// <summary>Writes reports of artifacts/bench into one file.</summary>
    public static void Combine(string path, params ReadOnlySpan<string> reports)
    {
        var lines = new List<string> { "<!-- Written by bench/FastScnn.Bench. -->" };
        foreach (string report in reports)
            lines.AddRange(["", .. File.ReadLines(Checkout.Artifact("bench", report))]);
        File.WriteAllLines(path, lines);
    }

    /// <summary>Puts a report of artifacts/bench into a file that has an older one of the same kind: up to the next
    /// heading of the first level.</summary>
    /// <param name="path">The file.</param>
    /// <param name="word">What the heading of the part begins with.</param>
    /// <param name="report">The report's name.</param>
    public static void Replace(string path, string word, string report)
    {
        List<string> lines = [.. File.ReadLines(path)];
        int from = lines.FindIndex(line => line.StartsWith($"# {word}", StringComparison.Ordinal));
        if (from < 0) throw new InvalidOperationException($"'{path}' has no part '# {word}...' to replace.");
        int to = lines.FindIndex(from + 1, line => line.StartsWith("# ", StringComparison.Ordinal));
        string[] rest = to < 0 ? [] : ["", .. lines[to..]];
        File.WriteAllLines(path, [.. lines[..from], .. File.ReadLines(Checkout.Artifact("bench", report)), .. rest]);
    }

    public void Save(string path) => File.WriteAllLines(path, _lines);
}
