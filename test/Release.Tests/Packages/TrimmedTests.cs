using FastScnn.ML.Imaging;
using FastScnn.ML.Scoring;

namespace FastScnn.Release.Tests.Packages;

/// <summary>What a user publishes as one trimmed file.</summary>
public class TrimmedTests
{
    private const string Code = """
        using FastScnn.ML.Imaging;
        using FastScnn.ML.Scoring;

        using var segmenter = FastScnnSegmenter.Load(args[0]);
        SegmentationMap map = segmenter.Segment(args[1]);
        map.SavePng(args[2]);
        Console.WriteLine(map.Classes.ToJson());
        """;

    // It takes a minute: the linker reads the whole framework.
    [Test]
    public void A_trimmed_single_file_gives_the_same_mask_and_its_build_no_warning()
    {
        using ConsumerProject consumer = new("Trimmed");
        consumer.Dotnet("add", "package", "FastScnn.ML.Cpu");
        consumer.Code = Code;
        foreach ((string name, string value) in new[]
        {
            ("PublishTrimmed", "true"), ("PublishSingleFile", "true"), ("IncludeNativeLibrariesForSelfExtract", "true"),
            ("TreatWarningsAsErrors", "true"), ("TrimmerSingleWarn", "false"), ("DebugType", "none")
        })
            consumer.SetProperty(name, value);
        string model = consumer.AddModel("model.onnx"), image = consumer.AddImage("street.jpg"),
            mask = Path.Combine(consumer.Folder, "mask.png"), published = Path.Combine(consumer.Folder, "published");
        consumer.Dotnet("publish", "-o", published, "-v", "quiet", "-r",
            OperatingSystem.IsWindows() ? "win-x64" : "linux-x64", "--self-contained");

        string program = Path.Combine(published, OperatingSystem.IsWindows() ? "Trimmed.exe" : "Trimmed");
        Assert.That(File.Exists(program), Is.True);
        Assert.That(Directory.GetFiles(published, "*.dll"), Is.Empty);
        // The native libraries lie in the file, and are put into this folder at the first start.
        Dictionary<string, string> environment = new()
        {
            ["DOTNET_BUNDLE_EXTRACT_BASE_DIR"] = Path.Combine(consumer.Folder, "extracted")
        };
        (int exit, string output) = Shell.Run(program, consumer.Folder, environment, model, image, mask);
        Assert.That(exit, Is.Zero, output);

        using var segmenter = FastScnnSegmenter.Load(model);
        SegmentationMap expected = segmenter.Segment(image), written = SegmentationMap.Load(mask, segmenter.Classes);
        Assert.That(written.ClassIds.Span.SequenceEqual(expected.ClassIds.Span), Is.True);
        Assert.That(written.ClassFractions.Count(share => share > 0.01), Is.GreaterThan(2));
        Assert.That(output, Does.StartWith(segmenter.Classes.ToJson().TrimEnd()));
    }
}
