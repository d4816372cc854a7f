using System.Globalization;
using FastScnn.ML.Imaging;
using FastScnn.ML.Scoring;
using FastScnn.Testing;
using FastScnn.Torch.Data;

namespace FastScnn.ML.Tests.Images;

/// <summary>The valid, odd, corrupt and hostile images of <c>shared/odd-images</c>, through the segmenter, the
/// trainer's decoder and the checker.</summary>
public class OddImageTests
{
    // What is said of those that are refused; all others are read.
    private static readonly Dictionary<string, string> s_refused = new()
    {
        ["png_corrupt/xs2n0g01.png"] = "begins with the bytes 89514E470D0A1A0A",
        ["png_corrupt/xs7n0g01.png"] = "a PNG with a damaged signature",
        ["png_corrupt/xlfn0g04.png"] = "a PNG with a damaged signature",
        ["png_corrupt/xc9n2c08.png"] = "begins as a PNG does, and cannot be decoded",
        ["png_corrupt/xd3n2c08.png"] = "begins as a PNG does, and cannot be decoded",
        ["png_corrupt/xdtn0g01.png"] = "begins as a PNG does, and cannot be decoded",
        ["png_corrupt/xcsn0g01.png"] = "damaged pixels",
        ["png_corrupt/x_unexpected_eof.png"] = "IEND at its end is missing",
        ["png_corrupt/x_ihdr_missing.png"] = "IEND at its end is missing",
        ["png_corrupt/badadler.png"] = "its pixels end early",
        ["png_corrupt/huge_iCCP_chunk.png"] = "IEND at its end is missing",
        ["png_misc/truncated_image.png"] = "IEND at its end is missing",
        ["png_misc/truncated_end_chunk.png"] = "IEND at its end is missing",
        ["png_misc/broken_data_stream.png"] = "IEND at its end is missing",
        ["png_misc/broken.png"] = "a PNG that is cut short",
        ["jpeg/jpeg_lossless_sel1.jpg"] = "a lossless JPEG",
        ["jpeg/empty.jpg"] = "is empty",
        ["jpeg/null_height.jpg"] = "begins as a JPEG does, and cannot be decoded",
        ["jpeg/missing-sof.jpg"] = "its 8 bytes hold no whole header",
        ["bombs/header_100000x100000_rgb.png"] = "100000 x 100000 pixels",
        ["bombs/header_2147483647x1_gray.png"] = "2147483647 x 1 pixels",
        ["bombs/header_65536x65536_gray1.png"] = "65536 x 65536 pixels",
        ["bombs/real_20000x20000_gray.png"] = "20000 x 20000 pixels",
        ["bombs/zero_width.png"] = "whose header says 0 x ",
        ["bombs/zero_height.png"] = " x 0 pixels",
        ["truncated/image_first_00001.png"] = "cut short within the signature",
        ["truncated/image_first_00008.png"] = "a PNG that is cut short",
        ["truncated/image_first_00020.png"] = "a PNG that is cut short",
        ["truncated/image_first_03122.png"] = "IEND at its end is missing",
        ["truncated/image_first_06243.png"] = "IEND at its end is missing",
        ["truncated/image_first_00923.jpg"] = "its end marker is missing",
        ["misnamed/text.png"] = "a text that begins \"this is not an image\"",
        ["misnamed/empty.png"] = "is empty",
        ["misnamed/html_404.jpg"] = "an HTML page",
    };

    // Those of the header_ files and the bomb whose sides multiply to more than the limit.
    private const int TooLarge = 4;

    private static readonly FastScnnSegmenterOptions s_options = new() { Classes = ClassList.Generic(3) };

    private static IEnumerable<string> Files()
    {
        string manifest = Path.Combine(TestFiles.Root, "..", "shared", "odd-images", "MANIFEST.tsv");
        return File.Exists(manifest) ? File.ReadLines(manifest).Skip(1).Select(line => line.Split('\t')[0]) : [];
    }

    [Test]
    public void Each_is_read_or_refused_with_its_reason()
    {
        string manifest = TestFiles.Shared("odd-images", "MANIFEST.tsv");
        using var segmenter = FastScnnSegmenter.Load(Models.Tiny, s_options);
        var seen = new Dictionary<string, int>();
        Assert.Multiple(() =>
        {
            foreach (string[] row in File.ReadLines(manifest).Skip(1).Select(line => line.Split('\t')))
            {
                string outcome = Look(segmenter, row[0], TestFiles.Shared(["odd-images", .. row[0].Split('/')]),
                    other: row[5]);
                seen[outcome] = seen.GetValueOrDefault(outcome) + 1;
            }
        });
        Assert.That(seen["read"], Is.EqualTo(File.ReadLines(manifest).Count() - 1 - s_refused.Count));
        Assert.That(seen[nameof(ArgumentException)], Is.EqualTo(TooLarge), "over the limit of the segmenter");
        Assert.That(seen[nameof(InvalidDataException)], Is.EqualTo(s_refused.Count - TooLarge),
            "empty, of no known format, cut short or damaged");
        Assert.That(seen, Has.Count.EqualTo(3));
    }

    [Test]
    public void The_refused_ones_are_in_the_folder() =>
        Assert.That(s_refused.Keys, Is.SubsetOf(Files().Any() ? Files() : s_refused.Keys));

    [Test]
    public void No_refusal_takes_much_memory()
    {
        string folder = TestFiles.Shared("odd-images");
        using var segmenter = FastScnnSegmenter.Load(Models.Tiny, s_options);
        long peak = PeakMemory.While(() =>
        {
            foreach (string file in s_refused.Keys)
                Assert.That(() => segmenter.Segment(Path.Combine(folder, file)),
                    Throws.TypeOf<InvalidDataException>().Or.TypeOf<ArgumentException>());
        });
        Assert.That(peak, Is.LessThan(100 << 20));
    }

    // The other reader's result begins "OK PNG RGB 32x32" where it has one.
    private static string Look(FastScnnSegmenter segmenter, string name, string path, string other)
    {
        if (!s_refused.TryGetValue(name, out string? reason))
        {
            try
            {
                SegmentationMap map = segmenter.Segment(path);
                using FileStream stream = File.OpenRead(path);
                PixelBuffer image = ImageDecoder.Decode(stream);
                Assert.That((image.Width, image.Height), Is.EqualTo((map.Width, map.Height)), name);
                if (other.StartsWith("OK", StringComparison.Ordinal))
                    Assert.That(other,
                        Does.Contain(string.Create(CultureInfo.InvariantCulture, $" {map.Width}x{map.Height}")), name);
                Assert.That(Check(path).Faults, Is.Empty, name);
                return "read";
            }
            catch (Exception e) when (e is InvalidDataException or ArgumentException)
            {
                Assert.Fail($"{name}: {e.Message}");
                return e.GetType().Name;
            }
        }
        Exception refusal = Assert.Catch(() => segmenter.Segment(path), name)!;
        Assert.That(refusal.Message, Does.Contain(path).And.Contain(reason), name);
        Assert.That(refusal, Is.TypeOf<InvalidDataException>().Or.TypeOf<ArgumentException>(), name);
        Assert.That(Check(path).Faults, Has.Count.EqualTo(1).And.All.Contains(path).And.All.Contains(reason), name);
        return refusal.GetType().Name;
    }

    private static DatasetReport Check(string image)
    {
        (int width, int height) = (1, 1);
        try
        {
            using var decoded = ImageDecoder.Read(image);
            (width, height) = (decoded.Width, decoded.Height);
        }
        catch (InvalidDataException)
        {
        }
        string label = Path.Combine(TestFiles.NewFolder(), "label.png");
        IndexPng.Write(label, width, height, new byte[width * height]);
        return new OnePair(image, label).Check(ImageDecoder.Decode);
    }
}

/// <summary>A data set of one pair.</summary>
internal sealed class OnePair(string image,
    string label) : SegmentationDataset(ClassList.Generic(2), [new SamplePair("one", image, label)]);
