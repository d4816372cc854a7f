using FastScnn.Scenes;
using FastScnn.Testing;
using FastScnn.Torch.Training;

namespace FastScnn.ML.Tests.Cli;

/// <summary>glibc fills memory with a byte before it gives it away, and with its complement when it gets it back: a
/// training that reads what was never written, or what was freed, does not come to the same weights with all
/// bytes.</summary>
[Platform("Linux")]
public class UnwrittenMemoryTests
{
    // Fresh memory holds 0x7F.., which are huge numbers; freed memory holds 0xFF.., which are not numbers.
    private static readonly string[] s_bytes = ["128", "255"];

    [TestCase("float32", "48x64")]
    [TestCase("bfloat16", "48x64")]
    [TestCase("bfloat16", "160x224")]
    public void What_memory_held_before_changes_no_weight(string precision, string crop)
    {
        string data = TestFiles.NewFolder();
        // 12 classes: with 16 libtorch takes other ways.
        StreetSceneFolder.Write(data, "train", 8, new() { Width = 96, Height = 64 });
        byte[][] weights = [.. s_bytes.Select(value =>
        {
            TrainingFolder folder = new(Path.Combine(data, value));
            (int exit, _, string errors) = Cli.Run(
                new Dictionary<string, string> { ["GLIBC_TUNABLES"] = $"glibc.malloc.perturb={value}" }, "", "train",
                "--root", data, "--output", folder.Path, "--crop-size", crop, "--epochs", "1", "--batch-size", "4",
                "--no-val", "--threads", "2", "--optimizer", "adamw", "--loss", "ce:1,lovasz:0.5", "--ema", "0.9",
                "--clip", "5", "--precision", precision);
            Assert.That(exit, Is.Zero, errors);
            return File.ReadAllBytes(folder.LastWeights);
        })];
        Assert.That(weights[1], Is.EqualTo(weights[0]));
    }
}
