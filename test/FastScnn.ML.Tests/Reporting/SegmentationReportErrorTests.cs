using FastScnn.ML.Imaging;
using FastScnn.ML.Reporting;
using FastScnn.Testing;
using FastScnn.Torch.Data;

namespace FastScnn.ML.Tests.Reporting;

public class SegmentationReportErrorTests
{
    private static readonly ClassList s_classes =
    [
        new SegmentationClass("left", 255, 0, 0), new SegmentationClass("right", 0, 200, 0)
    ];

    [Test]
    public void An_image_that_does_not_fit_is_named_and_not_counted()
    {
        var report = new SegmentationReport(s_classes);
        var image = new PixelBuffer(2, 1, new byte[6]);
        SegmentationMap map = Map(s_classes, 0, 1), others = Map(ClassList.CamVid, 0, 1);
        Assert.Multiple(() =>
        {
            Assert.That(() => report.Add("a.png", image, Map(s_classes, 0, 1, 1), map),
                Throws.ArgumentException.With.Message.Contains("a.png").And.Message.Contains("the label 3 x 1"));
            Assert.That(() => report.Add("a.png", image, map, Map(s_classes, 0)),
                Throws.ArgumentException.With.Message.Contains("the prediction 1 x 1"));
            Assert.That(() => report.Add("a.png", image, others, map),
                Throws.ArgumentException.With.Message.Contains("the label has 11 classes and the report 2"));
            Assert.That(() => report.Add("a.png", image, map, others),
                Throws.ArgumentException.With.Message.Contains("the prediction has 11 classes and the report 2"));
            Assert.That(() => report.Add("a.png", image, Map(s_classes, 0, 7), map),
                Throws.ArgumentException.With.Message.Contains("a.png").And.Message.Contains("7"));
            Assert.That(() => report.ToHtml(), Throws.InvalidOperationException.With.Message.Contains("no images"),
                "none of them counted");
        });
        report.Add("b.png", image, map, map);
        Assert.That(report.GetMetrics().LabelledPixels, Is.EqualTo(2));
    }

    [Test]
    public void A_file_that_cannot_be_written_leaves_nothing_behind()
    {
        string folder = TestFiles.NewFolder(), file = Path.Combine(folder, "file");
        File.WriteAllText(file, "a file");
        var report = new SegmentationReport(s_classes, new() { ImageCount = 0 });
        Assert.That(() => report.Save(file), Throws.InvalidOperationException);
        report.Add("a", new PixelBuffer(1, 1, new byte[3]), Map(s_classes, 0), Map(s_classes, 0));
        Assert.That(() => report.Save(folder),
            Throws.InstanceOf<IOException>().With.Message.Contains(folder).And.Message.Contains("is a folder"));
        Assert.That(() => report.Save(Path.Combine(file, "report.html")), Throws.InstanceOf<IOException>());
        Assert.That(File.ReadAllText(file), Is.EqualTo("a file"));
        Assert.That(Directory.GetFileSystemEntries(folder), Is.EqualTo(new[] { file }));
        report.Save(file);
        Assert.That(File.ReadAllText(file), Does.StartWith("<!DOCTYPE html>"), "an old file is replaced");
    }

    [Test]
    public void Options_out_of_range_are_refused()
    {
        Assert.That(() => new SegmentationReportOptions { ImageCount = -1 },
            Throws.InstanceOf<ArgumentOutOfRangeException>().With.Message.Contains("-1"));
        Assert.That(() => new SegmentationReportOptions { MaxImageSide = 8 },
            Throws.InstanceOf<ArgumentOutOfRangeException>().With.Message.Contains("8"));
    }

    private static SegmentationMap Map(ClassList classes, params byte[] ids) =>
        new(new LabelMap(ids.Length, 1, ids), classes);
}
