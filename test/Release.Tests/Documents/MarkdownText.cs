using System.Text.RegularExpressions;
using FastScnn.Notebooks;
using FastScnn.Testing;

namespace FastScnn.Release.Tests.Documents;

/// <summary>A document taken apart as far as its checks need it.</summary>
internal sealed partial class MarkdownText
{
    private readonly List<Fence> _fences = [];
    private readonly List<(int Line, string Text)> _prose = [];

    /// <param name="name">The file, relative to the repository, with / between folders.</param>
    /// <param name="text">Its text.</param>
    public MarkdownText(string name, string text)
    {
        Name = name;
        string[] lines = text.ReplaceLineEndings("\n").Split('\n');
        for (int i = 0; i < lines.Length; i++)
        {
            Match fence = Opening().Match(lines[i]);
            if (!fence.Success)
            {
                _prose.Add((i + 1, Comments().Replace(lines[i], "")));
                continue;
            }
            string mark = fence.Groups[1].Value;
            int end = Array.FindIndex(lines, i + 1, line => line.Trim() is { } closing && closing.Length >= mark.Length && closing.All(c => c == mark[0]));
            if (end < 0)
                throw new InvalidDataException($"{name}({i + 1}): the block has no end.");
            _fences.Add(new Fence(i + 2, fence.Groups[2].Value, lines[(i + 1)..end]));
            i = end;
        }
    }

    public string Name { get; }

    public IReadOnlyList<Fence> Fences => _fences;

    /// <summary>The lines outside of fences, with their numbers from 1.</summary>
    public IReadOnlyList<(int Line, string Text)> Prose => _prose;

    /// <summary>What stands between backticks in the prose.</summary>
    public IEnumerable<(int Line, string Code)> CodeSpans => _prose.SelectMany(line => Spans().Matches(line.Text).Select(span => (line.Line, span.Groups[2].Value.Trim())));

    /// <summary>Where links and images lead to, with their line; links written in code are none.</summary>
    public IEnumerable<(int Line, string Target)> Links => _prose.SelectMany(line =>
    {
        string text = Spans().Replace(line.Text, "");
        return Targets().Matches(text).Concat(Definitions().Matches(text)).Concat(Attributes().Matches(text)).Select(link => (line.Line, link.Groups[1].Value));
    });

    /// <summary>What a # can lead to: the headings as GitHub names them, and the ids of HTML elements.</summary>
    public IReadOnlySet<string> Anchors
    {
        get
        {
            var anchors = new HashSet<string>();
            var seen = new Dictionary<string, int>();
            for (int i = 0; i < _prose.Count; i++)
            {
                if (Heading(i) is { } heading)
                {
                    string slug = Slug.Of(heading);
                    seen[slug] = seen.TryGetValue(slug, out int before) ? before + 1 : 0;
                    anchors.Add(seen[slug] == 0 ? slug : $"{slug}-{seen[slug]}");
                }
                foreach (Match id in Ids().Matches(Spans().Replace(_prose[i].Text, "")))
                    anchors.Add(id.Groups[1].Value);
            }
            return anchors;
        }
    }

    /// <summary>Reads a document of the repository; of a notebook, its prose.</summary>
    public static MarkdownText Read(string document)
    {
        string file = Path.Combine(TestFiles.Root, document);
        return new(document, Path.GetExtension(file) == ".ipynb"
            ? string.Join("\n\n", NotebookFile.Read(file).Where(cell => !cell.IsCode).Select(cell => cell.Source))
            : File.ReadAllText(file));
    }

    // A line with # in front, or one that is underlined.
    private string? Heading(int i)
    {
        string text = _prose[i].Text;
        if (AtxHeading().Match(text) is { Success: true } heading)
            return heading.Groups[1].Value;
        return text.Trim().Length > 0 && text[0] is not ('|' or '-' or '*' or '>') && i + 1 < _prose.Count && _prose[i + 1].Line == _prose[i].Line + 1 && Underline().IsMatch(_prose[i + 1].Text)
            ? text.Trim() : null;
    }

    [GeneratedRegex(@"^\s*(`{3,}|~{3,})\s*([^`\s]*)[^`]*$")]
    private static partial Regex Opening();

    [GeneratedRegex("<!--.*?-->")]
    private static partial Regex Comments();

    [GeneratedRegex("(?<!`)(`+)(?!`)(.+?)(?<!`)\\1(?!`)")]
    private static partial Regex Spans();

    [GeneratedRegex(@"\]\(\s*<?((?:[^()<>\s]|\([^()\s]*\))+)>?(?:\s+(?:""[^""]*""|'[^']*'))?\s*\)")]
    private static partial Regex Targets();

    [GeneratedRegex(@"^ {0,3}\[[^\]^]+\]:\s*<?([^<>\s]+)")]
    private static partial Regex Definitions();

    [GeneratedRegex(@"<[^>]*\b(?:href|src)\s*=\s*[""']([^""']+)[""']")]
    private static partial Regex Attributes();

    [GeneratedRegex(@"<[^>]*\b(?:id|name)\s*=\s*[""']([^""']+)[""']")]
    private static partial Regex Ids();

    [GeneratedRegex(@"^ {0,3}#{1,6}\s+(.*?)(?:\s+#+)?\s*$")]
    private static partial Regex AtxHeading();

    [GeneratedRegex(@"^ {0,3}(?:=+|-+)\s*$")]
    private static partial Regex Underline();
}
