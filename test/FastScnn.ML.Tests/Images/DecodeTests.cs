using FastScnn.ML.Imaging;
using FastScnn.Testing;
using FastScnn.Torch.Data;
using Microsoft.ML.Data;

namespace FastScnn.ML.Tests.Images;

public class DecodeTests
{
    [Test]
    public void Pixels_come_as_red_green_blue()
    {
        RgbPng expected = RgbPng.Golden("d_camvid_0001TP_008550.png");
        using FileStream stream = File.OpenRead(TestImages.Street);
        PixelBuffer image = ImageDecoder.Decode(stream);
        Assert.That((image.Width, image.Height), Is.EqualTo((expected.Width, expected.Height)));
        Assert.That(image.ToRgb24().Pixels.ToArray(), Is.EqualTo(expected.Pixels));
        Assert.That(stream.CanRead, Is.True, "the stream was closed");
    }

    [Test]
    public void The_limit_can_be_set()
    {
        using FileStream stream = File.OpenRead(TestImages.Street);
        Assert.That(() => ImageDecoder.WithOptions(new() { MaxPixels = 480 * 360 - 1 })(stream),
            Throws.TypeOf<InvalidDataException>().With.Message.Contains("480 x 360"));
        stream.Position = 0;
        Assert.That(ImageDecoder.WithOptions(new() { MaxPixels = 480 * 360 })(stream).Width, Is.EqualTo(480));
        Assert.That(() => ImageDecoder.WithOptions(new() { MaxPixels = 0 }),
            Throws.TypeOf<ArgumentOutOfRangeException>());
    }

    private static SegmentationDataset[] RealSamples() =>
    [
        SegmentationDataset.FromPascalVoc(TestFiles.Shared("samples", "voc"), split: null),
        SegmentationDataset.FromAde20k(TestFiles.Shared("samples", "ade20k"), "val"),
        SegmentationDataset.FromCocoStuff(TestFiles.Shared("samples", "coco-stuff"), "val", MaskEncoding.CategoryIds,
            "_labelTrainIds"),
    ];

    [Test]
    public void Images_and_labels_of_real_data_sets_fit()
    {
        foreach (SegmentationDataset data in RealSamples())
        {
            DatasetReport report = data.Check(ImageDecoder.Decode);
            Assert.That(report.Faults, Is.Empty);
            Assert.That(report.ValidCount, Is.EqualTo(data.Samples.Count));
            Assert.That(report.ClassPixels.Sum() + report.IgnoredPixels,
                Is.EqualTo(report.ImageSizes.Sum(size => (long)size.Width * size.Height * size.Count)));
        }
    }

    [Test]
    public void A_label_of_another_size_names_both_files()
    {
        string root = TestFiles.NewFolder();
        Directory.CreateDirectory(Path.Combine(root, "images", "val"));
        Directory.CreateDirectory(Path.Combine(root, "masks", "val"));
        File.Copy(TestFiles.Shared("odd-images", "labels", "image_64x32.png"),
            Path.Combine(root, "images", "val", "a.png"));
        File.Copy(TestFiles.Shared("odd-images", "labels", "label_size_mismatch_63x32.png"),
            Path.Combine(root, "masks", "val", "a.png"));
        var data = SegmentationDataset.FromFolder(root, "val",
            new FolderDatasetOptions { Classes = ClassList.Cityscapes });
        Assert.That(() => data.Read(0, ImageDecoder.Decode), Throws.TypeOf<InvalidDataException>()
            .With.Message.Contains("64 x 32").And.Message.Contains("63 x 32").And.Message.Contains(
                data.Samples[0].ImagePath).And.Message.Contains(data.Samples[0].MaskPath));
    }
}
