using System.Security.Cryptography;
using FastScnn.ML.Imaging;
using FastScnn.ML.Scoring;
using FastScnn.Testing;

namespace FastScnn.ML.Tests.Scoring;

/// <summary>Scores in a child process whose application has no libtorch.</summary>
public class NoTorchTests
{
    private static readonly string s_program = ChildProcess.Folder("FastScnn.NoTorch");

    [Test]
    public void Scoring_loads_no_libtorch()
    {
        (int exit, string output) = Run(s_program);
        using var segmenter = FastScnnSegmenter.Load(Models.CamVid);
        string hash = Convert.ToHexString(SHA256.HashData(segmenter.Segment(TestImages.Street).ClassIds.Span));
        Assert.That(exit, Is.Zero, output);
        Assert.That(output, Does.Contain($"segmenter: 480x360 {hash}"));
        Assert.That(output, Does.Contain($"pipeline: 480x360 {hash}"));
        Assert.That(output.Split('\n').Single(line => line.StartsWith("torch:", StringComparison.Ordinal)).Trim(),
            Is.EqualTo("torch:"));
        Assert.That(output,
            Does.Contain("training: DllNotFoundException").And.Contain("TorchSharp-cpu").And.Not.Contain(
                "a row was read"));
    }

    [Test]
    public void A_missing_native_library_names_the_package()
    {
        string copy = TestFiles.NewFolder();
        foreach (string file in Directory.GetFiles(s_program, "*", SearchOption.AllDirectories))
        {
            // An empty file in place of the library: a host may refuse to start when a listed file is absent.
            string target = Path.Combine(copy, Path.GetRelativePath(s_program, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            if (Path.GetFileNameWithoutExtension(file) is "libonnxruntime" or "onnxruntime")
                File.WriteAllBytes(target, []);
            else
                File.Copy(file, target);
        }
        (int exit, string output) = Run(copy);
        Assert.That(exit, Is.EqualTo(1), output);
        Assert.That(output, Does.Contain("InvalidOperationException").And.Contain("Microsoft.ML.OnnxRuntime.Gpu"));
    }

    private static (int Exit, string Output) Run(string folder) =>
        ChildProcess.Run(Path.Combine(folder, "FastScnn.NoTorch.dll"), Models.CamVid, TestImages.Street);
}
