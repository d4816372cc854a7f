using System.Reflection;
using System.Xml.Linq;
using FastScnn.ML.Imaging;
using FastScnn.ML.Scoring;
using FastScnn.Release.Tests.Documents;
using FastScnn.Scenes;

namespace FastScnn.Release.Tests.Packages;

/// <summary>What a user meets who starts from an empty folder: <c>dotnet new console</c>, <c>dotnet add package</c>,
/// the code of the README.</summary>
public class ConsumerTests
{
    [Test]
    public void The_quick_start_segments_an_image()
    {
        using ConsumerProject consumer = new("QuickStart");
        consumer.Dotnet("add", "package", "FastScnn.ML");
        string model = consumer.AddModel("model.onnx"), image = consumer.AddImage("street.jpg");
        string code = Markdown.Blocks("README.md")
            .First(block => block.Code.Contains("FastScnnSegmenter.Load(\"model.onnx\")")).Code;
        Assert.That(code, Does.Not.Contain("TorchSharp"));
        consumer.Code = code;
        (int exit, string output) = consumer.Run();
        Assert.That(exit, Is.Zero, output);

        using var segmenter = FastScnnSegmenter.Load(model);
        SegmentationMap expected = segmenter.Segment(image),
            written = SegmentationMap.Load(Path.Combine(consumer.Project, "street_mask.png"), segmenter.Classes);
        Assert.That((written.Width, written.Height), Is.EqualTo((320, 200)));
        Assert.That(written.ClassIds.Span.SequenceEqual(expected.ClassIds.Span), Is.True);
        Assert.That(written.ClassFractions.Count(share => share > 0.01), Is.GreaterThan(2));

        // What was restored is what was packed, and the project names one package only.
        string packages = Path.Combine(consumer.Folder, "packages", "fastscnn.ml", Build.Version,
            $"fastscnn.ml.{Build.Version}.nupkg");
        Assert.That(File.ReadAllBytes(packages).AsSpan()
            .SequenceEqual(File.ReadAllBytes(PackedPackages.File("FastScnn.ML"))), Is.True);
        XDocument project = XDocument.Load(Path.Combine(consumer.Project, "QuickStart.csproj"));
        Assert.That(project.Descendants("PackageReference")
            .Select(reference => (string?)reference.Attribute("Include")), Is.EqualTo(new[] { "FastScnn.ML" }));
    }

    [Test]
    public void Training_names_the_package_that_is_missing_and_works_with_it()
    {
        using ConsumerProject consumer = new("Training");
        consumer.Dotnet("add", "package", "FastScnn.ML.Cpu");
        string data = Path.Combine(consumer.Project, "data");
        StreetSceneFolder.Write(data, "train", 8, new StreetSceneOptions { Width = 96, Height = 64, Seed = 1 });
        StreetSceneFolder.Write(data, "val", 2, new StreetSceneOptions { Width = 96, Height = 64, Seed = 2 });
        string code = Markdown.Blocks("nuget/FastScnn.ML.md")
            .Single(block => block.Code.Contains("Trainers.FastScnn")).Code;
        Assert.That(code, Does.Not.Contain("TorchSharp").And.Contain("epochs: 100"));
        consumer.Code = code.Replace("epochs: 100", "epochs: 1");

        (int exit, string output) = consumer.Run();
        Assert.That(exit, Is.Not.Zero, output);
        Assert.That(output, Does.Contain("TorchSharp-cpu").And.Not.Contain("FASTSCNN001"));

        consumer.Dotnet("add", "package", "TorchSharp-cpu", "--version", Build.TorchSharpVersion);
        if (OldLibstdcxx.IsHere)
        {
            (exit, output) = consumer.Run();
            Assert.That(exit, Is.Not.Zero, output);
            Assert.That(output.Split('\n').Where(line => line.Contains("warning FASTSCNN001")).ToArray(),
                Has.Length.EqualTo(1).And.All.Contains(OldLibstdcxx.Property), output);
            Assert.That(output, Does.Match($@"DllNotFoundException: .*{OldLibstdcxx.Property}"));
        }
        consumer.SetProperty(OldLibstdcxx.Property, "true");
        (exit, output) = consumer.Run();
        Assert.That(exit, Is.Zero, output);
        Assert.That(output, Does.Match(@"mIoU \d+\.\d\d ?%, pixAcc \d+\.\d\d ?%").And.Not.Contain("FASTSCNN"));

        // The package for the processor brings nothing of CUDA.
        (exit, output) = consumer.RunPublished("-r", OperatingSystem.IsWindows() ? "win-x64" : "linux-x64",
            "--no-self-contained");
        Assert.That(exit, Is.Zero, output);
        string[] packages =
        [
            .. Directory.GetDirectories(Path.Combine(consumer.Folder, "packages"), "microsoft.ml.onnxruntime*")
                .Select(path => Path.GetFileName(path)).Order()
        ];
        Assert.That(packages, Is.EqualTo(new[] { "microsoft.ml.onnxruntime", "microsoft.ml.onnxruntime.managed" }));
        Assert.That(Directory.GetFiles(Path.Combine(consumer.Project, "published"), "*providers_cuda*"), Is.Empty);
        if (OldLibstdcxx.IsHere)
            OldLibstdcxx.AssertRelaxed(Path.Combine(consumer.Project, "published", "libLibTorchSharp.so"),
                Path.Combine(consumer.Folder, "packages"));
    }

    [Test]
    public void An_application_gets_the_real_ML_NET()
    {
        // And not the two types that FastScnn.ML is compiled against beside it.
        AssemblyName core = AssemblyName.GetAssemblyName(Path.Combine(AppContext.BaseDirectory,
            "Microsoft.ML.Core.dll"));
        Assert.That(core.Version, Is.EqualTo(new Version(1, 0, 0, 0)));
        Assert.That(Convert.ToHexStringLower(core.GetPublicKeyToken()!), Is.EqualTo("cc7b13ffcd2ddd51"));
    }
}
