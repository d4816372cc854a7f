using FastScnn.Testing;
using FastScnn.Torch.Checkpoints;
using FastScnn.Torch.Data;

namespace FastScnn.Torch.Tests.Checkpoints;

public class CheckpointInfoTests
{
    [Test]
    public void Facts_come_back_from_a_file()
    {
        CheckpointInfo info = new()
        {
            Classes = ClassList.CamVid,
            Normalization = new() { Mean = [0.1f, 0.2f, 1 / 3f], Std = [0.25f, 0.5f, 1] },
            Training = new Dictionary<string, string> { ["epochs"] = "60", ["mIoU"] = "0.51" },
        };
        string path = Path.Combine(TestFiles.NewFolder(), "model.safetensors");

        new Checkpoint([], info.ToMetadata()).SaveSafetensors(path);
        CheckpointInfo read = Checkpoint.Load(path).Info;

        Assert.That(read.Classes, Is.EqualTo(info.Classes));
        Assert.That(read.Normalization, Is.EqualTo(info.Normalization));
        Assert.That(read.Training, Is.EquivalentTo(info.Training));
    }

    [Test]
    public void Absent_facts_are_the_defaults()
    {
        CheckpointInfo info = new Checkpoint([], [new("format", "pt")]).Info;

        Assert.That(info.Classes, Is.Null);
        Assert.That(info.Normalization, Is.EqualTo(Normalization.ImageNet));
        Assert.That(info.Training, Is.Empty);
    }

    [TestCase("fastscnn.classes", "{\"classes\": 3}")]
    [TestCase("fastscnn.mean", "0.1 0.2")]
    [TestCase("fastscnn.mean", "a b c")]
    [TestCase("fastscnn.std", "1 1 0")]
    public void Damaged_metadata_are_named(string key, string value)
    {
        Checkpoint checkpoint = new([], [new(key, value)]);

        Assert.That(() => checkpoint.Info, Throws.TypeOf<CheckpointException>().With.Message.Contains(key).And.Message.Contains(value));
    }
}
