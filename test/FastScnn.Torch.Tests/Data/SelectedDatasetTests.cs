using FastScnn.Testing;
using FastScnn.Torch.Data;
using FastScnn.Torch.Tests.Data.Layouts;

namespace FastScnn.Torch.Tests.Data;

/// <summary>Data sets out of others: several as one, and lists of files as splits.</summary>
public class SelectedDatasetTests
{
    private const string TwoClasses =
        """{ "classes": [ { "name": "grass", "color": [0, 128, 0] }, { "name": "path", "color": [128, 64, 0] } ] }""";

    private Tree _tree = null!;
    private SegmentationDataset _both = null!;

    [SetUp]
    public void Write()
    {
        _tree = new Tree().Text("classes.json", TwoClasses)
            .Image("images/train/a.jpg", "images/train/b.jpg", "images/val/b.jpg", "images/val/c.jpg")
            .Label("masks/train/a.png", 0, 0).Label("masks/train/b.png", 0, 1).Label("masks/val/b.png", 1, 0)
            .Label("masks/val/c.png", 1, 1);
        _both = SegmentationDataset.Combine(Open("train"), Open("val"));
    }

    private SegmentationDataset Open(string split) => SegmentationDataset.FromFolder(_tree.Root, split);

    [Test]
    public void Several_are_read_as_one_and_shared_names_become_paths()
    {
        Assert.That(_both.Samples.Select(sample => sample.Name), Is.EqualTo(new[]
        {
            "a", Path.Combine(_tree.Root, "images", "train", "b.jpg"), Path.Combine(_tree.Root, "images", "val", "b.jpg"),
            "c"
        }));
        Assert.That(Enumerable.Range(0, 4).Select(index => _both.ReadMask(index).Ids.ToArray()),
            Is.EqualTo(new byte[][] { [0, 0], [0, 1], [1, 0], [1, 1] }));
        Assert.That(() => _both.ReadMask(4),
            Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("4 samples"));
        (PixelBuffer image, _) = _both.Read(2, _ => new PixelBuffer(2, 1, new byte[] { 9, 8, 7, 6, 5, 4 }));
        Assert.That(image.Rgb.ToArray(), Is.EqualTo(new byte[] { 9, 8, 7, 6, 5, 4 }));
    }

    [Test]
    public void Each_part_keeps_its_rules_and_the_limit_reaches_all()
    {
        var swapped = SegmentationDataset.FromFolder(_tree.Root, "val",
            new FolderDatasetOptions { LabelMap = new Dictionary<byte, byte> { [0] = 1, [1] = 0 } });
        SegmentationDataset data = SegmentationDataset.Combine(Open("train"), swapped).Where(sample =>
            sample.ImagePath.EndsWith("c.jpg", StringComparison.Ordinal) || sample.Name == "a");
        Assert.That(data.ReadMask(1).Ids.ToArray(), Is.EqualTo(new byte[] { 0, 0 }));
        data.MaxPixels = 1;
        for (int index = 0; index < 2; index++)
            Assert.That(() => data.ReadMask(index), Throws.TypeOf<InvalidDataException>().With.Message.Contains("limit"));
    }

    [Test]
    public void Other_classes_are_refused()
    {
        Tree other = new Tree().Text("classes.json", TwoClasses.Replace("path", "sand", StringComparison.Ordinal))
            .Image("images/train/a.jpg").Label("masks/train/a.png", 0, 0);
        Assert.That(() => SegmentationDataset.Combine(_both, SegmentationDataset.FromFolder(other.Root, "train")),
            Throws.ArgumentException.With.Message.Contains("grass, sand").And.Message.Contains("grass, path"));
        Assert.That(() => SegmentationDataset.Combine(), Throws.ArgumentException.With.Message.Contains("found none"));
        Assert.That(() => _both.Where(_ => false), Throws.TypeOf<InvalidDataException>().With.Message.Contains("4"));
    }

    [Test]
    public void A_list_takes_paths_from_the_root_whole_paths_and_names()
    {
        string whole = Path.Combine(_tree.Root, "images", "train", "b.jpg");
        _tree.Text("list.txt", $"images/val/b.jpg\r\n\n  c \n{whole}\n");
        SegmentationDataset data = _both.WhereListed(Path.Combine(_tree.Root, "list.txt"), _tree.Root);
        Assert.That(Enumerable.Range(0, 3).Select(index => data.ReadMask(index).Ids.ToArray()),
            Is.EqualTo(new byte[][] { [1, 0], [1, 1], [0, 1] }));
    }

    [TestCase("images/val/b.jpg\nimages/val/d.jpg", "line 2: 'images/val/d.jpg' is none of the 4 images")]
    [TestCase("a\n\nimages/train/a.jpg", "line 3: 'images/train/a.jpg' is the image of line 1 again")]
    [TestCase("b", "'b' is none of the 4 images")]
    [TestCase("a\0", "line 1: expected the path of an image, found a zero byte")]
    [TestCase("\n", "names no image")]
    public void A_list_with_a_fault_names_the_line(string text, string expected)
    {
        _tree.Text("list.txt", text);
        Assert.That(() => _both.WhereListed(Path.Combine(_tree.Root, "list.txt"), _tree.Root),
            Throws.TypeOf<InvalidDataException>().With.Message.Contains("list.txt").And.Message.Contains(expected));
    }

    [Test]
    public void A_listed_image_without_a_mask_is_said_to_have_none()
    {
        _tree.Image("images/train/d.jpg").Text("list.txt", "images/train/d.jpg");
        var data = SegmentationDataset.FromFolder(_tree.Root, "train", new FolderDatasetOptions { AllowUnpaired = true });
        Assert.That(() => data.WhereListed(Path.Combine(_tree.Root, "list.txt"), _tree.Root),
            Throws.TypeOf<InvalidDataException>().With.Message.Contains("d.jpg' has no mask"));
        Assert.That(() => data.WhereListed("nowhere.txt", _tree.Root),
            Throws.TypeOf<FileNotFoundException>().With.Message.Contains("nowhere.txt"));
    }
}
