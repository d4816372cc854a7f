using System.Text.RegularExpressions;
using FastScnn.Notebooks;
using FastScnn.Testing;
using Markdig;
using Markdig.Extensions.AutoIdentifiers;
using Markdig.Renderers.Html;
using Markdig.Syntax;
using Markdig.Syntax.Inlines;

namespace FastScnn.Release.Tests.Documents;

/// <summary>A block of code between fences.</summary>
/// <param name="Line">The line of the document that the code starts in, from 1.</param>
/// <param name="Language">What stands behind the opening fence; empty where nothing does.</param>
/// <param name="Lines">The code.</param>
/// <param name="NotRun">Whether a line <c>&lt;!-- not run: why --&gt;</c> stands above it.</param>
internal sealed record Fence(int Line, string Language, IReadOnlyList<string> Lines, bool NotRun);

/// <summary>A document as Markdig reads it, taken apart as far as its checks need it. Lines count from 1.</summary>
internal sealed partial class MarkdownText
{
    private static readonly MarkdownPipeline s_pipeline =
        new MarkdownPipelineBuilder().UsePipeTables().UseAutoIdentifiers(AutoIdentifierOptions.GitHub)
            .UsePreciseSourceLocation().Build();

    private readonly MarkdownDocument _document;

    /// <param name="name">The file, relative to the repository, with / between folders.</param>
    /// <param name="text">Its text.</param>
    public MarkdownText(string name, string text)
    {
        Name = name;
        _document = Markdig.Markdown.Parse(text.ReplaceLineEndings("\n"), s_pipeline);
        if (_document.Descendants<FencedCodeBlock>().FirstOrDefault(block => block.ClosingFencedCharCount == 0)
            is { } open)
            throw new InvalidDataException($"{name}({open.Line + 1}): the block has no end.");
        string[] lines = text.ReplaceLineEndings("\n").Split('\n');
        Fences =
        [
            .. _document.Descendants<FencedCodeBlock>()
                .Select(block => new Fence(block.Line + 2, block.Info ?? "",
                    [.. block.Lines.Lines.Take(block.Lines.Count).Select(line => line.ToString())],
                    (lines[..block.Line].LastOrDefault(line => line.Trim().Length > 0) ?? "")
                    .StartsWith("<!-- not run: ", StringComparison.Ordinal)))
        ];
    }

    public string Name { get; }

    public IReadOnlyList<Fence> Fences { get; }

    /// <summary>What stands between backticks in the prose.</summary>
    public IEnumerable<(int Line, string Code)> CodeSpans =>
        _document.Descendants<CodeInline>().Select(span => (span.Line + 1, span.Content.Trim()));

    /// <summary>Where links, images, definitions and the attributes of HTML lead to.</summary>
    public IEnumerable<(int Line, string Target)> Links =>
    [
        .. _document.Descendants<LinkInline>().Where(link => link.Reference is null)
            .Select(link => (link.Line + 1, link.Url ?? "")),
        .. _document.Descendants<LinkReferenceDefinition>()
            .Select(definition => (definition.Line + 1, definition.Url ?? "")),
        .. Html.SelectMany(html => Targets().Matches(html.Text).Select(link => (html.Line, link.Groups[1].Value))),
    ];

    /// <summary>What a # can lead to: the headings as GitHub names them, and the ids of HTML elements.</summary>
    public IReadOnlySet<string> Anchors => new HashSet<string>(
    [
        .. _document.Descendants<HeadingBlock>().Select(heading => heading.GetAttributes().Id).OfType<string>(),
        .. Html.SelectMany(html => Ids().Matches(html.Text).Select(id => id.Groups[1].Value)),
    ]);

    /// <summary>Reads a document of the repository; of a notebook, its prose.</summary>
    public static MarkdownText Read(string document)
    {
        string file = Path.Combine(TestFiles.Root, document);
        return new(document, Path.GetExtension(file) == ".ipynb"
            ? string.Join("\n\n", NotebookFile.Read(file).Where(cell => !cell.IsCode).Select(cell => cell.Source))
            : File.ReadAllText(file));
    }

    private IEnumerable<(int Line, string Text)> Html =>
    [
        .. _document.Descendants<HtmlInline>().Select(tag => (tag.Line + 1, tag.Tag)),
        .. _document.Descendants<HtmlBlock>().Where(block => block.Type != HtmlBlockType.Comment)
            .Select(block => (block.Line + 1, block.Lines.ToString())),
    ];

    [GeneratedRegex(@"<[^>!]*\b(?:href|src)\s*=\s*[""']([^""']+)[""']")]
    private static partial Regex Targets();

    [GeneratedRegex(@"<[^>!]*\b(?:id|name)\s*=\s*[""']([^""']+)[""']")]
    private static partial Regex Ids();
}
