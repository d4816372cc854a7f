using FastScnn.Testing;
using FastScnn.Torch.Data;

namespace FastScnn.Torch.Tests.Data.Layouts;

public class CocoStuffDatasetTests
{
    // What the images show, by the labels that came with them. The samples hold category ids under the name of training
    // ids.
    [TestCase(0, "person", "tv", "chair", "vase", "refrigerator", "floor-wood", "wall-concrete", "window-other")]
    [TestCase(1, "person", "skis", "snow", "fog")]
    [TestCase(2, "person", "handbag", "bird", "boat", "river", "bridge")]
    [TestCase(3, "person", "surfboard", "sea", "sky-other")]
    public void Category_ids_of_real_labels_become_classes(int index, params string[] seen)
    {
        var data = SegmentationDataset.FromCocoStuff(TestFiles.Shared("samples", "coco-stuff"), "val",
            MaskEncoding.CategoryIds,
            "_labelTrainIds");
        Assert.That(data.Samples.Select(sample => sample.Name),
            Is.EqualTo(new[] { "000000000139", "000000000785", "000000001268", "000000001490" }));
        Assert.That(data.Classes, Has.Count.EqualTo(171));
        string[] names =
        [
            .. data.ReadMask(index).Ids.ToArray().Distinct().Where(id => id != 255).Select(id => data.Classes[id].Name)
        ];
        Assert.That(names, Is.SupersetOf(seen));
    }

    [Test]
    public void Category_ids_read_as_training_ids_are_faults_that_say_what_to_do() =>
        Assert.That(() => SegmentationDataset.FromCocoStuff(TestFiles.Shared("samples", "coco-stuff"), "val2017")
            .ReadMask(0),
            Throws.TypeOf<InvalidDataException>()
            .With.Message.Contains("171 on 83201 pixels, 180 on 15587 pixels").And.Message.Contains("CategoryIds"));

    [Test]
    public void Training_ids_are_read_as_they_are()
    {
        Tree tree = new Tree().Image("images/train2017/a.jpg")
            .Label("annotations/train2017/a_labelTrainIds.png", 0, 170, 255).Label("annotations/train2017/a.png", 0,
                181, 11);
        Assert.That(SegmentationDataset.FromCocoStuff(tree.Root, "train").ReadMask(0).Ids.ToArray(),
            Is.EqualTo(new byte[] { 0, 170, 255 }));
        // Both kinds may lie in one folder; the last category is the last class, and 11 (street sign) is in no image.
        Assert.That(SegmentationDataset.FromCocoStuff(tree.Root, "train", MaskEncoding.CategoryIds)
            .ReadMask(0).Ids.ToArray(),
            Is.EqualTo(new byte[] { 0, 170, 255 }));
    }

    [Test]
    public void Unpaired_files_are_named()
    {
        Tree tree = new Tree().Image("images/val2017/a.jpg", "images/val2017/b.jpg")
            .Label("annotations/val2017/a_labelTrainIds.png", 0);
        Assert.That(() => SegmentationDataset.FromCocoStuff(tree.Root, "val"),
            Throws.TypeOf<InvalidDataException>().With.Message.Contains("b_labelTrainIds.png"));
        Assert.That(() => SegmentationDataset.FromCocoStuff(tree.Root, "val", MaskEncoding.CategoryIds),
            Throws.TypeOf<InvalidDataException>().With.Message.Contains("b.png"));
    }
}
