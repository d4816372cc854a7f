using FastScnn.Torch.Data;
using FastScnn.Torch.Tests.Data.Layouts;

namespace FastScnn.Torch.Tests.Data;

public class DatasetCheckTests
{
    [Test]
    public void Pixels_and_sizes_are_counted()
    {
        Tree tree = new Tree().Image("images/train/a.jpg", "images/train/b.jpg")
            .Label("masks/train/a.png", Row(0, 0, 1, 255)).Label("masks/train/b.png", Row(1, 1, 1, 1));
        int last = 0;
        DatasetReport report = Open(tree).Check(_ => new PixelBuffer(40, 1, new byte[120]),
            new Reports(done => last = Math.Max(last, done)));
        Assert.That((report.SampleCount, report.ValidCount, last), Is.EqualTo((2, 2, 2)));
        Assert.That(report.ClassPixels, Is.EqualTo(new long[] { 20, 50, 0 }));
        Assert.That(report.ClassSamples, Is.EqualTo(new[] { 1, 2, 0 }));
        Assert.That(report.IgnoredPixels, Is.EqualTo(10));
        Assert.That(report.ImageSizes, Is.EqualTo(new[] { (40, 1, 2) }));
        Assert.That(report.Faults, Is.Empty);
        Assert.That(report.Warnings,
            Has.Count.EqualTo(3).And.Some.Contains("neither learned nor scored: class 2").And.Some.Contains(
                "a.jpg' has 40 x 1 pixels"));
    }

    [Test]
    public void Every_fault_is_told_in_the_order_of_the_samples()
    {
        Tree tree = new Tree()
            .Image("images/train/a.jpg", "images/train/b.jpg", "images/train/c.jpg", "images/train/d.jpg",
                "images/train/alone.jpg")
            .Label("masks/train/a.png", Row(0, 1, 2, 2)).Label("masks/train/b.png", Row(0, 0, 0, 7))
            .Text("masks/train/c.png", "no label").Label("masks/train/d.png", 0, 9);
        DatasetReport report = Open(tree, allowUnpaired: true).Check(
            stream => ((FileStream)stream).Name.EndsWith("c.jpg", StringComparison.Ordinal)
            ? throw new FormatException("broken image")
            : new PixelBuffer(40, 1, new byte[120]));
        Assert.That((report.SampleCount, report.ValidCount), Is.EqualTo((4, 1)));
        Assert.That(report.Faults, Has.Count.EqualTo(6));
        Assert.That(report.Faults[0], Does.Contain("alone.jpg' has no mask"));
        Assert.That(report.Faults[1], Does.Contain("b.png").And.Contain("7 on 10 pixels"));
        Assert.That(report.Faults[2], Does.Contain("c.jpg").And.Contain("broken image"));
        Assert.That(report.Faults[3], Does.Contain("c.png").And.Contain("signature"));
        // Two faults of one pair are told together.
        Assert.That(report.Faults[4], Does.Contain("d.png").And.Contain("9 on 1 pixels"));
        Assert.That(report.Faults[5], Does.Contain("d.jpg' has 40 x 1").And.Contain("d.png' has 2 x 1"));
    }

    [Test]
    public void A_split_without_labelled_pixels_is_a_fault()
    {
        Tree tree = new Tree().Image("images/train/a.jpg").Label("masks/train/a.png", Row(255, 255, 255, 255));
        DatasetReport report = Open(tree).Check(_ => new PixelBuffer(40, 1, new byte[120]));
        Assert.That(report.Faults.Single(), Does.Contain("test split"));
        Assert.That(report.Warnings,
            Has.Some.Contains("1 of 1 masks have no pixel with a class").And.Some.Contains("a.png'"));
    }

    [Test]
    public void Sizes_that_are_each_others_transpose_hint_at_orientation()
    {
        Tree tree = new Tree().Image("images/train/a.jpg").Label("masks/train/a.png", Row(0, 1, 2, 2));
        Assert.That(Open(tree).Check(_ => new PixelBuffer(1, 40, new byte[120])).Faults.Single(),
            Does.Contain("EXIF"));
    }

    [Test]
    public void A_check_can_be_cancelled()
    {
        Tree tree = new Tree().Image("images/train/a.jpg").Label("masks/train/a.png", 0);
        Assert.That(() => Open(tree).Check(_ => new PixelBuffer(1, 1, new byte[3]),
            cancellationToken: new CancellationToken(true)), Throws.InstanceOf<OperationCanceledException>());
    }

    // Ten pixels of each id.
    private static byte[] Row(params byte[] ids) => [.. ids.SelectMany(id => Enumerable.Repeat(id, 10))];

    private static SegmentationDataset Open(Tree tree, bool allowUnpaired = false) =>
        SegmentationDataset.FromFolder(tree.Root, "train", new FolderDatasetOptions
        {
            Classes = ClassList.Generic(3),
            AllowUnpaired = allowUnpaired
        });

    private sealed class Reports(Action<int> report) : IProgress<int>
    {
        public void Report(int value) => report(value);
    }
}
