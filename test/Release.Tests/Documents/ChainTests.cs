using FastScnn.Scenes;
using FastScnn.Testing;
using FastScnn.Torch.Data;
using FastScnn.Torch.Network;

namespace FastScnn.Release.Tests.Documents;

/// <summary>The commands of a document, run one after the other in one folder on small data, as a reader types
/// them.</summary>
public class ChainTests
{
    private const string Reproduced = "../shared", Video = "drive.mp4";

    private static IEnumerable<string> Documents =>
        Markdown.Documents.Except(WalkTests.Pages).Where(document => Commands(document).Any());

    [TestCaseSource(nameof(Documents))]
    public void The_commands_of_a_document_run_in_its_order(string document)
    {
        string folder = MakeFolder();
        bool hasFfmpeg = MakeVideo(folder);
        foreach (ShellCommand command in Commands(document))
        {
            if (!hasFfmpeg && command.Words.Contains(Video))
                continue;
            string[] arguments = [.. Small(command.Words.Skip(1))];
            (int exit, string output) = Shell.Run("dotnet", folder, new Dictionary<string, string>(),
                [CommandLine, .. arguments]);
            Assert.That(exit, Is.Zero, $"{document}({command.Line}): fastscnn {string.Join(' ', arguments)}\n{output}");
        }
    }

    [Test]
    public void The_README_trains_scores_segments_exports_and_quantizes() =>
        Assert.That(Commands("README.md").Select(command => command.Words[1]),
            Is.SupersetOf(new[] { "check-data", "train", "eval", "segment", "export", "quantize", "generate" }));

    [Test]
    public void Weights_of_the_reference_implementation_are_exported_scored_and_used()
    {
        Assert.That(Commands("docs/migration.md").Select(command => command.Words[1]),
            Is.EqualTo(new[] { "export", "eval", "segment", "quantize" }));
        string folder = MakeFolder();
        (int exit, string output) = Shell.Run("dotnet", folder, new Dictionary<string, string>(), CommandLine, "export",
            "--checkpoint", "weights.pth", "--output", "unnamed.onnx");
        Assert.That(exit, Is.Zero, output);
        Assert.That(output, Does.Contain("\"class 0\" to \"class 18\"").And.Contain("--classes cityscapes"));
        (exit, output) = Shell.Run("dotnet", folder, new Dictionary<string, string>(), CommandLine, "eval", "--model",
            "unnamed.onnx", "--dataset", "cityscapes", "--root", "cityscapes");
        Assert.That(exit, Is.EqualTo(1), output);
        Assert.That(output, Does.Contain("export it again with --classes cityscapes"));
    }

    private static string CommandLine =>
        Path.Combine(TestFiles.Root, "samples", "FastScnn.Tool", "bin", Build.Configuration, "net10.0", "fastscnn.dll");

    // Those that repeat a long training on data beside the repository are parsed by CommandTests alone.
    private static IEnumerable<ShellCommand> Commands(string document) =>
        ShellCommand.Of(MarkdownText.Read(document)).Where(command =>
        command.IsWhole && !command.NotRun && command.Words is ["fastscnn", _, ..]
            && !command.Words.Any(word => word.StartsWith(Reproduced, StringComparison.Ordinal))
            && !document.StartsWith("samples/models/", StringComparison.Ordinal));

    // Readers train longer and draw more.
    private static IEnumerable<string> Small(IEnumerable<string> words)
    {
        string previous = "";
        foreach (string word in words)
        {
            yield return previous switch { "--epochs" => "1", "--count" => "3", "--crop-size" => "64", _ => word };
            previous = word;
        }
    }

    private static string MakeFolder()
    {
        string folder = TestFiles.NewFolder(), data = Path.Combine(folder, "data"),
            images = Directory.CreateDirectory(Path.Combine(folder, "images")).FullName;
        StreetSceneFolder.Write(data, "train", 8, new StreetSceneOptions { Width = 96, Height = 64, Seed = 1 });
        StreetSceneFolder.Write(data, "val", 2, new StreetSceneOptions { Width = 96, Height = 64, Seed = 1 });
        string photos = Directory.CreateDirectory(Path.Combine(data, "images", "photos")).FullName;
        foreach (string image in Directory.GetFiles(Path.Combine(data, "images", "val")))
            foreach (string other in new[] { images, photos })
                File.Copy(image, Path.Combine(other, Path.GetFileName(image)));
        MakePhotos(Path.Combine(folder, "photos"), Path.Combine(data, "images", "train"));
        // The second in place of the large network that samples/FastScnn.Teacher trains.
        foreach (string name in new[] { "model.onnx", "teacher/teacher.onnx" })
        {
            string model = Path.Combine(folder, name);
            Directory.CreateDirectory(Path.GetDirectoryName(model)!);
            File.Copy(Path.Combine(TestFiles.Root, "samples", "models", "fastscnn-scenes.onnx"), model);
        }
        using (var network = new FastScnnNetwork(new FastScnnNetworkOptions { Classes = 19 }))
            foreach (string name in new[] { "weights.pth", "fast_scnn_citys.pth" })
                network.ToCheckpoint().SaveSafetensors(Path.Combine(folder, name));
        MakeCityscapes(Path.Combine(folder, "cityscapes"), images);
        return folder;
    }

    // False where there is no FFmpeg.
    private static bool MakeVideo(string folder)
    {
        try
        {
            (int exit, string output) = Shell.Run("ffmpeg", folder, new Dictionary<string, string>(),
                "-v", "error", "-nostdin", "-f", "lavfi", "-i", "testsrc2=size=96x64:rate=10", "-f", "lavfi", "-i",
                "sine=duration=0.5", "-frames:v", "8", "-pix_fmt", "yuv420p", Video);
            Assert.That(exit, Is.Zero, output);
            return true;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }

    // Photos with labels as COCO has them: the lower half is road.
    private static void MakePhotos(string folder, string source)
    {
        Directory.CreateDirectory(folder);
        string[] names = [.. Directory.GetFiles(source).Select(image => Path.GetFileName(image)).Order()];
        foreach (string name in names)
            File.Copy(Path.Combine(source, name), Path.Combine(folder, name));
        IEnumerable<string> images = names.Select((name, id) => $$"""{ "id": {{id}}, "file_name": "{{name}}" }""");
        File.WriteAllText(Path.Combine(folder, "instances.json"), $$"""
            { "categories": [ { "id": 1, "name": "road" } ],
              "images": [ {{string.Join(", ", images)}} ],
              "annotations": [ {{string.Join(", ", names.Select((_, id) => $$"""
                { "id": {{id}}, "image_id": {{id}}, "category_id": 1, "segmentation": [[0, 32, 96, 32, 96, 64, 0, 64]] }
                """))}} ] }
            """);
    }

    // Two images of a city, all road (7 among the official label ids) above a border that is ignored.
    private static void MakeCityscapes(string root, string source)
    {
        string images = Directory.CreateDirectory(Path.Combine(root, "leftImg8bit", "val", "town")).FullName,
            labels = Directory.CreateDirectory(Path.Combine(root, "gtFine", "val", "town")).FullName;
        int number = 0;
        foreach (string image in Directory.GetFiles(source).Order())
        {
            string name = $"town_{number++:D6}_000019";
            File.Copy(image, Path.Combine(images, name + "_leftImg8bit.png"));
            byte[] ids = new byte[96 * 64];
            Array.Fill<byte>(ids, 7, 0, 96 * 60);
            IndexPng.Write(Path.Combine(labels, name + "_gtFine_labelIds.png"), 96, 64, ids);
        }
    }
}
