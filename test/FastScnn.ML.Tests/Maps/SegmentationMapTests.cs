using FastScnn.ML.Imaging;
using FastScnn.Testing;
using FastScnn.Torch.Data;
using Microsoft.ML.Data;

namespace FastScnn.ML.Tests.Maps;

public class SegmentationMapTests
{
    private static readonly ClassList s_classes = new(
        [new SegmentationClass("red", 255, 0, 0), new SegmentationClass("green", 0, 200, 0),
            new SegmentationClass("blue", 0, 0, 100)]);

    private static SegmentationMap Map(params byte[] ids) => new(new LabelMap(ids.Length / 2, 2, ids), s_classes);

    [Test]
    public void Shares_leave_out_pixels_of_no_class() =>
        Assert.That(Map(0, 0, 1, 255, 0, 9, 1, 1).ClassFractions, Is.EqualTo(new[] { 3 / 8.0, 3 / 8.0, 0.0 }));

    [Test]
    public void Pixels_are_found_by_column_and_row()
    {
        SegmentationMap map = Map(0, 1, 2, 2, 1, 0);
        Assert.That((map.Width, map.Height, map[2, 0], map[0, 1]), Is.EqualTo((3, 2, (byte)2, (byte)2)));
        Assert.That(() => map[3, 0], Throws.InstanceOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public void Both_PNGs_keep_the_ids()
    {
        string folder = TestFiles.NewFolder();
        SegmentationMap map = Map(0, 1, 2, 255, 1, 0);
        map.SavePng(Path.Combine(folder, "ids.png"));
        map.SaveColorPng(Path.Combine(folder, "colors.png"));
        Assert.That(SegmentationMap.Load(Path.Combine(folder, "ids.png"), s_classes).ClassIds.ToArray(),
            Is.EqualTo(map.ClassIds.ToArray()));
        Assert.That(SegmentationMap.Load(Path.Combine(folder, "colors.png"), s_classes).ClassIds.ToArray(),
            Is.EqualTo(map.ClassIds.ToArray()));
    }

    [Test]
    public void A_name_that_is_missing_writes_nothing()
    {
        string[] before = Directory.GetFiles(Environment.CurrentDirectory);
        Assert.That(() => Map(0, 1).SavePng(null!),
            Throws.ArgumentNullException.With.Property("ParamName").EqualTo("path"));
        Assert.That(() => Map(0, 1).SaveColorPng(""),
            Throws.ArgumentException.With.Property("ParamName").EqualTo("path"));
        Assert.That(Directory.GetFiles(Environment.CurrentDirectory), Is.EquivalentTo(before));
    }

    [Test]
    public void Any_decoder_shows_the_colours()
    {
        string file = Path.Combine(TestFiles.NewFolder(), "colors.png");
        Map(0, 1, 2, 255).SaveColorPng(file);
        using (var stream = new MemoryStream())
        {
            Map(0, 1, 2, 255).SaveColorPng(stream);
            Assert.That(stream.ToArray(), Is.EqualTo(File.ReadAllBytes(file)));
        }
        using MLImage image = MLImage.CreateFromFile(file);
        Assert.That(image.GetBGRPixels, Is.EqualTo(new byte[] { 0, 0, 255, 0, 200, 0, 100, 0, 0, 0, 0, 0 }));
    }

    [TestCase(MLPixelFormat.Bgra32)]
    [TestCase(MLPixelFormat.Rgba32)]
    public void Overlay_mixes_colours_into_the_image(MLPixelFormat format)
    {
        byte[] grey = [.. Enumerable.Repeat(new byte[] { 100, 100, 100, 255 }, 4).SelectMany(p => p)];
        using MLImage image = MLImage.CreateFromPixels(2, 2, format, grey);
        SegmentationMap map = Map(0, 1, 2, 255);
        using MLImage half = map.Overlay(image);
        using MLImage none = map.Overlay(image, 0);
        using MLImage full = map.Overlay(image, 1);
        Assert.Multiple(() =>
        {
            Assert.That(half.GetBGRPixels,
                Is.EqualTo(new byte[] { 50, 50, 178, 50, 150, 50, 100, 50, 50, 100, 100, 100 }));
            Assert.That(none.GetBGRPixels, Is.All.EqualTo(100));
            Assert.That(full.GetBGRPixels, Is.EqualTo(new byte[] { 0, 0, 255, 0, 200, 0, 100, 0, 0, 100, 100, 100 }));
            Assert.That(image.GetBGRPixels, Is.All.EqualTo(100), "the image is left alone");
        });
    }

    [Test]
    public void Overlay_refuses_what_does_not_fit()
    {
        using MLImage image = TestImages.Image(3, 2);
        Assert.That(() => Map(0, 1, 2, 0).Overlay(image),
            Throws.ArgumentException.With.Message.Contains("3 x 2").And.Message.Contains("2 x 2"));
        Assert.That(() => Map(0, 1, 2, 0, 0, 0).Overlay(image, 1.5),
            Throws.InstanceOf<ArgumentOutOfRangeException>().With.Message.Contains("1.5"));
        Assert.That(() => Map(0, 1, 2, 0, 0, 0).Overlay(image, double.NaN),
            Throws.InstanceOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public void Label_files_are_checked()
    {
        string file = Path.Combine(TestFiles.NewFolder(), "label.png");
        IndexPng.Write(file, 3, 2, [0, 1, 2, 255, 7, 0]);
        Assert.That(
            () => SegmentationMap.Load(file, s_classes),
            Throws.InstanceOf<InvalidDataException>().With.Message.Contains("label.png").And.Message.Contains(
                "7 on 1 pixels"));
        Assert.That(() => SegmentationMap.Load("none.png", s_classes),
            Throws.InstanceOf<FileNotFoundException>().With.Message.Contains("none.png"));
    }

    [Test]
    public void A_real_label_file_fits_its_classes()
    {
        string file = Directory.GetFiles(TestFiles.Shared("camvid", "masks", "val")).Order(StringComparer.Ordinal)
            .First();
        SegmentationMap map = SegmentationMap.Load(file, ClassList.Load(TestFiles.Shared("camvid", "classes.json")));
        Assert.That(map.ClassFractions.Sum(), Is.GreaterThan(0.5).And.LessThanOrEqualTo(1));
    }
}
