using FastScnn.Testing;
using FastScnn.Torch.Data;

namespace FastScnn.Torch.Tests.Data.Layouts;

public class FolderDatasetTests
{
    private const string TwoClasses =
        """{ "classes": [ { "name": "grass", "color": [0, 128, 0] }, { "name": "path", "color": [128, 64, 0] } ] }""";

    [TestCase("train", 367)]
    [TestCase("val", 101)]
    public void CamVid_is_read(string split, int count)
    {
        var data = SegmentationDataset.FromFolder(TestFiles.Shared("camvid"), split);
        Assert.That(data.Samples, Has.Count.EqualTo(count));
        Assert.That(data.Classes, Is.EqualTo(ClassList.CamVid));
        LabelMap labels = data.ReadMask(count - 1);
        Assert.That((labels.Width, labels.Height), Is.EqualTo((480, 360)));
    }

    [Test]
    public void Files_pair_by_name_in_ordinal_order_subfolders_included()
    {
        Tree tree = Make()
            .Image("images/train/b.JPG", "images/train/a.png", "images/train/town/a.jpg", "images/train/.hidden.jpg",
                "images/train/notes.txt")
            .Label("masks/train/a.png", 0).Label("masks/train/b.png", 1).Label("masks/train/town/a.png", 1);
        var data = SegmentationDataset.FromFolder(tree.Root, "train");
        Assert.That(data.Samples.Select(sample => sample.Name), Is.EqualTo(new[] { "a", "b", "town/a" }));
        Assert.That(data.Samples[1],
            Is.EqualTo(new SamplePair("b", Path.Combine(tree.Root, "images", "train", "b.JPG"),
                Path.Combine(tree.Root, "masks", "train", "b.png"))));
        Assert.That(data.Unpaired, Is.Empty);
    }

    [Test]
    public void A_folder_without_splits_is_told_what_is_expected()
    {
        Tree tree = Make().Image("images/a.jpg", "images/b.jpg").Label("masks/a.png", 0);
        Assert.That(() => SegmentationDataset.FromFolder(tree.Root, "train"),
            Throws.TypeOf<DirectoryNotFoundException>().With.Message.EndsWith(
                $"(images; '{Path.Combine(tree.Root, "images")}' has 2 images itself, expected in a folder for each "
                    + "split)."));
    }

    [Test]
    public void Files_without_a_partner_are_named_or_listed()
    {
        Tree tree = Make().Image("images/train/a.jpg", "images/train/b.jpg").Label("masks/train/a.png", 0)
            .Label("masks/train/c.png", 0);
        Assert.That(() => SegmentationDataset.FromFolder(tree.Root, "train"), Throws.TypeOf<InvalidDataException>()
            .With.Message.Contains("2 files").And.Message.Contains("b.jpg' has no mask").And.Message.Contains(
                "c.png' has no image"));
        var data = SegmentationDataset.FromFolder(tree.Root, "train",
            new FolderDatasetOptions { AllowUnpaired = true });
        Assert.That(data.Samples.Select(sample => sample.Name), Is.EqualTo(new[] { "a" }));
        Assert.That(data.Unpaired, Has.Count.EqualTo(2));
    }

    [Test]
    public void Two_images_of_one_name_are_an_error()
    {
        Tree tree = Make().Image("images/train/a.jpg", "images/train/a.png").Label("masks/train/a.png", 0);
        Assert.That(() => SegmentationDataset.FromFolder(tree.Root, "train"),
            Throws.TypeOf<InvalidDataException>().With.Message.Contains("a.jpg").And.Message.Contains("a.png"));
    }

    [Test]
    public void An_empty_split_is_an_error()
    {
        Tree tree = Make().Text("images/train/readme.txt", "").Text("masks/train/readme.txt", "");
        Assert.That(() => SegmentationDataset.FromFolder(tree.Root, "train"),
            Throws.TypeOf<InvalidDataException>().With.Message.Contains("no pair"));
        Assert.That(() => SegmentationDataset.FromFolder(tree.Root, "val"),
            Throws.TypeOf<DirectoryNotFoundException>().With.Message.Contains(Path.Combine("images", "val")));
    }

    [Test]
    public void Suffixes_and_folder_names_can_be_chosen()
    {
        Tree tree = Make().Image("images/val/x_rgb.jpg", "images/val/x_depth.png").Label("labels/val/x_ids.png", 1)
            .Image("labels/val/x_color.png");
        var data = SegmentationDataset.FromFolder(tree.Root, "val",
            new FolderDatasetOptions
            {
                ImagesFolder = "images",
                MasksFolder = "labels",
                ImageSuffix = "_rgb",
                MaskSuffix = "_ids"
            });
        Assert.That(data.Samples.Single().Name, Is.EqualTo("x"));
        Assert.That(data.ReadMask(0).Ids.ToArray(), Is.EqualTo(new byte[] { 1 }));
    }

    [Test]
    public void Classes_can_be_given_and_are_needed()
    {
        Tree tree = new Tree().Image("images/train/a.jpg").Label("masks/train/a.png", 2, 3);
        Assert.That(() => SegmentationDataset.FromFolder(tree.Root, "train"),
            Throws.TypeOf<FileNotFoundException>().With.Message.Contains("classes.json"));
        var data = SegmentationDataset.FromFolder(tree.Root, "train",
            new FolderDatasetOptions { Classes = ClassList.Generic(3), IgnoreIndex = 3 });
        Assert.That(data.ReadMask(0).Ids.ToArray(), Is.EqualTo(new byte[] { 2, 3 }));
        Assert.That(data.Classes.IgnoreIndex, Is.EqualTo(3));
    }

    [Test]
    public void Stored_values_can_be_mapped()
    {
        Tree tree = Make().Image("images/train/a.jpg").Label("masks/train/a.png", 0, 1, 2, 255);
        var map = new Dictionary<byte, byte> { [0] = 255, [1] = 1, [2] = 0 };
        Assert.That(Ids(new FolderDatasetOptions { LabelMap = map }), Is.EqualTo(new byte[] { 255, 1, 0, 255 }));
        Assert.That(Ids(new FolderDatasetOptions { ReduceZeroLabel = true }),
            Is.EqualTo(new byte[] { 255, 0, 1, 255 }));
        Assert.That(() => Ids(new FolderDatasetOptions()),
            Throws.TypeOf<InvalidDataException>().With.Message.Contains("2 on 1 pixels"));
        Assert.That(() => Ids(new FolderDatasetOptions { LabelMap = map, ReduceZeroLabel = true }),
            Throws.ArgumentException);

        byte[] Ids(FolderDatasetOptions options) =>
            SegmentationDataset.FromFolder(tree.Root, "train", options).ReadMask(0).Ids.ToArray();
    }

    [TestCase(true)]
    [TestCase(false)]
    public void Color_coded_labels_are_read_by_the_colors_of_the_classes(bool alpha)
    {
        byte[][] colors = [[128, 64, 0], [0, 128, 0], [0, 0, 0], [128, 64, 0]];
        Tree tree = Make().Image("images/train/a.jpg").Colors("masks/train/a.png",
            [.. colors.Select(color => alpha ? [.. color, byte.MaxValue] : color)]);
        Assert.That(SegmentationDataset.FromFolder(tree.Root, "train").ReadMask(0).Ids.ToArray(),
            Is.EqualTo(new byte[] { 1, 0, 255, 1 }));
        // Stored values are mapped, colours stand for classes as they are.
        Assert.That(
            SegmentationDataset.FromFolder(tree.Root, "train",
                new FolderDatasetOptions { ReduceZeroLabel = true }).ReadMask(0).Ids.ToArray(),
                Is.EqualTo(new byte[] { 1, 0, 255, 1 }));
    }

    [Test]
    public void Classes_of_one_color_cannot_be_told_apart()
    {
        Tree tree = new Tree().Image("images/train/a.jpg", "images/train/b.jpg").Colors("masks/train/a.png", [1, 1, 1])
            .Label("masks/train/b.png", 1);
        var data = SegmentationDataset.FromFolder(tree.Root, "train",
            new FolderDatasetOptions { Classes = [new("a", 1, 1, 1), new("b", 1, 1, 1)] });
        Assert.That(() => data.ReadMask(0), Throws.ArgumentException.With.Message.Contains("1,1,1"));
        Assert.That(data.ReadMask(1).Ids.ToArray(), Is.EqualTo(new byte[] { 1 }));
    }

    // The colours of the odd labels' 19 classes.
    private static ClassList OddClasses =>
    [
        .. Enumerable.Range(0, 19)
            .Select(id => new SegmentationClass($"class {id}", (byte)(37 * id), (byte)(91 * id), (byte)(53 * id)))
    ];

    [TestCase("ok_trainids_64x32.png", null)]
    [TestCase("ok_trainids_ignore255.png", null)]
    [TestCase("single_class.png", null)]
    [TestCase("all_ignore.png", null)]
    [TestCase("label_16bit.png", null)]
    [TestCase("label_palette.png", null)]
    [TestCase("label_palette_trns0.png", null)]
    [TestCase("label_rgb.png", null)]
    [TestCase("label_rgba.png", null)]
    [TestCase("bad_class_19.png", "19 on 1 pixels")]
    [TestCase("bad_class_254.png", "254 on 1 pixels")]
    [TestCase("labelids_not_trainids.png", "stand for no class")]
    [TestCase("label_lossy.jpg", "JPEG")]
    public void Odd_labels(string file, string? problem)
    {
        Tree tree = new Tree().Image("images/val/x.png").Text("masks/val/readme.txt", "");
        File.Copy(TestFiles.Shared("odd-images", "labels", file),
            Path.Combine(tree.Root, "masks", "val", "x" + Path.GetExtension(file)));
        var data = SegmentationDataset.FromFolder(tree.Root, "val", new FolderDatasetOptions { Classes = OddClasses });
        if (problem is not null)
        {
            Assert.That(() => data.ReadMask(0),
                Throws.TypeOf<InvalidDataException>().With.Message.Contains("x"
                    + Path.GetExtension(file)).And.Message.Contains(problem));
            return;
        }
        byte[] ids = data.ReadMask(0).Ids.ToArray();
        if (file.StartsWith("label_", StringComparison.Ordinal))
            Assert.That(ids,
                Is.EqualTo(
                    IndexPng.Read(TestFiles.Shared("odd-images", "labels", "ok_trainids_64x32.png")).Ids.ToArray()));
        else
            Assert.That(ids, Is.EqualTo(IndexPng.Read(TestFiles.Shared("odd-images", "labels", file)).Ids.ToArray()));
    }

    private static Tree Make() => new Tree().Text("classes.json", TwoClasses);
}
