using FastScnn.ML.Imaging;
using FastScnn.ML.Scoring;
using FastScnn.Testing;
using FastScnn.Torch.Data;

namespace FastScnn.ML.Tests.Images;

/// <summary>Every format that is read: whole, cut short, and claiming a huge image, through the segmenter, the
/// trainer's decoder and the checker.</summary>
public class MadeImageTests
{
    private const int Width = 60, Height = 40;

    private static readonly FastScnnSegmenterOptions s_options = new() { Classes = ClassList.Generic(3) };

    private static readonly IReadOnlyList<(string Name, byte[] File)> s_whole = MadeImages.Whole(Width, Height),
        s_claiming = MadeImages.Claiming(30_000);

    private readonly string _folder = TestFiles.NewFolder();

    private static IEnumerable<string> Names => s_whole.Select(image => image.Name);

    private static IEnumerable<TestCaseData> Cuts =>
        Names.SelectMany(_ => new[] { 10, 50, 90, 99 }, (name, percent) => new TestCaseData(name, percent));

    private static IEnumerable<string> Claims => s_claiming.Select(image => image.Name);

    [TestCaseSource(nameof(Names))]
    public void A_whole_image_is_read(string name)
    {
        byte[] file = s_whole.Single(image => image.Name == name).File;
        string path = Write(name, file);
        using var segmenter = FastScnnSegmenter.Load(Models.Tiny, s_options);
        SegmentationMap map = segmenter.Segment(path);
        PixelBuffer image = ImageDecoder.Decode(new MemoryStream(file));
        Assert.That((map.Width, map.Height, image.Width, image.Height), Is.EqualTo((Width, Height, Width, Height)));
        Assert.That(image.ToRgb24().Pixels.Span.IndexOfAnyExcept((byte)0), Is.GreaterThanOrEqualTo(0));
        Assert.That(segmenter.Segment(image).ClassIds.ToArray(), Is.EqualTo(map.ClassIds.ToArray()), "one decoder");
        Assert.That(image.HasTransparency, Is.EqualTo(name is "alpha.png" or "png.ico"));
        Assert.That(Check(path).Faults, Is.Empty);
    }

    [TestCaseSource(nameof(Cuts))]
    public void A_cut_image_is_a_named_fault(string name, int percent)
    {
        byte[] whole = s_whole.Single(image => image.Name == name).File, cut = whole[..(whole.Length * percent / 100)];
        string path = Write($"{percent}-{name}", cut);
        using var segmenter = FastScnnSegmenter.Load(Models.Tiny, s_options);
        Assert.That(() => segmenter.Segment(path),
            Throws.TypeOf<InvalidDataException>().With.Message.Contains(path).And.Message.Contains("cut short")
            .And.InnerException.Matches<ImageException>(image => image.Fault == ImageFault.Incomplete));
        Assert.That(() => segmenter.Segment(new MemoryStream(cut)),
            Throws.TypeOf<InvalidDataException>().With.Message.Contains("cut short"));
        Assert.That(() => ImageDecoder.Decode(new MemoryStream(cut)),
            Throws.TypeOf<InvalidDataException>().With.Message.Contains("cut short"));
        Assert.That(Check(path).Faults, Has.Count.EqualTo(1).And.All.Contains(path).And.All.Contains("cut short"));
    }

    [TestCaseSource(nameof(Names))]
    public void A_cut_image_is_taken_where_an_option_accepts_it(string name)
    {
        byte[] whole = MadeImages.Whole(240, 160).Single(image => image.Name == name).File;
        string path = Write("half-" + name, whole[..(whole.Length / 2)]);
        using var segmenter = FastScnnSegmenter.Load(Models.Tiny, s_options with { AcceptIncomplete = true });
        if (name.EndsWith(".ico", StringComparison.Ordinal))
            // The image in it is listed with its length, and the codec takes none that is shorter.
            Assert.That(() => segmenter.Segment(path),
                Throws.TypeOf<InvalidDataException>().With.Message.Contains("cut short"));
        else
            Assert.That(segmenter.Segment(path).ClassIds.Length, Is.EqualTo(240 * 160));
    }

    [TestCase("lossy.webp")]
    [TestCase("lossless.webp")]
    [TestCase("plain.gif")]
    [TestCase("plain.png")]
    [TestCase("baseline.jpg")]
    public void A_copy_of_full_length_that_was_never_filled_is_cut_short(string name)
    {
        byte[] whole = MadeImages.Whole(240, 160).Single(image => image.Name == name).File,
            copy = [.. whole[..(whole.Length * 6 / 10)], .. new byte[whole.Length - whole.Length * 6 / 10]];
        Assert.That(() => ImageDecoder.Decode(new MemoryStream(copy)), Throws.TypeOf<InvalidDataException>());
        Assert.That(() => ImageDecoder.Decode(new MemoryStream(whole)), Throws.Nothing);
    }

    [Test]
    public void An_icon_whose_largest_image_is_cut_gives_no_smaller_one()
    {
        byte[] small = MadeImages.Png(16, 16, 4, interlaced: false),
            large = MadeImages.Png(48, 48, 4, interlaced: false);
        byte[] Entry(int side, byte[] png, int offset) =>
        [
            (byte)side, (byte)side, 0, 0, 1, 0, 32, 0, .. BitConverter.GetBytes(png.Length),
            .. BitConverter.GetBytes(offset)
        ];
        byte[] icon = [0, 0, 1, 0, 2, 0, .. Entry(16, small, 38), .. Entry(48, large, 38 + small.Length), .. small,
            .. large];
        PixelBuffer whole = ImageDecoder.Decode(new MemoryStream(icon));
        Assert.That((whole.Width, whole.Height), Is.EqualTo((48, 48)));
        Assert.That(() => ImageDecoder.Decode(new MemoryStream(icon[..(icon.Length * 9 / 10)])),
            Throws.TypeOf<InvalidDataException>().With.Message.Contains("cut short"));
    }

    [TestCaseSource(nameof(Claims))]
    public void A_header_that_claims_too_much_is_refused_before_memory_is_taken(string name)
    {
        byte[] file = s_claiming.Single(image => image.Name == name).File;
        string path = Write(name, file),
            size = name.EndsWith(".webp", StringComparison.Ordinal) ? "16383 x 16383" : "30000 x 30000";
        using var segmenter = FastScnnSegmenter.Load(Models.Tiny, s_options);
        long peak = PeakMemory.While(() =>
        {
            Assert.That(() => segmenter.Segment(path),
                Throws.ArgumentException.With.Message.Contains(path).And.Message.Contains(size)
                .And.Message.Contains("67108864").And.Message.Contains("FastScnnSegmenterOptions.MaxPixels"));
            Assert.That(() => ImageDecoder.Decode(new MemoryStream(file)),
                Throws.TypeOf<InvalidDataException>().With.Message.Contains(size).And.Message.Contains("67108864"));
            Assert.That(Check(path).Faults, Has.Count.EqualTo(1).And.All.Contains(path).And.All.Contains(size));
        });
        Assert.That(peak, Is.LessThan(100 << 20), "bytes more than before");
    }

    // 8000 x 8000 pixels are within the limit, and no file of some hundred bytes holds them.
    [Test]
    public void A_header_within_the_limit_costs_no_memory_either_where_the_file_cannot_hold_it()
    {
        using var segmenter = FastScnnSegmenter.Load(Models.Tiny, s_options);
        foreach ((string name, byte[] file) in MadeImages.Claiming(8000))
        {
            string path = Write("8000-" + name, file);
            long peak = PeakMemory.While(() =>
                Assert.That(() => segmenter.Segment(path),
                    Throws.TypeOf<InvalidDataException>().With.Message.Contains(path), name));
            Assert.That(peak, Is.LessThan(100 << 20), name);
        }
    }

    // Their sides take one, two and three bytes in a WBMP.
    [TestCase(100)]
    [TestCase(16_000)]
    [TestCase(16_384)]
    public void The_side_of_a_claim_is_told(int side)
    {
        foreach ((string name, byte[] file) in MadeImages.Claiming(side))
            Assert.That(() => ImageDecoder.Read(new MemoryStream(file), name,
                new ImageDecoderOptions { MaxPixels = 99 * 99 }), Throws.TypeOf<InvalidDataException>()
                .With.Message.Contains(
                    $"{Math.Min(side, name.EndsWith(".webp", StringComparison.Ordinal) ? 16_383 : side)} pixels"),
                    name);
    }

    private string Write(string name, byte[] file)
    {
        string path = Path.Combine(_folder, name);
        File.WriteAllBytes(path, file);
        return path;
    }

    private DatasetReport Check(string image)
    {
        string label = Path.Combine(_folder, "label.png");
        IndexPng.Write(label, Width, Height, new byte[Width * Height]);
        return new OnePair(image, label).Check(ImageDecoder.Decode);
    }
}
