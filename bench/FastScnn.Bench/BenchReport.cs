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

    public void Save(string path) => File.WriteAllLines(path, _lines);
}
