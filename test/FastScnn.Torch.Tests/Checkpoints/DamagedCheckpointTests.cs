using FastScnn.Testing;
using FastScnn.Torch.Checkpoints;

namespace FastScnn.Torch.Tests.Checkpoints;

/// <summary>Damaged files of every format give a named exception or a valid checkpoint, never a crash, a hang or runaway memory.</summary>
public class DamagedCheckpointTests
{
    [TestCase("zip")]
    [TestCase("legacy")]
    [TestCase("safetensors")]
    public void Truncated_file_is_refused(string format)
    {
        byte[] data = Sample(format);
        for (int i = 0; i < 50; i++)
        {
            // Half of the cuts fall into the first kilobytes, where the structure is.
            int length = i < 25 ? i * 40 : (int)((long)data.Length * (i - 24) / 26);
            if (length == data.Length) length--;
            Assert.That(() => Load(data[..length]), Throws.TypeOf<CheckpointException>().With.Message.Contains("damaged.bin"), $"cut at {length}");
        }
    }

    [TestCase("zip")]
    [TestCase("legacy")]
    [TestCase("safetensors")]
    public void Flipped_byte_is_refused_or_harmless(string format)
    {
        byte[] data = Sample(format);
        Random random = new(1902);
        int refused = 0;
        for (int i = 0; i < 200; i++)
        {
            byte[] damaged = [.. data];
            // The structure is at the front, and in a zip archive at the end too.
            int range = Math.Min(data.Length, 60_000);
            int position = i % 4 == 3 ? data.Length - 1 - random.Next(range) : random.Next(range);
            damaged[position] ^= (byte)(1 + random.Next(255));
            long before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                Assert.That(Load(damaged).Tensors, Is.Not.Empty);
            }
            catch (CheckpointException)
            {
                refused++;
            }
            Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan(20L * data.Length), $"memory after a flip at {position}");
        }
        Assert.That(refused, Is.GreaterThan(20), "flips in the structure are noticed");
    }

    [Test]
    public void File_of_another_kind_is_named()
    {
        Assert.That(() => Load("<!DOCTYPE html>"u8.ToArray()), Throws.TypeOf<CheckpointException>().With.Message.Contains("no checkpoint").And.Message.Contains("3C21444F"));
        Assert.That(() => Load([]), Throws.TypeOf<CheckpointException>());
        Assert.That(() => Checkpoint.Load(Path.Combine(TestFiles.NewFolder(), "absent.pth")), Throws.InstanceOf<FileNotFoundException>());
    }

    private static byte[] Sample(string format)
    {
        if (format == "zip") return File.ReadAllBytes(TestFiles.Golden("ref19.pth"));
        if (format == "legacy") return File.ReadAllBytes(TestFiles.Shared("reference", "camvid-pytorch-60ep.pth"));
        string path = Path.Combine(TestFiles.NewFolder(), "sample.safetensors");
        Checkpoint.Load(TestFiles.Golden("ref19.pth")).SaveSafetensors(path);
        return File.ReadAllBytes(path);
    }

    private static readonly string Damaged = Path.Combine(TestFiles.NewFolder(), "damaged.bin");

    private static Checkpoint Load(byte[] data)
    {
        File.WriteAllBytes(Damaged, data);
        return Checkpoint.Load(Damaged);
    }
}
