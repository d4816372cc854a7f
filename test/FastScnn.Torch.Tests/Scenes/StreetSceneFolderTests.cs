using FastScnn.Scenes;
using FastScnn.Testing;
using FastScnn.Torch.Data;

namespace FastScnn.Torch.Tests.Scenes;

public class StreetSceneFolderTests
{
    private static readonly StreetSceneOptions s_small = new() { Width = 64, Height = 48, Seed = 3 };

    [Test]
    public void Scenes_become_a_folder_dataset()
    {
        string root = TestFiles.NewFolder();
        var reported = new Reports();
        StreetSceneFolder.Write(root, "train", 3, s_small, reported);
        StreetSceneFolder.Write(root, "val", 2, s_small);

        Assert.That(ClassList.Load(Path.Combine(root, "classes.json")), Is.EqualTo(StreetScene.Classes));
        Assert.That(reported.Values.Order(), Is.EqualTo(new[] { 1, 2, 3 }));
        string[] files =
        [
            .. Directory.GetFiles(root, "*", SearchOption.AllDirectories)
                .Select(f => Path.GetRelativePath(root, f).Replace('\\', '/')).Order(StringComparer.Ordinal)
        ];
        Assert.That(files, Is.EqualTo(new[]
        {
            "classes.json", "images/train/scene_000000.png", "images/train/scene_000001.png",
            "images/train/scene_000002.png",
            "images/val/scene_000000.png", "images/val/scene_000001.png", "masks/train/scene_000000.png",
            "masks/train/scene_000001.png",
            "masks/train/scene_000002.png", "masks/val/scene_000000.png", "masks/val/scene_000001.png",
        }));
        LabelMap labels = IndexPng.Read(Path.Combine(root, "masks", "train", "scene_000001.png"));
        RgbPng image = RgbPng.Read(Path.Combine(root, "images", "train", "scene_000001.png"));
        Assert.That((labels.Width, labels.Height, image.Width, image.Height), Is.EqualTo((64, 48, 64, 48)));
        var dataset = SegmentationDataset.FromFolder(root, "train");
        Assert.That(dataset.Samples, Has.Count.EqualTo(3));
        Assert.That(dataset.ReadMask(1).Ids.Span.SequenceEqual(labels.Ids.Span), Is.True);
        string[] images =
        [
            .. Directory.GetFiles(Path.Combine(root, "images"), "*", SearchOption.AllDirectories)
                .Select(f => Convert.ToBase64String(File.ReadAllBytes(f)))
        ];
        Assert.That(images, Is.Unique, "train and val share a scene");
    }

    [Test]
    public void A_file_holds_the_scene_that_was_drawn()
    {
        (PixelBuffer image, _) = StreetScene.Generate(s_small);
        string path = Path.Combine(TestFiles.NewFolder(), "image.png");
        ImagePng.Write(path, image);
        RgbPng read = RgbPng.Read(path);
        Assert.That((read.Width, read.Height), Is.EqualTo((64, 48)));
        Assert.That(read.Pixels.AsSpan().SequenceEqual(image.Rgb.Span), Is.True);
    }

    [Test]
    public void A_longer_run_starts_with_the_scenes_of_a_shorter_one()
    {
        string few = TestFiles.NewFolder(), many = TestFiles.NewFolder(), other = TestFiles.NewFolder();
        StreetSceneFolder.Write(few, "train", 2, s_small);
        StreetSceneFolder.Write(many, "train", 5, s_small);
        StreetSceneFolder.Write(other, "train", 2, s_small with { Seed = 4 });
        foreach (string file in new[] { "images/train/scene_000001.png", "masks/train/scene_000001.png" })
        {
            byte[] bytes = File.ReadAllBytes(Path.Combine(few, file));
            Assert.That(File.ReadAllBytes(Path.Combine(many, file)), Is.EqualTo(bytes));
            Assert.That(File.ReadAllBytes(Path.Combine(other, file)), Is.Not.EqualTo(bytes));
        }
    }

    [TestCase("")]
    [TestCase("..")]
    [TestCase("a/b")]
    [TestCase("a\\b")]
    public void The_split_is_a_folder_name(string split)
    {
        string root = TestFiles.NewFolder();
        Assert.That(() => StreetSceneFolder.Write(root, split, 1, s_small),
            Throws.ArgumentException.With.Message.Contains($"'{split}'"));
        Assert.That(Directory.GetFileSystemEntries(root), Is.Empty);
    }

    [TestCase(0)]
    [TestCase(-3)]
    public void The_count_is_one_or_more(int count) =>
        Assert.That(() => StreetSceneFolder.Write(TestFiles.NewFolder(), "train", count, s_small),
            Throws.TypeOf<ArgumentOutOfRangeException>());

    [Test]
    public void Cancellation_stops()
    {
        string root = TestFiles.NewFolder();
        Assert.That(
            () => StreetSceneFolder.Write(root, "train", 1000, s_small,
                cancellation: new CancellationToken(canceled: true)),
            Throws.InstanceOf<OperationCanceledException>());
        Assert.That(Directory.GetFiles(root, "*.png", SearchOption.AllDirectories), Is.Empty);
    }

    private sealed class Reports : IProgress<int>
    {
        private readonly List<int> _values = [];

        public IReadOnlyList<int> Values => _values;

        public void Report(int value)
        {
            lock (_values)
                _values.Add(value);
        }
    }
}
