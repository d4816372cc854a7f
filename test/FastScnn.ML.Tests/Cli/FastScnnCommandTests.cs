using System.Diagnostics;
using FastScnn.Testing;
using FastScnn.Torch.Data;

namespace FastScnn.ML.Tests.Cli;

/// <summary>Runs the <c>fastscnn</c> program as a user does.</summary>
public class FastScnnCommandTests
{
    private static readonly string s_program = Path.Combine(
        TestFiles.Root, "samples", "FastScnn.Cli", Path.GetRelativePath(Path.Combine(TestFiles.Root, "test", "FastScnn.ML.Tests"), AppContext.BaseDirectory), "fastscnn.dll");

    [Test]
    public void SegmentWritesMaskOverlayAndShares_AndNamesAPhotoThatItCannotRead()
    {
        string input = TestFiles.NewFolder(), output = Path.Combine(TestFiles.NewFolder(), "new");
        File.Copy(Photos.Street, Path.Combine(input, "street.png"));
        File.WriteAllText(Path.Combine(input, "text.jpg"), "no photo");
        File.Copy(TestFiles.Shared("odd-images", "bombs", "header_100000x100000_rgb.png"), Path.Combine(input, "bomb.png"));
        (int exit, string output1, string errors) = Run("segment", "--model", Models.CamVid, "--input", input, "--output", output);

        Assert.That(exit, Is.EqualTo(1), "two photos are bad");
        Assert.That(errors, Does.Contain("text.jpg").And.Contain("bomb.png").And.Contain("100000 x 100000"));
        Assert.That(output1, Does.Contain("1 of 3 photos").And.Contain("CPUExecutionProvider"));
        Assert.That(Directory.GetFiles(output).Select(Path.GetFileName), Is.EquivalentTo(new[] { "street_mask.png", "street_overlay.png", "shares.csv" }));
        using var segmenter = FastScnnSegmenter.Load(Models.CamVid);
        Assert.That(IndexPng.Read(Path.Combine(output, "street_mask.png")).Ids.ToArray(), Is.EqualTo(segmenter.Segment(Photos.Street).ClassIds.ToArray()));
        string[] shares = File.ReadAllLines(Path.Combine(output, "shares.csv"));
        Assert.That(shares[0], Does.StartWith("photo,Sky,Building,"));
        Assert.That(shares[1].Split(',').Skip(1).Sum(s => double.Parse(s, System.Globalization.CultureInfo.InvariantCulture)), Is.EqualTo(1).Within(1e-5));
    }

    [Test]
    public void ExportWritesWhatSegmentLoads()
    {
        string file = Path.Combine(TestFiles.NewFolder(), "model.onnx");
        (int exit, _, string errors) = Run(
            "export", "--checkpoint", TestFiles.Shared("reference", "camvid-pytorch-60ep.pth"), "--classes", TestFiles.Shared("camvid", "classes.json"), "--output", file);
        Assert.That(exit, Is.Zero, errors);
        using var segmenter = FastScnnSegmenter.Load(file);
        Assert.That(segmenter.Classes, Is.EqualTo(ClassList.CamVid));
    }

    [Test]
    public void FaultsAreOneLineWithoutAStackTrace()
    {
        (int exit, _, string errors) = Run("segment", "--model", "none.onnx", "--input", Photos.Street, "--output", TestFiles.NewFolder());
        Assert.That(exit, Is.EqualTo(1));
        Assert.That(errors.Trim().Split('\n'), Has.Length.EqualTo(1));
        Assert.That(errors, Does.Contain("none.onnx"));
    }

    private static (int Exit, string Output, string Errors) Run(params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo("dotnet", [s_program, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(), errors = process.StandardError.ReadToEndAsync();
        if (!process.WaitForExit(TimeSpan.FromMinutes(5)))
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail("the program did not end");
        }
        return (process.ExitCode, output.Result, errors.Result);
    }
}
