using FastScnn.Torch.Data;

namespace FastScnn.Torch.Tests.Data.Layouts;

/// <summary>Layouts look at what is there: leftovers of programmes are skipped, images that are not read are named, and
/// so is the option that reads other labels.</summary>
public class WhatIsThereTests
{
    private static readonly FolderDatasetOptions s_two = new() { Classes = ClassList.Generic(2) };

    [TestCase(".ipynb_checkpoints")]
    [TestCase("sub/.cache")]
    [TestCase(".hidden/deeper")]
    [TestCase("__MACOSX")]
    [TestCase("@eaDir")]
    [TestCase("$RECYCLE.BIN")]
    public void Folders_that_programmes_leave_behind_are_skipped(string folder)
    {
        Tree tree =
            new Tree().Image("images/train/a.jpg", $"images/train/{folder}/b.jpg", $"images/train/{folder}/only.jpg",
                "images/train/._a.jpg", "images/train/Thumbs.db")
            .Label("masks/train/a.png", 0).Label($"masks/train/{folder}/b.png", 0);
        Assert.That(SegmentationDataset.FromFolder(tree.Root, "train", s_two).Samples.Select(sample => sample.Name),
            Is.EqualTo(new[] { "a" }));
        Assert.That(ImageFiles.List(Path.Combine(tree.Root, "images", "train"), subfolders: true).Images.Select(
            Path.GetFileName), Is.EqualTo(new[] { "a.jpg" }));
    }

    [Test]
    public void A_root_below_a_hidden_folder_is_what_the_user_asked_for()
    {
        Tree tree = new Tree().Image(".data/images/train/a.jpg").Label(".data/masks/train/a.png", 0);
        Assert.That(SegmentationDataset.FromFolder(Path.Combine(tree.Root, ".data"), "train", s_two).Samples,
            Has.Count.EqualTo(1));
    }

    [Test]
    public void Every_extension_that_is_read_is_found()
    {
        Tree tree = new();
        foreach (string extension in ImageFiles.Extensions)
            tree.Image($"images/train/{extension[1..]}{extension}").Label($"masks/train/{extension[1..]}.png", 0);
        Assert.That(SegmentationDataset.FromFolder(tree.Root, "train", s_two).Samples.Select(sample =>
            Path.GetExtension(sample.ImagePath)), Is.EquivalentTo(ImageFiles.Extensions).And.Contain(".webp"));
    }

    [Test]
    public void Pairs_that_are_not_read_are_counted_and_named()
    {
        Tree tree = new Tree().Image("images/train/a.jpg", "images/train/b.tif", "images/train/c.HEIC",
            "masks/train/b.tif").Label("masks/train/a.png", 0);
        var data = SegmentationDataset.FromFolder(tree.Root, "train", s_two);
        Assert.That(data.Unsupported.Select(Path.GetFileName), Is.EquivalentTo(new[] { "b.tif", "b.tif", "c.HEIC" }));
        Assert.That(data.CheckMasks().ScoreWarnings,
            Has.Some.Contains("3 files look like images but are not read").And.Some.Contains("c.HEIC"));
    }

    [Test]
    public void A_partner_that_is_not_read_is_named()
    {
        Tree images = new Tree().Image("images/train/a.tif").Label("masks/train/a.png", 0),
            labels = new Tree().Image("images/train/a.jpg", "masks/train/a.tif");
        Tree both = new Tree().Image("images/train/a.tif", "masks/train/a.tif");
        Assert.That(() => SegmentationDataset.FromFolder(images.Root, "train", s_two),
            Throws.TypeOf<InvalidDataException>().With.Message.Contains("only").And.Message.Contains(
                "a.tif', which is not read: TIF"));
        Assert.That(() => SegmentationDataset.FromFolder(labels.Root, "train", s_two),
            Throws.TypeOf<InvalidDataException>().With.Message.Contains(Path.Combine("masks", "train", "a.tif")
                + "', which is not read"));
        Assert.That(() => SegmentationDataset.FromFolder(both.Root, "train", s_two),
            Throws.TypeOf<InvalidDataException>().With.Message.Contains("2 files look like images but are not read"));
    }

    [Test]
    public void Cityscapes_names_the_labels_that_are_there()
    {
        Tree trained = new Tree().Image("leftImg8bit/val/ulm/a_leftImg8bit.png")
            .Label("gtFine/val/ulm/a_gtFine_labelTrainIds.png", 0);
        Tree colors = new Tree().Image("leftImg8bit/val/ulm/a_leftImg8bit.png")
            .Colors("gtFine/val/ulm/a_gtFine_color.png", [128, 64, 128, 255], [153, 153, 153, 255], [0, 0, 0, 255],
                [111, 74, 0, 255]);
        Assert.That(() => SegmentationDataset.FromCityscapes(trained.Root, "val"),
            Throws.TypeOf<InvalidDataException>().With.Message.Contains(
                "1 files *_gtFine_labelTrainIds.png, which MaskEncoding.TrainIds reads"));
        Assert.That(() => SegmentationDataset.FromCityscapes(colors.Root, "val"),
            Throws.TypeOf<InvalidDataException>().With.Message.Contains(
                "1 files *_gtFine_color.png, which MaskEncoding.Colors reads"));
        Assert.That(() => SegmentationDataset.FromCityscapes(colors.Root, "val", MaskEncoding.TrainIds),
            Throws.TypeOf<InvalidDataException>().With.Message.Contains("MaskEncoding.Colors"));
        Assert.That(SegmentationDataset.FromCityscapes(colors.Root, "val", MaskEncoding.Colors)
            .ReadMask(0).Ids.ToArray(),
            Is.EqualTo(new byte[] { 0, 5, 255, 255 }));
    }

    [Test]
    public void Coco_stuff_names_the_labels_that_are_there()
    {
        Tree downloaded = new Tree().Image("images/val2017/a.jpg").Label("annotations/val2017/a.png", 0),
            converted = new Tree().Image("images/val2017/a.jpg").Label("annotations/val2017/a_labelTrainIds.png", 0);
        Assert.That(() => SegmentationDataset.FromCocoStuff(downloaded.Root, "val"),
            Throws.TypeOf<InvalidDataException>().With.Message.Contains("MaskEncoding.CategoryIds reads"));
        Assert.That(() => SegmentationDataset.FromCocoStuff(converted.Root, "val", MaskEncoding.CategoryIds),
            Throws.TypeOf<InvalidDataException>().With.Message.Contains("MaskEncoding.TrainIds reads"));
    }

    [Test]
    public void An_ending_of_all_names_is_suggested()
    {
        Tree masks = new Tree().Image("images/train/a.jpg", "images/train/b.jpg").Label("masks/train/a_mask.png", 0)
            .Label("masks/train/b_mask.png", 0);
        Tree images = new Tree().Image("images/train/a_rgb.jpg", "images/train/b_rgb.jpg").Label("masks/train/a.png", 0)
            .Label("masks/train/b.png", 0);
        Assert.That(() => SegmentationDataset.FromFolder(masks.Root, "train", s_two),
            Throws.TypeOf<InvalidDataException>().With.Message.Contains("give MaskSuffix '_mask'"));
        Assert.That(() => SegmentationDataset.FromFolder(images.Root, "train", s_two),
            Throws.TypeOf<InvalidDataException>().With.Message.Contains("give ImageSuffix '_rgb'"));
    }
}
