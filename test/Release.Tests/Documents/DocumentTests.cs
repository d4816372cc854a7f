using System.Text.RegularExpressions;
using FastScnn.Scenes;
using FastScnn.Testing;
using FastScnn.Torch.Network;

namespace FastScnn.Release.Tests.Documents;

/// <summary>The C# code in README.md, the package texts and docs compiles and runs.</summary>
public class DocumentTests
{
    private const string Files =
        "model.onnx, weights.pth (19 classes), street.jpg, aerial.jpg, images/street.jpg, and data with the splits "
            + "train and val";

    private static readonly Lazy<string> s_template = new(MakeTemplate);

    private static IEnumerable<TestCaseData> Programs =>
        Markdown.Documents.Except(WalkTests.Pages).SelectMany(CodeProgram.Of)
            .Select(program => new TestCaseData(program).SetArgDisplayNames(program.ToString()));

    [TestCaseSource(nameof(Programs))]
    public void The_code_compiles_and_runs(object code)
    {
        var program = (CodeProgram)code;
        using var compiled = new CSharpProgram(program.Document, OneEpoch(program.Code));
        if (!program.Runs)
            return;
        string folder = TestFiles.NewFolder();
        foreach (string file in Directory.GetFiles(s_template.Value, "*", SearchOption.AllDirectories))
        {
            string copy = Path.Combine(folder, Path.GetRelativePath(s_template.Value, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }
        (int exit, string output) = compiled.Run(folder);
        Assert.That(exit, Is.Zero, $"""
            The code from {program} on failed. It runs in a folder with {Files}.
            A block that starts with using directives starts a new program, others go on with the one above; one that cannot run here has
            a line <!-- not run: why --> above it.
            {output}
            """);
    }

    [Test]
    public void The_documents_have_code() =>
        Assert.That(Markdown.Documents.Where(document => Markdown.Blocks(document).Count > 0),
            Is.SupersetOf(new[] { "README.md", "nuget/FastScnn.ML.md", "nuget/FastScnn.Torch.md" }));

    // Readers train longer.
    private static string OneEpoch(string code) => Regex.Replace(code, @"\b([Ee]pochs(?:: | = ))\d+", "${1}1");

    private static string MakeTemplate()
    {
        string folder = TestFiles.NewFolder(), data = Path.Combine(folder, "data");
        StreetSceneFolder.Write(data, "train", 8, new StreetSceneOptions { Width = 96, Height = 64, Seed = 1 });
        StreetSceneFolder.Write(data, "val", 2, new StreetSceneOptions { Width = 96, Height = 64, Seed = 1 });
        File.Copy(Path.Combine(TestFiles.Root, "samples", "models", "fastscnn-scenes.onnx"),
            Path.Combine(folder, "model.onnx"));
        using (var network = new FastScnnNetwork(new FastScnnNetworkOptions { Classes = 19 }))
            network.ToCheckpoint().SaveSafetensors(Path.Combine(folder, "weights.pth"));
        using (var image = Microsoft.ML.Data.MLImage.CreateFromFile(Path.Combine(data, "images", "train",
            "scene_000000.png")))
            foreach (string name in new[] { "street.jpg", "aerial.jpg", Path.Combine("images", "street.jpg") })
            {
                Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(folder, name))!);
                image.Save(Path.Combine(folder, name));
            }
        return folder;
    }
}
