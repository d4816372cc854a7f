using FastScnn.Testing;
using FastScnn.Torch.Data;

namespace FastScnn.Torch.Tests.Data;

/// <summary>What a label means that is no plain index PNG: no channel is dropped, no contradiction passes in
/// silence.</summary>
public class MaskKindTests
{
    private const int Pixels = ObjectFolder.Width * ObjectFolder.Height, Object = ObjectFolder.ObjectPixels;

    private static DatasetReport Report(string root, FolderDatasetOptions? options = null) =>
        SegmentationDataset.FromFolder(root, "val", (options ?? new()) with { AllowUnpaired = true }).CheckMasks();

    private static (long Background, long Object, long Ignored) Counts(DatasetReport report) =>
        (report.ClassPixels[0] / 3, report.ClassPixels[1] / 3, report.IgnoredPixels / 3);

    [Test]
    public void A_binary_mask_whose_255_is_ignored_is_told_with_the_option_that_maps_it()
    {
        string root = ObjectFolder.Write(ObjectFolder.Grey(0, 255));
        DatasetReport report = Report(root);
        Assert.That(Counts(report), Is.EqualTo((Pixels - Object, 0, Object)));
        Assert.That(report.ScoreWarnings.Single(),
            Does.Contain("neither learned nor scored: object").And.Contain(
                $"{3 * Object} pixels (20.3 %) are ignored (255)").And.Contain(
                    "FolderDatasetOptions.LabelRanges 0:0,255:1"));

        report = Report(root, new() { LabelRanges = [(0, 0, 0), (255, 255, 1)] });
        Assert.That(Counts(report), Is.EqualTo((Pixels - Object, Object, 0)));
        Assert.That(report.Warnings, Is.Empty);
    }

    [TestCase(RawPng.Rgba, 8, new[] { 0, 255, 0, 0 }, new[] { 0, 255, 0, 255 })]
    [TestCase(RawPng.GreyAlpha, 8, new[] { 1, 0 }, new[] { 1, 255 })]
    [TestCase(RawPng.GreyAlpha, 16, new[] { 1, 0 }, new[] { 1, 65535 })]
    public void Pixels_of_no_opacity_are_ignored_and_counted(byte kind, int depth, int[] background, int[] foreground)
    {
        DatasetReport report = Report(ObjectFolder.Write(ObjectFolder.Channels(kind, background, foreground, depth)));
        Assert.That(Counts(report), Is.EqualTo((0, Object, Pixels - Object)));
        Assert.That(report.ScoreWarnings,
            Has.Some.Contains(
                $"{3 * (Pixels - Object)} pixels of 3 masks are transparent (alpha 0)").And.Some.Contains(
                    "scored: background"));
    }

    [TestCase(RawPng.Rgba, 8, new[] { 255, 0, 0, 255 }, new[] { 0, 255, 0, 254 })]
    [TestCase(RawPng.Rgba, 8, new[] { 255, 0, 0, 255 }, new[] { 0, 255, 0, 1 })]
    [TestCase(RawPng.Rgba, 8, new[] { 0, 0, 0, 255 }, new[] { 1, 1, 1, 128 })]
    [TestCase(RawPng.GreyAlpha, 8, new[] { 0, 255 }, new[] { 1, 128 })]
    [TestCase(RawPng.GreyAlpha, 16, new[] { 0, 65535 }, new[] { 1, 65534 })]
    public void Pixels_of_partial_opacity_are_refused_or_ignored_as_asked(byte kind, int depth, int[] background,
        int[] foreground)
    {
        string root = ObjectFolder.Write(ObjectFolder.Channels(kind, background, foreground, depth));
        Assert.That(() => SegmentationDataset.FromFolder(root, "val").ReadMask(0), Throws.TypeOf<InvalidDataException>()
            .With.Message.Contains("p0.png").And.Message.Contains(
                $"{Object} pixels are partly transparent").And.Message.Contains("IgnoreUnknownColors"));
        if (kind == RawPng.Rgba && background[0] == 0)
            return;
        DatasetReport report = Report(root, new() { IgnoreUnknownColors = true });
        Assert.That(Counts(report), Is.EqualTo((Pixels - Object, 0, Object)));
        Assert.That(report.ScoreWarnings, Has.Some.Contains($"{3 * Object} pixels of 3 masks are partly transparent"));
    }

    [Test]
    public void A_palette_that_marks_a_value_as_transparent_changes_no_index_and_is_told()
    {
        string root = ObjectFolder.Write((path, isObject) =>
            RawPng.Write(path, ObjectFolder.Width, ObjectFolder.Height, RawPng.Palette, 8,
                (x, y) => [isObject(x, y) ? 1 : 0], [255, 0, 0, 0, 255, 0], [0]));
        DatasetReport report = Report(root);
        Assert.That(Counts(report), Is.EqualTo((Pixels - Object, Object, 0)));
        Assert.That(report.Warnings.Single(), Does.Contain("palette marks as transparent"));
        Assert.That(report.ScoreWarnings, Is.Empty);
    }

    [Test]
    public void A_palette_in_another_order_than_the_class_list_is_told_with_the_option_that_reads_it()
    {
        string root = ObjectFolder.Write((path, isObject) =>
            RawPng.Write(path, ObjectFolder.Width, ObjectFolder.Height, RawPng.Palette, 8,
                (x, y) => [isObject(x, y) ? 0 : 1], [0, 255, 0, 255, 0, 0]));
        DatasetReport report = Report(root);
        Assert.That(report.ScoreWarnings.Single(),
            Does.Contain($"contradict the class list on {3 * Pixels} pixels").And.Contain("MaskEncoding.Colors"));
        report = Report(root, new() { Encoding = MaskEncoding.Colors });
        Assert.That(Counts(report), Is.EqualTo((Pixels - Object, Object, 0)));
        Assert.That(report.Warnings, Is.Empty);
        Assert.That(Report(root, new() { Encoding = MaskEncoding.Values }).Warnings, Is.Empty,
            "the user has said that indices count");
    }

    [Test]
    public void One_index_in_the_color_of_another_class_is_enough()
    {
        // The other colour is of no class, as where a program has rounded it.
        string root = ObjectFolder.Write((path, isObject) =>
            RawPng.Write(path, ObjectFolder.Width, ObjectFolder.Height, RawPng.Palette, 8,
                (x, y) => [isObject(x, y) ? 0 : 1], [0, 255, 1, 255, 0, 0]));
        Assert.That(Report(root).ScoreWarnings.Single(),
            Does.Contain($"contradict the class list on {3 * (Pixels - Object)} pixels"));
    }

    [Test]
    public void Values_that_show_what_they_mean_are_told_with_the_option()
    {
        string root = ObjectFolder.Write((path, isObject) =>
            RawPng.Write(path, ObjectFolder.Width, ObjectFolder.Height, RawPng.Palette, 8,
                (x, y) => [isObject(x, y) ? 2 : 1], [0, 0, 0, 255, 0, 0, 0, 255, 0]));
        Assert.That(Report(root).Faults,
            Has.All.Contains("All colours of its palette are those of classes").And.All.Contains(
                "MaskEncoding.Colors"));
        Assert.That(Counts(Report(root, new() { Encoding = MaskEncoding.Colors })),
            Is.EqualTo((Pixels - Object, Object, 0)));
        root = ObjectFolder.Write((path, isObject) =>
            RawPng.Write(path, ObjectFolder.Width, ObjectFolder.Height, RawPng.Grey, 8,
                (x, y) => [isObject(x, y) ? 128 : 0]));
        Assert.That(Report(root).Faults,
            Has.All.Contains("Does 128 mean 'object'? Then give FolderDatasetOptions.LabelRanges 0:0,128:1."));
    }

    [Test]
    public void A_palette_in_the_order_of_the_class_list_or_of_other_colors_is_no_contradiction()
    {
        foreach (byte[] palette in new byte[][] { [255, 0, 0, 0, 255, 0], [1, 2, 3, 4, 5, 6], [0, 0, 0, 0, 255, 0] })
            Assert.That(Report(ObjectFolder.Write((path, isObject) =>
                RawPng.Write(path, ObjectFolder.Width, ObjectFolder.Height, RawPng.Palette, 8,
                    (x, y) => [isObject(x, y) ? 1 : 0], palette))).Warnings, Is.Empty, string.Join(',', palette));
    }

    [Test]
    public void Ids_in_three_equal_channels_are_read_as_ids()
    {
        DatasetReport report = Report(ObjectFolder.Write(ObjectFolder.Channels(RawPng.Rgb, [0, 0, 0], [1, 1, 1])));
        Assert.That(Counts(report), Is.EqualTo((Pixels - Object, Object, 0)));
        Assert.That(report.ScoreWarnings.Single(),
            Does.Contain("3 RGB masks hold three equal channels and are read as class ids"));
    }

    [Test]
    public void A_black_label_among_ids_in_three_channels_is_told()
    {
        string root = ObjectFolder.Write(ObjectFolder.Channels(RawPng.Rgb, [0, 0, 0], [1, 1, 1]));
        ObjectFolder.Channels(RawPng.Rgb, [0, 0, 0], [0, 0, 0])(ObjectFolder.Mask(root, "val", 1), (_, _) => false);
        Assert.That(Report(root).ScoreWarnings,
            Has.Some.Contains("1 others are black alone").And.Some.Contains("MaskEncoding.Values"));
        Assert.That(Report(root, new() { Encoding = MaskEncoding.Values }).ClassPixels,
            Is.EqualTo(new long[] { 3 * Pixels - 2 * Object, 2 * Object }));
    }

    [Test]
    public void Equal_channels_that_are_colors_of_classes_are_colors()
    {
        string root = ObjectFolder.Write(ObjectFolder.Channels(RawPng.Rgb, [255, 255, 255], [0, 0, 0]),
            ([255, 255, 255], [0, 0, 0]));
        Assert.That(Counts(Report(root)), Is.EqualTo((Pixels - Object, Object, 0)));
        // 1 is no colour, and 0 is class 0 by value and class 1 by colour.
        root = ObjectFolder.Write(ObjectFolder.Channels(RawPng.Rgb, [1, 1, 1], [0, 0, 0]),
            ([255, 255, 255], [0, 0, 0]));
        Assert.That(() => SegmentationDataset.FromFolder(root, "val").ReadMask(0),
            Throws.TypeOf<InvalidDataException>().With.Message.Contains(
                "0 is 'background' as a stored value and 'object' as a colour"));
    }

    [Test]
    public void Channels_that_differ_are_no_values()
    {
        string root = ObjectFolder.Write(ObjectFolder.Channels(RawPng.Rgb, [0, 0, 0], [1, 2, 1]));
        Assert.That(() => SegmentationDataset.FromFolder(root, "val", new() { Encoding = MaskEncoding.Values })
            .ReadMask(0),
            Throws.TypeOf<InvalidDataException>().With.Message.Contains("MaskEncoding.Colors"));
    }

    [Test]
    public void Soft_edges_are_named_and_ranges_read_them()
    {
        string root = ObjectFolder.Write(Soft(8, 1));
        Assert.That(() => SegmentationDataset.FromFolder(root, "val").ReadMask(0), Throws.TypeOf<InvalidDataException>()
            .With.Message.Contains("anti-aliasing").And.Message.Contains("60 on 200 pixels").And.Message.Contains(
                "LabelRanges 0-127:0,128-255:1"));
        Assert.That(Report(root, new() { LabelRanges = [(0, 127, 0), (128, 255, 1)] }).Faults, Is.Empty);
    }

    [Test]
    public void Values_of_16_bits_have_ranges_too()
    {
        string root = ObjectFolder.Write(Soft(16, 257));
        Assert.That(() => SegmentationDataset.FromFolder(root, "val").ReadMask(0),
            Throws.TypeOf<InvalidDataException>().With.Message.Contains("65535 on ").And.Message.Contains(
                "LabelRanges 0-32767:0,32768-65535:1"));
        Assert.That(Counts(Report(root, new() { LabelRanges = [(0, 30000, 0), (30001, 65535, 1)] })).Object,
            Is.EqualTo(Object));
    }

    [Test]
    public void Ids_of_another_data_set_are_no_soft_edges()
    {
        string root = ObjectFolder.Write(ObjectFolder.Grey(0, 7));
        Assert.That(() => SegmentationDataset.FromFolder(root, "val").ReadMask(0),
            Throws.TypeOf<InvalidDataException>().With.Message.Contains(
                $"7 on {Object} pixels").And.Message.Not.Contains("anti-aliasing"));
    }

    [Test]
    public void Soft_edges_between_colors_are_named_too()
    {
        string root = ObjectFolder.Write((path, isObject) =>
            RawPng.Write(path, ObjectFolder.Width, ObjectFolder.Height, RawPng.Rgb, 8, (x, y) =>
            !isObject(x, y) ? [255, 0, 0]
                : isObject(x - 1, y) && isObject(x + 1, y) && isObject(x, y - 1) && isObject(x, y + 1) ? [0, 255, 0]
                    : [128, 127, 0]));
        Assert.That(() => SegmentationDataset.FromFolder(root, "val").ReadMask(0),
            Throws.TypeOf<InvalidDataException>().With.Message.Contains("128,127,0 on 196 pixels").And.Message.Contains(
                "anti-aliasing"));
    }

    [Test]
    public void Colors_of_no_class_are_refused_or_ignored_and_counted()
    {
        string root = ObjectFolder.Write((path, isObject) =>
            RawPng.Write(path, ObjectFolder.Width, ObjectFolder.Height, RawPng.Rgb, 8,
                (x, y) => y < 5 ? [1, 2, 3] : isObject(x, y) ? [0, 255, 0] : [255, 0, 0]));
        Assert.That(() => SegmentationDataset.FromFolder(root, "val").ReadMask(0),
            Throws.TypeOf<InvalidDataException>().With.Message.Contains("1,2,3 on 640 pixels").And.Message.Contains(
                "IgnoreUnknownColors"));
        DatasetReport report = Report(root, new() { IgnoreUnknownColors = true });
        Assert.That(Counts(report), Is.EqualTo((Pixels - Object - 640, Object, 640)));
        Assert.That(report.ScoreWarnings.Single(), Does.Contain("1,2,3 on 1920 pixels"));
    }

    [Test]
    public void Ranges_that_make_no_sense_are_refused()
    {
        ClassList classes = ClassList.Generic(2);
        Assert.That(() => LabelMapping.FromRanges(classes, [new(0, 10, 0), new(10, 20, 1)]),
            Throws.ArgumentException.With.Message.Contains("10 twice"));
        Assert.That(() => LabelMapping.FromRanges(classes, [new(9, 3, 0)]),
            Throws.ArgumentException.With.Message.Contains("9-3:0"));
        Assert.That(() => LabelMapping.FromRanges(classes, [new(0, 65536, 0)]),
            Throws.ArgumentException.With.Message.Contains("65535"));
        Assert.That(() => LabelMapping.FromRanges(classes, [new(0, 3, 2)]),
            Throws.ArgumentException.With.Message.Contains("0-3").And.Message.Contains("id 2"));
        string root = ObjectFolder.Write(ObjectFolder.Grey(0, 1));
        Assert.That(() => SegmentationDataset.FromFolder(root, "val",
            new() { LabelRanges = [(0, 0, 0)], LabelMap = new Dictionary<byte, byte> { [0] = 0 } }),
            Throws.ArgumentException);
        Assert.That(() => SegmentationDataset.FromFolder(root, "val",
            new() { LabelRanges = [(0, 0, 0)], ReduceZeroLabel = true }),
            Throws.ArgumentException);
    }

    // An object with an edge of two half-tones.
    private static Action<string, Func<int, int, bool>> Soft(int depth, int factor) => (path, isObject) =>
        RawPng.Write(path, ObjectFolder.Width, ObjectFolder.Height, RawPng.Grey, depth,
            (x, y) => [factor * Ring(x, y, isObject)]);

    private static int Ring(int x, int y, Func<int, int, bool> isObject)
    {
        if (!isObject(x, y))
            return (x, y) is ( >= 39 and < 91, >= 19 and < 71)
                && (isObject(x - 1, y) || isObject(x + 1, y) || isObject(x, y - 1) || isObject(x, y + 1)) ? 60 : 0;
        return isObject(x - 1, y) && isObject(x + 1, y) && isObject(x, y - 1) && isObject(x, y + 1) ? 255 : 150;
    }
}
