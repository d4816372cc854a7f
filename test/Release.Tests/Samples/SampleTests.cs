using FastScnn.ML.Imaging;
using FastScnn.ML.Scoring;
using FastScnn.Release.Tests.Documents;
using FastScnn.Scenes;
using FastScnn.Testing;
using FastScnn.Torch.Checkpoints;
using FastScnn.Torch.Data;
using FastScnn.Torch.Onnx;
using Microsoft.ML.Data;

namespace FastScnn.Release.Tests.Samples;

/// <summary>The samples do what they say, on small data.</summary>
public class SampleTests
{
    private const string Scenes = "samples/models/fastscnn-scenes";

    private string _folder = "";

    [SetUp]
    public void NewFolder() => _folder = TestFiles.NewFolder();

    [Test]
    public void Segment_an_image()
    {
        string image = Image();
        string output = Run("01-segment-an-image.cs", image, Model(".onnx"));
        Assert.That(output, Does.Contain("160 x 96 pixels").And.Contain("road").And.Contain("CPUExecutionProvider"));
        using MLImage overlay = MLImage.CreateFromFile(Path.Combine(_folder, "street_overlay.png"));
        Assert.That((overlay.Width, overlay.Height), Is.EqualTo((160, 96)));
        AssertMask(Path.Combine(_folder, "street_mask.png"), image, Model(".onnx"));
    }

    [Test]
    public void Segment_an_image_by_dotnet_run()
    {
        string image = Image();
        // The configuration that is built already.
        string output = Shell.Dotnet(TestFiles.Root, new Dictionary<string, string>(), "run", "-c", Build.Configuration,
            "samples/01-segment-an-image.cs", image);
        Assert.That(output, Does.Contain("160 x 96 pixels"));
        // For an image of the user's: the model of photographs.
        AssertMask(Path.Combine(_folder, "street_mask.png"), image,
            Path.Combine(TestFiles.Root, "samples", "models", "fastscnn-roads.onnx"));
    }

    [Test]
    public void Train_on_your_folder_and_go_on()
    {
        string data = Data();
        Assert.That(Run("02-train-on-your-folder.cs", data, "run", "1"),
            Does.Contain("Epoch 1 of 1: loss ").And.Match(@"mIoU \d+\.\d\d ?%"));
        string output = Run("02-train-on-your-folder.cs", data, "run", "2");
        Assert.That(output, Does.Contain("Epoch 2 of 2: loss ").And.Not.Contain("Epoch 1 of 2"));
        using var trained = FastScnnSegmenter.Load(Path.Combine(_folder, "run", "model.onnx"));
        Assert.That(trained.Classes.Select(c => c.Name), Is.EqualTo(StreetScene.Classes.Select(c => c.Name)));
    }

    [Test]
    public void Evaluate_and_read_the_metrics()
    {
        string output = Run("03-evaluate-and-read-the-metrics.cs", Model(".onnx"), Data(), "report.html");
        Assert.That(output,
            Does.Match(@"pixel accuracy \d+\.\d\d ?%").And.Match(@"\nroad +\d+\.\d ?% +\d+\.\d ?% +\d+\.\d ?%   \w+"));
        Assert.That(File.ReadAllText(Path.Combine(_folder, "report.html")),
            Does.Contain("scene_000000").And.Contain("traffic light"));
    }

    [Test]
    public void Save_load_and_serve()
    {
        string output = Run("04-save-load-and-serve.cs", Model(".onnx"), "pipeline.zip", Image(), Image("other.png"));
        Assert.That(output,
            Does.Match(@"street\.png: 160 x 96, mostly \w+").And.Match(@"other\.png: 160 x 96, mostly \w+"));
        Assert.That(File.Exists(Path.Combine(_folder, "pipeline.zip")), Is.True);
    }

    [Test]
    public void Score_with_stock_ML_NET()
    {
        const int Width = 160, Height = 96;
        OnnxExporter.Export(
            Checkpoint.Load(Model(".safetensors")),
            Path.Combine(_folder, "stock.onnx"),
            new OnnxExportOptions { Graph = OnnxGraph.Interop, RawPixels = true, Width = Width, Height = Height });
        string image = Image(width: Width, height: Height);
        string output = Run("05-score-with-stock-mlnet.cs", "stock.onnx", $"{Width}", $"{Height}", image, "mask.png");
        Assert.That(output, Does.Contain("12 classes").And.Contain("assemblies of FastScnn in this process: 0"));
        using MLImage mask = MLImage.CreateFromFile(Path.Combine(_folder, "mask.png"));
        byte[] ids = [.. mask.GetBGRPixels.Chunk(3).Select(pixel => pixel[0])];
        using var segmenter = FastScnnSegmenter.Load(Model(".onnx"));
        byte[] expected = segmenter.Segment(image).ClassIds.ToArray();
        Assert.That(ids.Zip(expected).Count(pair => pair.First == pair.Second), Is.GreaterThan(0.9999 * ids.Length));
    }

    [Test]
    public void The_sample_for_stock_ML_NET_names_nothing_of_FastScnn()
    {
        string source = File.ReadAllText(Path.Combine(TestFiles.Root, "samples", "05-score-with-stock-mlnet.cs"));
        Assert.That(source,
            Does.Not.Contain("#:project").And.Not.Contain("#:package FastScnn").And.Not.Contain("using FastScnn"));
    }

    [Test]
    public void Gpu_and_speed()
    {
        Image(Path.Combine("images", "street.png"));
        string output = Run("06-gpu-and-speed.cs", Model(".onnx"), "images", "2");
        Assert.That(output,
            Does.Match("runs on (CPU|CUDA)ExecutionProvider").And.Match(@"several in flight: 2 images in \d+\.\d\d s"));
    }

    [Test]
    public void Fine_tune_to_your_classes()
    {
        string output = Run("07-fine-tune-to-your-classes.cs", Data(), "run", "1",
            Path.Combine(TestFiles.Root, "samples", "models", "fastscnn-roads.safetensors"));
        Assert.That(output,
            Does.Contain("from 7 classes to 12: road, ").And.Match(@"epoch 1: loss \d+\.\d\d\d, mIoU ").And.Match(
                @"road +\d+\.\d ?% IoU"));
        Assert.That(File.Exists(Path.Combine(_folder, "run", "model.onnx")), Is.True);
    }

    [Test]
    public void Every_sample_has_a_test()
    {
        string source = File.ReadAllText(Path.Combine(TestFiles.Root, "test", "Release.Tests", "Samples",
            "SampleTests.cs"));
        foreach (string sample in Directory.GetFiles(Path.Combine(TestFiles.Root, "samples"), "*.cs"))
            Assert.That(source, Does.Contain($"Run(\"{Path.GetFileName(sample)}\""));
    }

    private string Run(string sample, params string[] arguments)
    {
        string file = Path.Combine(TestFiles.Root, "samples", sample);
        using var program = new CSharpProgram(file, File.ReadAllText(file));
        (int exit, string output) = program.Run(_folder, arguments);
        Assert.That(exit, Is.Zero, output);
        return output;
    }

    private string Image(string name = "street.png", int width = 160, int height = 96)
    {
        string file = Path.Combine(_folder, name), scenes = TestFiles.NewFolder();
        StreetSceneFolder.Write(scenes, "one", 1, new StreetSceneOptions { Width = width, Height = height, Seed = 2 });
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.Copy(Directory.GetFiles(Path.Combine(scenes, "images", "one")).Single(), file);
        return file;
    }

    private string Data()
    {
        string folder = Path.Combine(_folder, "data");
        StreetSceneFolder.Write(folder, "train", 8, new StreetSceneOptions { Width = 96, Height = 64, Seed = 1 });
        StreetSceneFolder.Write(folder, "val", 2, new StreetSceneOptions { Width = 96, Height = 64, Seed = 1 });
        return folder;
    }

    private static string Model(string extension) => Path.Combine(TestFiles.Root, Scenes + extension);

    private static void AssertMask(string file, string image, string model)
    {
        using var segmenter = FastScnnSegmenter.Load(model);
        Assert.That(IndexPng.Read(file).Ids.Span.SequenceEqual(segmenter.Segment(image).ClassIds.Span), Is.True);
    }
}
