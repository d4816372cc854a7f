using FastScnn.Testing;
using FastScnn.Torch.Data;

namespace FastScnn.Torch.Tests.Data.Layouts;

public class CityscapesDatasetTests
{
    [Test]
    public void Every_official_id_comes_back_as_its_training_id()
    {
        byte[] official = [.. Enumerable.Range(0, 34).Select(id => (byte)id)];
        Tree tree = Make("labelIds", official);
        var data = SegmentationDataset.FromCityscapes(tree.Root, "val");
        Assert.That(data.Samples.Single().Name, Is.EqualTo("ulm/ulm_000001_000019"));
        byte[] trained = data.ReadMask(0).Ids.ToArray();
        // The table of the data set's paper and scripts, by id.
        Assert.That(trained, Is.EqualTo(new byte[]
        {
            255, 255, 255, 255, 255, 255, 255, 0, 1, 255, 255, 2, 3, 4, 255, 255, 255, 5, 255, 6, 7, 8, 9, 10, 11, 12,
            13, 14, 15, 255, 255, 16, 17, 18,
        }));
        Assert.That(data.Classes, Is.EqualTo(ClassList.Cityscapes));
    }

    [Test]
    public void Training_ids_are_read_as_they_are()
    {
        var data = SegmentationDataset.FromCityscapes(Make("labelTrainIds", [0, 18, 255]).Root, "val",
            MaskEncoding.TrainIds);
        Assert.That(data.ReadMask(0).Ids.ToArray(), Is.EqualTo(new byte[] { 0, 18, 255 }));
        var wrong = SegmentationDataset.FromCityscapes(Make("labelTrainIds", [7, 23, 33]).Root, "val",
            MaskEncoding.TrainIds);
        Assert.That(() => wrong.ReadMask(0),
            Throws.TypeOf<InvalidDataException>().With.Message.Contains(
                "23 on 1 pixels, 33 on 1 pixels").And.Message.Contains("LabelIds"));
    }

    [Test]
    public void A_real_file_of_official_ids_is_mapped()
    {
        string label = TestFiles.Shared("odd-images", "labels", "labelids_not_trainids.png");
        Tree tree = new Tree().Image("leftImg8bit/train/a/a_1_leftImg8bit.png")
            .Text("gtFine/train/a/a_1_gtFine_labelIds.png", "");
        File.Copy(label, Path.Combine(tree.Root, "gtFine/train/a/a_1_gtFine_labelIds.png"), overwrite: true);
        byte[] ids = SegmentationDataset.FromCityscapes(tree.Root, "train").ReadMask(0).Ids.ToArray();
        Assert.That(ids.Max(id => id == 255 ? 0 : id), Is.LessThan(19));
        Assert.That(ids.Distinct().Count(), Is.GreaterThan(2));
    }

    [Test]
    public void Missing_folders_and_labels_are_named()
    {
        Tree tree = Make("labelIds", [7]);
        Assert.That(() => SegmentationDataset.FromCityscapes(tree.Root, "train"),
            Throws.TypeOf<DirectoryNotFoundException>().With.Message.Contains(Path.Combine("leftImg8bit", "train")));
        Assert.That(() => SegmentationDataset.FromCityscapes(tree.Root, "val", MaskEncoding.TrainIds),
            Throws.TypeOf<InvalidDataException>()
            .With.Message.Contains("ulm_000001_000019_gtFine_labelTrainIds.png"));
    }

    [Test]
    public void Masks_of_other_layouts_are_refused()
    {
        string root = Make("labelIds", [7]).Root;
        Assert.That(() => SegmentationDataset.FromCityscapes(root, "val", MaskEncoding.CategoryIds),
            Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("LabelIds"));
        Assert.That(() => SegmentationDataset.FromCocoStuff(root, "val", MaskEncoding.Colors),
            Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("CategoryIds"));
        Assert.That(() => new FolderDatasetOptions { Encoding = MaskEncoding.TrainIds },
            Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("Values"));
    }

    // The files beside the wanted ones are those of the download.
    private static Tree Make(string kind, byte[] values) => new Tree()
        .Image("leftImg8bit/val/ulm/ulm_000001_000019_leftImg8bit.png")
        .Label($"gtFine/val/ulm/ulm_000001_000019_gtFine_{kind}.png", values)
        .Image("gtFine/val/ulm/ulm_000001_000019_gtFine_color.png",
            "gtFine/val/ulm/ulm_000001_000019_gtFine_instanceIds.png")
        .Text("gtFine/val/ulm/ulm_000001_000019_gtFine_polygons.json", "{}");
}
