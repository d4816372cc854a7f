using FastScnn.Testing;
using FastScnn.Torch.Checkpoints;

namespace FastScnn.Torch.Tests.Checkpoints;

/// <summary>Damaged files of every format give a named exception or a valid checkpoint, never a crash, a hang or
/// runaway memory.</summary>
public class DamagedCheckpointTests
{
    // The structure is in the first kilobytes, and in a zip archive at the end too.
    [TestCase("zip", 60_000)]
    [TestCase("legacy", 16_000)]
    [TestCase("safetensors", 16_000)]
    public void Damaged_file_is_refused_or_harmless(string format, int structure)
    {
        byte[] data = Sample(format);
        (int refused, int read) = DamagedCopies.Try(
            data,
            damaged => Assert.That(Load(damaged).Tensors, Is.Not.Empty),
            e => e is CheckpointException && e.Message.Contains("damaged.bin"),
            structure);
        Assert.That(refused, Is.GreaterThan(70), "every cut, and changes of the structure");
        Assert.That(read, Is.GreaterThan(20), "a weight may have any value");
    }

    [Test]
    public void File_of_another_kind_is_named()
    {
        Assert.That(() => Load("<!DOCTYPE html>"u8.ToArray()),
            Throws.TypeOf<CheckpointException>().With.Message.Contains("no checkpoint").And.Message.Contains(
                "3C21444F"));
        Assert.That(() => Load([]), Throws.TypeOf<CheckpointException>());
        Assert.That(() => Checkpoint.Load(Path.Combine(TestFiles.NewFolder(), "absent.pth")),
            Throws.InstanceOf<FileNotFoundException>());
        string folder = TestFiles.NewFolder();
        Assert.That(() => Checkpoint.Load(folder),
            Throws.TypeOf<FileNotFoundException>().With.Message.Contains(
                $"'{folder}' is a folder").And.Message.Contains("expected a checkpoint file"));
    }

    private static byte[] Sample(string format)
    {
        if (format == "zip") return File.ReadAllBytes(TestFiles.Golden("ref19.pth"));
        if (format == "legacy") return File.ReadAllBytes(TestFiles.Shared("reference", "camvid-pytorch-60ep.pth"));
        string path = Path.Combine(TestFiles.NewFolder(), "sample.safetensors");
        Checkpoint.Load(TestFiles.Golden("ref19.pth")).SaveSafetensors(path);
        return File.ReadAllBytes(path);
    }

    private static readonly string s_damaged = Path.Combine(TestFiles.NewFolder(), "damaged.bin");

    private static Checkpoint Load(byte[] data)
    {
        File.WriteAllBytes(s_damaged, data);
        return Checkpoint.Load(s_damaged);
    }
}
