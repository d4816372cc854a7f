using System.IO.Compression;
using System.Text.Json;
using FastScnn.ML.Imaging;
using FastScnn.ML.Scoring;
using FastScnn.Scenes;
using FastScnn.Testing;
using FastScnn.Torch.Data;

namespace FastScnn.Release.Tests.Packages;

/// <summary>The command line as a dotnet tool, packed for the platform that the test runs on, installed, and used from
/// another folder.</summary>
public class ToolTests
{
    private static readonly string s_platform = OperatingSystem.IsWindows() ? "win-x64" : "linux-x64";
    private static readonly Dictionary<string, string> s_none = [];

    private string _folder = "", _packages = "";

    [OneTimeSetUp]
    public void Install()
    {
        _folder = TestFiles.NewFolder();
        _packages = Path.Combine(_folder, "packages");
        Shell.Dotnet(_folder, s_none, "pack", Path.Combine(TestFiles.Root, "samples", "FastScnn.Tool"), "-c",
            Build.Configuration, "-o", _packages, $"-p:ToolRuntimeIdentifiers={s_platform}", "-v", "quiet");
        Shell.Dotnet(_folder, s_none, "tool", "install", "FastScnn.Tool", "--tool-path", Path.Combine(_folder, "tools"),
            "--add-source", _packages, "--version", Build.Version);
    }

    [Test]
    public void The_package_has_the_libraries_of_one_platform_and_its_processor()
    {
        using ZipArchive package =
            ZipFile.OpenRead(Path.Combine(_packages, $"FastScnn.Tool.{s_platform}.{Build.Version}.nupkg"));
        string[] files = [.. package.Entries.Select(entry => entry.Name)];
        Assert.That(files, Does.Contain("fastscnn.dll").And.Contain("README.md").And.Contain("icon.png"));
        string[] here = ["onnxruntime.dll", "LibTorchSharp.dll"], there = ["libonnxruntime.so", "libLibTorchSharp.so"];
        if (!OperatingSystem.IsWindows())
            (here, there) = (there, here);
        Assert.That(files, Is.SupersetOf(here));
        Assert.That(files.Intersect(there), Is.Empty);
        Assert.That(files.Where(name =>
            name.Contains("cuda", StringComparison.OrdinalIgnoreCase)
                || name.Contains("tensorrt", StringComparison.OrdinalIgnoreCase)), Is.Empty);
    }

    [Test]
    public void An_installed_tool_segments_an_image()
    {
        StreetSceneFolder.Write(_folder, "one", 1, new StreetSceneOptions { Width = 160, Height = 96, Seed = 2 });
        string image = Path.Combine(_folder, "images", "one", "scene_000000.png"),
            model = Path.Combine(TestFiles.Root, "samples", "models", "fastscnn-scenes.onnx");
        Assert.That(Run("segment", "--model", model, "--input", image, "--output", "results"),
            Does.Contain("1 of 1 images, CPUExecutionProvider"));
        using var segmenter = FastScnnSegmenter.Load(model);
        Assert.That(IndexPng.Read(Path.Combine(_folder, "results", "scene_000000_mask.png")).Ids.Span.SequenceEqual(
            segmenter.Segment(image).ClassIds.Span), Is.True);
    }

    [Test]
    public void An_installed_tool_draws_data_trains_on_it_and_scores_what_came_of_it()
    {
        Assert.That(Run("generate", "--output", "scenes", "--count", "8", "--val-count", "2", "--size", "64x96",
            "--seed", "3"), Does.Contain("8 train and 2 val scenes"));
        Assert.That(Run("check-data", "--root", "scenes"),
            Does.Contain("train: 8 pairs, 8 sound").And.Contain("val: 0 faults"));
        Assert.That(Run("models", "scenes", "--output", "models"), Does.Contain("vegetation"));
        string started = Path.Combine("models", "fastscnn-scenes.safetensors");
        string trained = Run("train", "--root", "scenes", "--output", "run", "--start-from", started, "--crop-size",
            "64x64", "--batch-size", "4", "--epochs", "1", "--lr", "0.0001");
        Assert.That(trained,
            Does.Contain("8 images to learn from, 2 to validate with, 12 classes").And.Match(
                @"epoch 1 of 1, mIoU \d+\.\d\d % ?"));

        string json = Run("eval", "--model", Path.Combine("run", "model.onnx"), "--root", "scenes", "--json").TrimEnd()
            .Split('\n')[^1];
        using JsonDocument whole = JsonDocument.Parse(json);
        Assert.That(whole.RootElement.GetProperty("images").GetInt32(), Is.EqualTo(2));
        Assert.That(whole.RootElement.GetProperty("pixelAccuracy").GetDouble(), Is.GreaterThan(0.3));
    }

    private string Run(params string[] arguments)
    {
        (int exit, string output) = Shell.Run(Path.Combine(_folder, "tools", "fastscnn"), _folder, s_none, arguments);
        Assert.That(exit, Is.Zero, $"fastscnn {string.Join(' ', arguments)}\n{output}");
        return output;
    }
}
