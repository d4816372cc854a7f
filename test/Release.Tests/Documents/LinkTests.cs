using FastScnn.Testing;

namespace FastScnn.Release.Tests.Documents;

/// <summary>Links and images in documents lead to files and headings that are there, and the check would notice where
/// they do not.</summary>
public class LinkTests
{
    private static IEnumerable<string> All => Markdown.Documents.Concat(Markdown.Notebooks);

    [TestCaseSource(nameof(All))]
    public void Every_link_leads_somewhere(string document)
    {
        string[] faults = [.. new LinkCheck(TestFiles.Root).Faults(MarkdownText.Read(document))];
        Assert.That(faults, Is.Empty, string.Join('\n', faults));
    }

    [Test]
    public void The_documents_have_links() =>
        Assert.That(MarkdownText.Read("README.md").Links.Count(link =>
            !link.Target.StartsWith("http", StringComparison.Ordinal)), Is.GreaterThan(15));

    [TestCase("[a](there.md)", null)]
    [TestCase("[a](missing.md)", "page.md(1): 'missing.md' is not in the repository")]
    [TestCase("[a](there.md#two-words)", null)]
    [TestCase("[a](there.md#two-word)",
        "'there.md#two-word' names a heading that docs/there.md has not; it has title, two-words, two-words-1")]
    [TestCase("# Here\n\n[a](#here)", null)]
    [TestCase("# Here\n\n[a](#there)", "page.md(3): '#there' names a heading that docs/page.md has not")]
    [TestCase("[![image](there.png)](../README.md)", null)]
    [TestCase("[![image](gone.png)](../README.md)", "'gone.png'")]
    [TestCase("![image](Image.png \"a title\")", "'Image.png'", Description = "another case")]
    [TestCase("[a](<there.md>), [b](../docs/), [c](/README.md)", null)]
    [TestCase("[a](there.md), [b](../away.md)", "'../away.md'")]
    [TestCase("[a](../../away.md)", "leads out of the repository")]
    [TestCase("[a](../artifacts/built.md)", "leads to what is built")]
    [TestCase("[a]: missing.md", "'missing.md'")]
    [TestCase("<a href=\"missing.md\">a</a>", "'missing.md'")]
    [TestCase("`[a](missing.md)` and ``[`a`](missing.md)``", null)]
    [TestCase("```\n[a](missing.md)\n```", null)]
    [TestCase("~~~ text\n```\n[a](missing.md)\n~~~\n[b](missing.md)", "page.md(5): 'missing.md'")]
    [TestCase("<!-- [a](missing.md) -->", null)]
    [TestCase("[`code`](missing.md)", "'missing.md'")]
    [TestCase("[a](https://example.org/missing.md), <https://example.org>", null)]
    [TestCase("[a](https://)", "is no address")]
    [TestCase("[a](Program.cs#L2)", null)]
    [TestCase("[a](Program.cs#L9)", "names a place that docs/Program.cs has not")]
    public void A_link_is_followed(string text, string? fault)
    {
        string[] faults = [.. Check("docs/page.md", text)];
        Assert.That(faults, fault is null ? Is.Empty : Has.Length.EqualTo(1).And.One.Contains(fault));
    }

    [Test]
    public void The_text_of_a_package_has_absolute_links_alone()
    {
        Assert.That(Check("nuget/Some.Package.md", "[a](https://example.org)"), Is.Empty);
        Assert.That(Check("nuget/Some.Package.md", "![a](../docs/there.png) [b](#here)\n# Here"),
            Has.Exactly(2).Contains("the package gallery"));
        Assert.That(Check("nuget/README.md", "![a](../docs/there.png)"), Is.Empty);
    }

    [TestCase("Two words", "two-words")]
    [TestCase("0.1.0 - 2026-11-27", "010---2026-11-27")]
    [TestCase("What `--help` says: `a_b`, and _this_ & that", "what---help-says-a_b-and-this--that")]
    [TestCase("[A link](somewhere.md) **bold**", "a-link-bold")]
    [TestCase("Größe 5²", "größe-5")]
    public void A_heading_has_the_name_that_GitHub_gives_it(string heading, string slug) =>
        Assert.That(new MarkdownText("page.md", "# " + heading).Anchors, Is.EqualTo(new[] { slug }));

    [Test]
    public void All_kinds_of_headings_are_found_and_code_is_none()
    {
        var text = new MarkdownText("page.md",
            "One\n===\n## Two ##\n\n# Two\n```\n# no heading\n```\n| a |\n|---|\n<a id=\"set\"></a>\ntext\n\n---\n");
        Assert.That(text.Anchors, Is.EquivalentTo(new[] { "one", "two", "two-1", "set" }));
    }

    [Test]
    public void A_block_without_an_end_is_refused() =>
        Assert.That(() => new MarkdownText("page.md", "text\n```sh\nls\n"),
            Throws.TypeOf<InvalidDataException>().With.Message.Contains("page.md(2)"));

    private static IEnumerable<string> Check(string name, string text)
    {
        string root = TestFiles.NewFolder();
        foreach ((string file, string content) in new[]
        {
            ("README.md", "# Readme"), ("docs/there.md", "# Title\n## Two words\n## Two words"), ("docs/there.png", ""),
            ("docs/image.png", ""),
            ("docs/Program.cs", "// 1\n// 2\n"), ("artifacts/built.md", ""),
        })
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(root, file))!);
            File.WriteAllText(Path.Combine(root, file), content);
        }
        return new LinkCheck(root).Faults(new MarkdownText(name, text));
    }
}
