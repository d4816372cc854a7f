using FastScnn.Testing;
using FastScnn.Torch.Data;

namespace FastScnn.Torch.Tests.Data.Layouts;

public class Ade20kDatasetTests
{
    [TestCase("validation")]
    [TestCase("val")]
    public void Real_labels_shift_down_by_one_and_zero_is_ignored(string split)
    {
        var data = SegmentationDataset.FromAde20k(TestFiles.Shared("samples", "ade20k"), split);
        Assert.That(data.Samples, Has.Count.EqualTo(3));
        Assert.That(data.Classes, Has.Count.EqualTo(150));
        for (int i = 0; i < 3; i++)
        {
            byte[] stored = IndexPng.Read(data.Samples[i].MaskPath).Ids.ToArray();
            byte[] ids = data.ReadMask(i).Ids.ToArray();
            Assert.That(ids, Is.EqualTo(stored.Select(value => value == 0 ? (byte)255 : (byte)(value - 1))));
            Assert.That(ids.Max(id => id == 255 ? 0 : id), Is.GreaterThan(0));
        }
    }

    [Test]
    public void Names_are_those_of_the_data_set()
    {
        string[] rows = [.. File.ReadLines(TestFiles.Shared("samples", "ade20k", "objectInfo150.csv")).Skip(1)];
        ClassList classes = SegmentationDataset.FromAde20k(TestFiles.Shared("samples", "ade20k"), "val").Classes;
        Assert.That(rows, Has.Length.EqualTo(classes.Count));
        for (int id = 0; id < rows.Length; id++)
            Assert.That(rows[id].Split(',')[5].Replace(';', ' ') + " ", Does.StartWith(classes[id].Name + " "));
    }

    [Test]
    public void Values_above_the_classes_are_faults()
    {
        Tree tree = new Tree().Image("ADEChallengeData2016/images/training/a.jpg")
            .Label("ADEChallengeData2016/annotations/training/a.png", 0, 1, 150, 151, 151);
        var data = SegmentationDataset.FromAde20k(tree.Root, "train");
        Assert.That(() => data.ReadMask(0),
            Throws.TypeOf<InvalidDataException>().With.Message.Contains("a.png").And.Message.Contains(
                "151 on 2 pixels"));
    }
}
