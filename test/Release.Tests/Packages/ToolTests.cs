using System.IO.Compression;
using FastScnn.ML;
using FastScnn.Testing;
using FastScnn.Torch.Data;
using FastScnn.Torch.Scenes;

namespace FastScnn.Release.Tests.Packages;

/// <summary>The command line as a dotnet tool, packed for the platform that the test runs on.</summary>
public class ToolTests
{
    private static readonly string s_platform = OperatingSystem.IsWindows() ? "win-x64" : "linux-x64";
    private static readonly Dictionary<string, string> s_none = [];

    [Test]
    public void An_installed_tool_segments_a_photo()
    {
        string folder = TestFiles.NewFolder(), feed = Path.Combine(folder, "feed"), tools = Path.Combine(folder, "tools");
        Shell.Dotnet(folder, s_none, "pack", Path.Combine(TestFiles.Root, "samples", "FastScnn.Tool"), "-c", Build.Configuration, "-o", feed, $"-p:ToolRuntimeIdentifiers={s_platform}", "-v", "quiet");
        using (ZipArchive package = ZipFile.OpenRead(Path.Combine(feed, $"FastScnn.Tool.{s_platform}.{Build.Version}.nupkg")))
        {
            string[] files = [.. package.Entries.Select(entry => entry.Name)];
            Assert.That(files.Select(Path.GetFileNameWithoutExtension), Does.Contain("fastscnn").And.Contain(OperatingSystem.IsWindows() ? "onnxruntime" : "libonnxruntime"));
            Assert.That(files, Does.Contain("README.md").And.Contain("icon.png"));
            Assert.That(files.Where(name => name.Contains("cuda", StringComparison.OrdinalIgnoreCase) || name.Contains("tensorrt", StringComparison.OrdinalIgnoreCase)), Is.Empty);
        }

        Shell.Dotnet(folder, s_none, "tool", "install", "FastScnn.Tool", "--tool-path", tools, "--add-source", feed, "--version", Build.Version);
        StreetSceneFolder.Write(folder, "one", 1, new StreetSceneOptions { Width = 160, Height = 96, Seed = 2 });
        string photo = Path.Combine(folder, "images", "one", "scene_000000.png"), model = Path.Combine(TestFiles.Root, "samples", "models", "fastscnn-scenes.onnx");
        (int exit, string output) = Shell.Run(Path.Combine(tools, "fastscnn"), folder, s_none, "segment", "--model", model, "--input", photo, "--output", "results");
        Assert.That(exit, Is.Zero, output);
        Assert.That(output, Does.Contain("1 of 1 photos, CPUExecutionProvider"));
        using var segmenter = FastScnnSegmenter.Load(model);
        Assert.That(IndexPng.Read(Path.Combine(folder, "results", "scene_000000_mask.png")).Ids.Span.SequenceEqual(segmenter.Segment(photo).ClassIds.Span), Is.True);
    }
}
