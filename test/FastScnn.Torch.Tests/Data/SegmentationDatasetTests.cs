using FastScnn.Testing;
using FastScnn.Torch.Data;

namespace FastScnn.Torch.Tests.Data;

public class SegmentationDatasetTests
{
    [TestCase(2, 2, 11)]
    [TestCase(0, 0, 0)]
    [TestCase(-1, -4, 12)]
    public void Images_hold_three_bytes_a_pixel(int width, int height, int bytes) =>
        Assert.That(() => new PixelBuffer(width, height, new byte[bytes]),
            Throws.ArgumentException.With.Message.Contains($"{width} x {height}").And.Message.Contains(
                $"{bytes} bytes"));

    [Test]
    public void A_pair_comes_back_as_pixels_and_class_ids()
    {
        (PixelBuffer image, LabelMap labels) = Of([0, 1, 255, 0], 2, 2).Read(0,
            _ => new PixelBuffer(2, 2, new byte[12]));
        Assert.That((image.Width, image.Height), Is.EqualTo((2, 2)));
        Assert.That(labels.Ids.ToArray(), Is.EqualTo(new byte[] { 0, 1, 255, 0 }));
    }

    [Test]
    public void Different_sizes_name_both_files_and_sizes()
    {
        SegmentationDataset data = Of([0, 1], 2, 1);
        Assert.That(() => data.Read(0, _ => new PixelBuffer(1, 2, new byte[6])), Throws.TypeOf<InvalidDataException>()
            .With.Message.Contains($"'{data.Samples[0].ImagePath}' has 1 x 2").And.Message.Contains(
                $"'{data.Samples[0].MaskPath}' has 2 x 1"));
    }

    [Test]
    public void Values_outside_the_classes_name_file_value_and_count()
    {
        SegmentationDataset data = Of([0, 2, 2, 254], 2, 2);
        Assert.That(() => data.ReadMask(0), Throws.TypeOf<InvalidDataException>()
            .With.Message.Contains(data.Samples[0].MaskPath).And.Message.Contains(
                "2 on 2 pixels, 254 on 1 pixels").And.Message.Contains("2 classes"));
    }

    [Test]
    public void An_image_that_cannot_be_decoded_names_its_file()
    {
        SegmentationDataset data = Of([0], 1, 1);
        Assert.That(() => data.ReadImage(0, _ => throw new FormatException("no such format")),
            Throws.TypeOf<InvalidDataException>()
            .With.Message.Contains(data.Samples[0].ImagePath).And.Message.Contains("no such format"));
        Assert.That(() => data.ReadImage(0, _ => null!),
            Throws.TypeOf<InvalidDataException>().With.Message.Contains("null"));
        Assert.That(() => data.ReadImage(1, _ => new PixelBuffer(1, 1, new byte[3])),
            Throws.TypeOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public void Reducing_zero_ignores_it_and_shifts_the_rest()
    {
        LabelMap map = LabelMapping.ReduceZero(ClassList.Generic(2)).Apply(new LabelMap(4, 1, [0, 1, 2, 255]), "x");
        Assert.That(map.Ids.ToArray(), Is.EqualTo(new byte[] { 255, 0, 1, 255 }));
        Assert.That(() => LabelMapping.ReduceZero(ClassList.Generic(2)).Apply(new LabelMap(1, 1, [3]), "x"),
            Throws.TypeOf<InvalidDataException>());
        Assert.That(() => LabelMapping.ReduceZero(ClassList.CamVid),
            Throws.ArgumentException.With.Message.Contains("11"));
    }

    [Test]
    public void A_table_maps_stored_values()
    {
        var mapping = LabelMapping.FromTable(ClassList.Generic(2),
            new Dictionary<byte, byte> { [7] = 0, [8] = 1, [0] = 255 });
        Assert.That(mapping.Apply(new LabelMap(4, 1, [7, 8, 0, 255]), "x").Ids.ToArray(),
            Is.EqualTo(new byte[] { 0, 1, 255, 255 }));
        Assert.That(() => mapping.Apply(new LabelMap(1, 1, [1]), "x"),
            Throws.TypeOf<InvalidDataException>().With.Message.Contains("1 on 1 pixels"));
        Assert.That(() => LabelMapping.FromTable(ClassList.Generic(2), new Dictionary<byte, byte> { [7] = 2 }),
            Throws.ArgumentException.With.Message.Contains("id 2"));
    }

    [Test]
    public void Labels_over_the_limit_are_refused()
    {
        SegmentationDataset data = Of([0, 1], 2, 1);
        var limited = new Fake(data.Samples) { MaxPixels = 1 };
        Assert.That(() => limited.ReadMask(0),
            Throws.TypeOf<InvalidDataException>().With.Message.Contains("limit is 1 pixels"));
        Assert.That(() => new Fake(data.Samples) { MaxPixels = 0 }, Throws.TypeOf<ArgumentOutOfRangeException>());
    }

    private static Fake Of(byte[] ids, int width, int height)
    {
        string folder = TestFiles.NewFolder();
        var sample = new SamplePair("a", Path.Combine(folder, "a.jpg"), Path.Combine(folder, "a.png"));
        File.WriteAllText(sample.ImagePath, "any");
        IndexPng.Write(sample.MaskPath, width, height, ids);
        return new Fake([sample]);
    }

    private sealed class Fake(IReadOnlyList<SamplePair> samples) : SegmentationDataset(ClassList.Generic(2), samples);
}
