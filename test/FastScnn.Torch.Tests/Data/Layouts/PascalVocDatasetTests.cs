using FastScnn.Testing;
using FastScnn.Torch.Data;

namespace FastScnn.Torch.Tests.Data.Layouts;

public class PascalVocDatasetTests
{
    [Test]
    public void Real_labels_come_back_as_indices()
    {
        var data = SegmentationDataset.FromPascalVoc(TestFiles.Shared("samples", "voc"), split: null);
        Assert.That(data.Samples.Select(sample => sample.Name),
            Is.EqualTo(new[] { "2011_000003", "2011_000006", "2011_000025" }));
        LabelMap labels = data.ReadMask(0);
        Assert.That((labels.Width, labels.Height), Is.EqualTo((500, 338)));
        // The image shows people; 255 is the border that every VOC label draws round an object.
        Assert.That(labels.Ids.ToArray().Distinct(), Is.SupersetOf(new byte[] { 0, 15, 255 }));
        Assert.That(data.Classes[15].Name, Is.EqualTo("person"));
    }

    [Test]
    public void The_classes_are_in_the_order_of_the_sample()
    {
        string[] names =
        [
            .. File.ReadLines(TestFiles.Shared("samples", "voc", "class_names.txt"))
                .Select(line => line.Trim('_', ' ').Replace("/", "")).Where(name => name.Length > 0)
        ];
        Assert.That(ClassList.PascalVoc.Select(c => c.Name), Is.EqualTo(names.Select(name => name.Replace(" ", ""))));
    }

    [TestCase("")]
    [TestCase("VOC2012/")]
    [TestCase("VOCdevkit/VOC2012/")]
    public void A_split_is_its_list_in_order(string below)
    {
        Tree tree =
            new Tree().Image(below + "JPEGImages/a.jpg", below + "JPEGImages/b.jpg",
                below + "JPEGImages/unlabelled.jpg")
            .Label(below + "SegmentationClass/a.png", 0, 20, 255).Label(below + "SegmentationClass/b.png", 1)
            .Text(below + "ImageSets/Segmentation/train.txt", "b\na\n\n");
        var data = SegmentationDataset.FromPascalVoc(tree.Root, "train");
        Assert.That(data.Samples.Select(sample => sample.Name), Is.EqualTo(new[] { "b", "a" }));
        Assert.That(data.ReadMask(1).Ids.ToArray(), Is.EqualTo(new byte[] { 0, 20, 255 }));
        Assert.That(() => SegmentationDataset.FromPascalVoc(tree.Root, "val"),
            Throws.TypeOf<FileNotFoundException>().With.Message.Contains("val.txt").And.Message.Contains("train"));
    }

    [Test]
    public void Names_without_files_are_named_or_listed()
    {
        Tree tree = new Tree().Image("JPEGImages/a.jpg", "JPEGImages/b.jpg").Label("SegmentationClass/a.png", 0)
            .Text("ImageSets/Segmentation/val.txt", "a\nb\nc\n");
        Assert.That(() => SegmentationDataset.FromPascalVoc(tree.Root, "val"), Throws.TypeOf<InvalidDataException>()
            .With.Message.Contains("2 files").And.Message.Contains("b.png").And.Message.Contains("'c' has neither"));
        var data = SegmentationDataset.FromPascalVoc(tree.Root, "val", allowUnpaired: true);
        Assert.That((data.Samples.Count, data.Unpaired.Count), Is.EqualTo((1, 2)));
        Assert.That(() => SegmentationDataset.FromPascalVoc(TestFiles.NewFolder(), "val"),
            Throws.TypeOf<DirectoryNotFoundException>().With.Message.Contains("Pascal VOC"));
    }

    [Test]
    public void An_empty_list_is_an_error()
    {
        Tree tree = new Tree().Image("JPEGImages/a.jpg").Label("SegmentationClass/a.png", 0)
            .Text("ImageSets/Segmentation/val.txt", "\n");
        Assert.That(() => SegmentationDataset.FromPascalVoc(tree.Root, "val"),
            Throws.TypeOf<InvalidDataException>().With.Message.Contains("'val'").And.Message.Contains("no pair"));
    }
}
