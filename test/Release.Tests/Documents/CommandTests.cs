using System.CommandLine;
using FastScnn.Tool;
using FastScnn.Testing;

namespace FastScnn.Release.Tests.Documents;

/// <summary>The commands that documents show are those that there are, and the check would notice where they are
/// not.</summary>
public class CommandTests
{
    private static IEnumerable<string> All => Markdown.Documents.Concat(Markdown.Notebooks);

    [TestCaseSource(nameof(All))]
    public void Every_command_can_be_typed(string document)
    {
        string[] faults = [.. new CommandCheck(TestFiles.Root).Faults(MarkdownText.Read(document))];
        Assert.That(faults, Is.Empty, string.Join('\n', faults));
    }

    [TestCase("README.md", 15)]
    [TestCase("CONTRIBUTING.md", 2)]
    [TestCase("samples/models/fastscnn-camvid.md", 3)]
    [TestCase("samples/notebooks/training.ipynb", 1)]
    public void The_documents_have_commands(string document, int least)
    {
        var check = new CommandCheck(TestFiles.Root);
        Assert.That(check.Faults(MarkdownText.Read(document)).ToList(), Is.Empty);
        Assert.That(check.Count, Is.AtLeast(least));
    }

    [Test]
    public void The_examples_of_the_command_line_can_be_typed()
    {
        string[] examples =
        [
            .. FastScnnCommand.Create().Subcommands.SelectMany(command => command.Description!.Split('\n'))
                .Where(line => line.StartsWith("Example: ", StringComparison.Ordinal))
        ];
        Assert.That(examples, Is.Not.Empty);
        Assert.That(Faults("```\n" + string.Join('\n', examples.Select(line => line["Example: ".Length..])) + "\n```"),
            Is.Empty);
    }

    [Test]
    public void The_commands_in_the_heads_of_samples_can_be_typed()
    {
        string samples = Path.Combine(TestFiles.Root, "samples");
        var check = new CommandCheck(TestFiles.Root);
        foreach (string program in Directory.GetFiles(samples, "*.cs")
            .Concat(Directory.GetFiles(samples, "Program.cs", SearchOption.AllDirectories)))
        {
            IEnumerable<string> commands = File.ReadLines(program)
                .Where(line => line.StartsWith("//   ", StringComparison.Ordinal)).Select(line => line[5..]);
            Assert.That(
                check.Faults(new MarkdownText(Path.GetRelativePath(TestFiles.Root, program),
                    $"```\n{string.Join('\n', commands)}\n```")).ToList(), Is.Empty);
        }
        Assert.That(check.Count, Is.AtLeast(10));
    }

    [Test]
    public void The_recipes_are_options_of_train()
    {
        string[] recipes =
        [
            .. MarkdownText.Read("docs/training.md").CodeSpans.Select(span => span.Code)
                .Where(code => code.StartsWith("--", StringComparison.Ordinal))
        ];
        Assert.That(recipes, Has.Length.GreaterThan(10));
        Assert.That(Faults(string.Join('\n', recipes.Select(recipe => $"`fastscnn train {recipe}`"))), Is.Empty);
    }

    [TestCase("fastscnn train --root data --output run1", null)]
    [TestCase("fastscnn train --root data --outputs run1", "--outputs")]
    [TestCase("fastscnn train --root data", "--output")]
    [TestCase("fastscnn trian --root data", "trian")]
    [TestCase("fastscnn train --root data --output run1 --epochs many", "many")]
    [TestCase("mpirun -n 2 fastscnn train --root data --output run1 --distributed mpi", null)]
    [TestCase("srun fastscnn train --root data --output run1 --distributed nccl", "nccl")]
    [TestCase("fastscnn --help", null)]
    [TestCase("fastscnn segment --help", null)]
    [TestCase("FOO=1 fastscnn train --root 'my data' --output run1 > log.txt 2>&1 # --no such", null)]
    [TestCase("$ fastscnn train --root data \\\n  --output run1 \\\n  --resumed", "page.md(2): ")]
    [TestCase("cd data && fastscnn train --root . --outputs run1; ls", "--outputs")]
    [TestCase("ls\nfastscnn eval | tee --no-option log", "page.md(3): ")]
    [TestCase("dotnet test -c Release --filter X", null)]
    [TestCase("dotnet run -p:A=b --project samples/FastScnn.Tool -- export --checkpoint w.pth --output m.onnx", null)]
    [TestCase("dotnet run --project samples/FastScnn.Tool -- export --checkpoint w.pth --ouput m.onnx", "--ouput")]
    [TestCase("dotnet run samples/01-segment-an-image.cs street.jpg", null)]
    [TestCase("dotnet run samples/99-none.cs", "'samples/99-none.cs'")]
    [TestCase("dotnet run --project samples/FastScnn.Notebooks -- samples/notebooks/scoring.ipynb --check", null)]
    [TestCase("dotnet run --project samples/FastScnn.Notebooks -- samples/notebooks/none.ipynb",
        "'samples/notebooks/none.ipynb'")]
    [TestCase("dotnet run --project samples/FastScnn.Notebooks -- scoring.cs", "'scoring.cs' is no notebook")]
    [TestCase("dotnet pack src/FastScnn.MM", "'src/FastScnn.MM'")]
    [TestCase("dotnet run samples/01-segment-an-image.cs street.jpg", null)]
    [TestCase("dotnet run -c Release samples/01-no-such-sample.cs", "'samples/01-no-such-sample.cs'")]
    [TestCase("dotnet run --project samples/FastScnn.Tool -c Release -- generate --output scenes --count 2", null)]
    [TestCase("dotnet run --project samples/FastScnn.Tool -c Release -- generate --output scenes --counts 2",
        "--counts")]
    [TestCase("dotnet run --project samples/FastScnn.Clu", "'samples/FastScnn.Clu'")]
    [TestCase("dotnet test test/Unreleased.Tests", "'test/Unreleased.Tests'")]
    public void A_command_is_parsed(string block, string? fault)
    {
        string[] faults = [.. Faults($"```\n{block}\n```")];
        Assert.That(faults, fault is null ? Is.Empty : Has.Some.Contains(fault));
    }

    [TestCase("`fastscnn export --precision Float16` lacks what is required", null)]
    [TestCase("`fastscnn train --start-from`", null)]
    [TestCase("`fastscnn export --precision Float17`", "Float17")]
    [TestCase("`fastscnn`, `fastscnn train ...` and `dotnet run --project samples/FastScnn.Tool -- ...`", null)]
    [TestCase("`fastscnn train --root <some folder>`", null)]
    [TestCase("`fastscnn train --roots data`", "page.md(1): fastscnn train --roots data: ")]
    [TestCase("`dotnet pack src/FastScnn.MM`", "src/FastScnn.MM")]
    public void Running_text_may_show_a_part_of_a_command(string text, string? fault) =>
        Assert.That(Faults(text), fault is null ? Is.Empty : Has.Some.Contains(fault));

    [Test]
    public void Blocks_of_other_languages_hold_no_commands() =>
        Assert.That(Faults("```csharp\nfastscnn nothing\n```\n```json\nfastscnn nothing\n```"), Is.Empty);

    private static List<string> Faults(string text) =>
    [
        .. new CommandCheck(TestFiles.Root).Faults(new MarkdownText("page.md", text))
    ];
}
