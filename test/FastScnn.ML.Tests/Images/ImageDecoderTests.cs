using System.Diagnostics;
using System.IO.Compression;
using System.Text;
using FastScnn.ML.Imaging;
using FastScnn.ML.Quantization;
using FastScnn.ML.Scoring;
using FastScnn.Testing;
using FastScnn.Torch.Data;
using Microsoft.ML.Data;

namespace FastScnn.ML.Tests.Images;

/// <summary>Orientation, transparency, limits, what is no image, and what is no file.</summary>
public class ImageDecoderTests
{
    private static readonly FastScnnSegmenterOptions s_options = new() { Classes = ClassList.Generic(3) };

    private readonly string _folder = TestFiles.NewFolder();

    private static IEnumerable<TestCaseData> Orientations =>
        Enumerable.Range(1, 8).SelectMany(_ => new[] { "jpg", "png", "webp" },
            (orientation, format) => new TestCaseData((ImageOrientation)orientation, format));

    // 48 x 32: one side of each image is red, green or blue enough to tell how it lies.
    [TestCaseSource(nameof(Orientations))]
    public void Every_orientation_of_every_format_that_has_one_comes_upright(ImageOrientation orientation,
        string format)
    {
        byte[] plain = Tagged(format, ImageOrientation.TopLeft), tagged = Tagged(format, orientation);
        PixelBuffer stored = Decode(plain);
        int[][] rows =
        [
            .. Enumerable.Range(0, stored.Height)
                .Select(y => Enumerable.Range(0, stored.Width).Select(x => Pixel(stored, x, y)).ToArray())
        ];
        int[][] upright = Upright(rows, orientation);

        PixelBuffer told = Decode(tagged), turned = told.ToUpright();
        Assert.That((told.Orientation, told.Width, told.Height), Is.EqualTo((orientation, 48, 32)));
        Assert.That(told.ToRgb24().Pixels.ToArray(), Is.EqualTo(stored.ToRgb24().Pixels.ToArray()), "as stored");
        Assert.That((turned.Width, turned.Height),
            Is.EqualTo((upright[0].Length, upright.Length)).And.EqualTo(told.UprightSize));
        Assert.That(Enumerable.Range(0, turned.Height)
            .SelectMany(y => Enumerable.Range(0, turned.Width).Select(x => Pixel(turned, x, y))),
            Is.EqualTo(upright.SelectMany(row => row)));

        string path = Write($"{orientation}.{format}", tagged);
        using var segmenter = FastScnnSegmenter.Load(Models.Tiny, s_options);
        using var asStored = FastScnnSegmenter.Load(Models.Tiny, s_options with { ApplyOrientation = false });
        SegmentationMap map = segmenter.Segment(path);
        Assert.That((map.Width, map.Height), Is.EqualTo((turned.Width, turned.Height)));
        Assert.That(map.ClassIds.ToArray(), Is.EqualTo(segmenter.Segment(turned).ClassIds.ToArray()));
        Assert.That(segmenter.SegmentWithScores(new MemoryStream(tagged)).Map.ClassIds.ToArray(),
            Is.EqualTo(map.ClassIds.ToArray()));
        Assert.That(asStored.Segment(path).ClassIds.ToArray(),
            Is.EqualTo(segmenter.Segment(new MemoryStream(plain)).ClassIds.ToArray()));
        using MLImage image = ImageDecoder.Read(path);
        using MLImage overlay = map.Overlay(image);
        Assert.That((overlay.Width, overlay.Height), Is.EqualTo((turned.Width, turned.Height)));
        // What comes as an image is taken as it is.
        using MLImage taken = ImageDecoder.Read(path, new ImageDecoderOptions { ApplyOrientation = false });
        Assert.That(segmenter.Segment(taken).Width, Is.EqualTo(48));
    }

    [TestCase(48, 32, 6, false)]
    [TestCase(32, 48, 6, false)]
    [TestCase(48, 32, 3, true)]
    [TestCase(48, 32, 2, true)]
    public void The_checker_counts_images_whose_labels_do_not_show_how_they_were_drawn(int labelWidth, int labelHeight,
        int orientation, bool open)
    {
        string path = Write($"{labelWidth}-{orientation}.jpg", Tagged("jpg", (ImageOrientation)orientation)),
            label = Path.Combine(_folder, $"{labelWidth}.png");
        IndexPng.Write(label, labelWidth, labelHeight, new byte[48 * 32]);
        var data = new OnePair(path, label);
        DatasetReport report = data.Check(ImageDecoder.Decode);
        Assert.That(report.Faults, Is.Empty);
        Assert.That(report.Warnings.Count(text =>
            text.Contains("1 images have an EXIF orientation") && text.Contains(path)), Is.EqualTo(open ? 1 : 0));
        (PixelBuffer image, LabelMap labels) = data.Read(0, ImageDecoder.Decode);
        Assert.That((image.Width, image.Height, image.Orientation),
            Is.EqualTo((labels.Width, labels.Height, ImageOrientation.TopLeft)));
        PixelBuffer stored = Decode(File.ReadAllBytes(path));
        Assert.That(image.ToRgb24().Pixels.Span.SequenceEqual(stored.ToRgb24().Pixels.Span),
            Is.EqualTo((labelWidth, orientation) == (48, 6)), "turned unless only the stored size fits");
    }

    [Test]
    public void A_label_that_fits_neither_way_is_a_fault_with_both_sizes()
    {
        string path = Write("neither.jpg", Tagged("jpg", ImageOrientation.RightTop)),
            label = Path.Combine(_folder, "neither.png");
        IndexPng.Write(label, 7, 5, new byte[35]);
        Assert.That(new OnePair(path, label).Check(ImageDecoder.Decode).Faults,
            Has.Count.EqualTo(1).And.All.Contains("32 x 48").And.All.Contains("7 x 5"));
    }

    [Test]
    public void Transparent_pixels_are_blended_with_black_and_counted()
    {
        // Opaque, half and wholly transparent red.
        string path = Write("clear.png", MadeImages.Png(3, 1, 4, [200, 0, 0, 255, 200, 0, 0, 128, 200, 0, 0, 0])),
            label = Path.Combine(_folder, "clear-label.png");
        IndexPng.Write(label, 3, 1, new byte[3]);
        PixelBuffer image = Decode(File.ReadAllBytes(path));
        Assert.That(image.ToRgb24().Pixels.ToArray(), Is.EqualTo(new byte[] { 200, 0, 0, 100, 0, 0, 0, 0, 0 }));
        Assert.That(image.HasTransparency, Is.True);
        using MLImage loaded = MLImage.CreateFromFile(path);
        Assert.That(loaded.ToPixelBuffer().ToRgb24().Pixels.ToArray(), Is.EqualTo(image.ToRgb24().Pixels.ToArray()),
            "as LoadImages has it");
        Assert.That(new OnePair(path, label).Check(ImageDecoder.Decode).Warnings,
            Has.Some.Contains("1 images have transparent parts").And.Some.Contains(path));
        Assert.That(Decode(MadeImages.Png(1, 1, 4, [1, 2, 3, 255])).HasTransparency, Is.False,
            "an alpha channel that is opaque");
    }

    private static IEnumerable<TestCaseData> OtherFormats =>
    [
        new("II*\0\u0008\0\0\0", "a TIFF image"), new("MM\0*\0\0\0\u0008", "a TIFF image"),
        new("\0\0\0\u0018ftypheic\0\0\0\0", "an HEIC (HEIF) image"),
        new("\0\0\0\u001cftypavif\0\0\0\0", "an AVIF image"), new("\0\0\0\u0018ftypmp42\0\0\0\0", "an MP4"),
        new("\0\0\0\u000cjP  \r\n\u0087\n", "a JPEG 2000 image"),
        new("\u00ff\u004f\u00ff\u0051\0\u002f", "a JPEG 2000 image"),
        new("\0\0\0\u000cJXL \r\n\u0087\n", "a JPEG XL image"), new("%PDF-1.7\n", "a PDF document"),
        new("<!DOCTYPE html><html>", "an HTML page"),
        new("<?xml version=\"1.0\"?>\n<svg xmlns=\"http://www.w3.org/2000/svg\"/>", "an SVG drawing"),
        new("hello", "a text that begins \"hello\""),
        new("PK\u0003\u0004\u0014\0", "a ZIP archive"), new("8BPS\0\u0001", "a Photoshop document"),
        new("P6\n1 1\n255\nabc", "a Netpbm image"), new("\u001f\u008b\u0008\0", "a gzip archive"),
        new("version https://git-lfs.github.com/spec/v1\n", "a pointer of Git LFS"),
        new(new string('\0', 600), "filled with zeros"),
        new("BMW is a make of cars, says this text.", "a text that begins"),
        new("\u0093NUMPY\u0001\0", "a NumPy array"),
        new("\u0001\u0002\u0003\u0004\u0005", "begins with the bytes 0102030405"),
    ];

    [TestCaseSource(nameof(OtherFormats))]
    public void What_is_no_image_is_named_by_its_first_bytes(string content, string found)
    {
        byte[] file = Encoding.Latin1.GetBytes(content);
        string path = Write("other.jpg", file);
        using var segmenter = FastScnnSegmenter.Load(Models.Tiny, s_options);
        Assert.That(() => segmenter.Segment(path),
            Throws.TypeOf<InvalidDataException>().With.Message.Contains(found).And.Message.Contains(
                path).And.Message.Contains("JPEG, PNG, GIF, BMP, WebP, ICO and WBMP are read")
            .And.InnerException.Matches<ImageException>(image => image.Fault == ImageFault.UnknownFormat));
        Assert.That(() => ImageDecoder.Decode(new MemoryStream(file)),
            Throws.TypeOf<InvalidDataException>().With.Message.Contains(found));
    }

    [Test]
    public void The_extensions_that_count_are_those_of_the_formats_that_are_read()
    {
        Dictionary<string, string[]> extensions = new()
        {
            ["baseline.jpg"] = [".jpg", ".jpeg", ".jpe", ".jfif"],
            ["plain.png"] = [".png"],
            ["plain.gif"] = [".gif"],
            ["plain.bmp"] = [".bmp", ".dib"],
            ["lossy.webp"] = [".webp"],
            ["png.ico"] = [".ico", ".cur"],
            ["bits.wbmp"] = [".wbmp"],
        };
        Assert.That(ImageFiles.Extensions, Is.EquivalentTo(extensions.Values.SelectMany(list => list)));
        Assert.That(ImageFiles.Extensions.Intersect(ImageFiles.UnsupportedExtensions), Is.Empty);
        foreach ((string name, byte[] file) in MadeImages.Whole().Where(image => extensions.ContainsKey(image.Name)))
            foreach (string extension in extensions[name])
                using (MLImage image = ImageDecoder.Read(Write("named" + extension,
                    extension == ".cur" ? [0, 0, 2, .. file[3..]] : file)))
                    Assert.That((image.Width, image.Height), Is.EqualTo((60, 40)), extension);
    }

    [Test, Platform("Linux,MacOsX"), CancelAfter(30_000)]
    public void What_is_no_regular_file_is_refused_and_not_waited_for()
    {
        string pipe = Path.Combine(_folder, "pipe.jpg"), link = Path.Combine(_folder, "link.jpg"),
            label = Path.Combine(_folder, "pipe.png");
        foreach (string file in new[] { pipe, label })
            using (var process = Process.Start("mkfifo", [file]))
                process.WaitForExit();
        File.CreateSymbolicLink(link, pipe);
        using var segmenter = FastScnnSegmenter.Load(Models.Tiny, s_options);
        foreach (string path in new[] { pipe, link, "/dev/zero", "/dev/stdin" })
            Assert.That(() => segmenter.Segment(path),
                Throws.TypeOf<InvalidDataException>().With.Message.Contains(path).And.Message.Contains(
                    "not a regular file"), path);
        Assert.That(() => segmenter.Segment(_folder),
            Throws.TypeOf<FileNotFoundException>().With.Message.Contains("is a folder"));
        Assert.That(() => IndexPng.Read(label),
            Throws.TypeOf<InvalidDataException>().With.Message.Contains("not a regular file"));
        Assert.That(() => ClassList.Load(pipe),
            Throws.TypeOf<InvalidDataException>().With.Message.Contains("not a regular file"));
        Assert.That(new OnePair(pipe, label).Check(ImageDecoder.Decode).Faults,
            Has.Count.EqualTo(2).And.All.Contains("not a regular file"));
    }

    [Test]
    public void The_limit_is_the_same_everywhere()
    {
        Assert.That(
            new[] { new FastScnnSegmenterOptions().MaxPixels, new ImageDecoderOptions().MaxPixels,
                new QuantizationOptions().MaxPixels, new OnePair("a", "b").MaxPixels },
            Is.All.EqualTo(ImageFiles.DefaultMaxPixels));
        Assert.That(() => new ImageDecoderOptions { MaxPixels = 0 }, Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => ImageDecoder.Read(TestImages.Street, new() { MaxPixels = 480 * 360 - 1 }),
            Throws.TypeOf<InvalidDataException>()
            .With.Message.Contains("480 x 360").And.Message.Contains(
                "ImageDecoderOptions.MaxPixels").And.Message.Contains(TestImages.Street));
        using MLImage image = ImageDecoder.Read(TestImages.Street, new() { MaxPixels = 480 * 360 });
        Assert.That(image.Width, Is.EqualTo(480));
    }

    // A stream that cannot seek, as of a network.
    [Test]
    public void A_stream_is_read_from_where_it_is_and_stays_open()
    {
        byte[] file = MadeImages.Png(20, 10, 3, interlaced: false);
        var compressed = new MemoryStream();
        using (var gzip = new GZipStream(compressed, CompressionLevel.Fastest, leaveOpen: true))
            gzip.Write([1, 2, 3, .. file]);
        compressed.Position = 0;
        using var stream = new GZipStream(compressed, CompressionMode.Decompress);
        stream.ReadExactly(new byte[3]);
        using (MLImage image = ImageDecoder.Read(stream, "the upload"))
            Assert.That((image.Width, image.Height), Is.EqualTo((20, 10)));
        Assert.That(stream.CanRead, Is.True);
        Assert.That(() => ImageDecoder.Read(new MemoryStream(file[..40]), "the upload"),
            Throws.TypeOf<InvalidDataException>().With.Message.StartsWith("'the upload' is not read."));
    }

    private static byte[] Tagged(string format, ImageOrientation orientation)
    {
        const int Width = 48, Height = 32;
        var rgb = new byte[3 * Width * Height];
        for (int y = 0, p = 0; y < Height; y++)
            for (int x = 0; x < Width; x++, p += 3)
                (rgb[p], rgb[p + 1], rgb[p + 2]) = (x < 16 && y < 16 ? (byte)250 : (byte)20, (byte)(5 * x),
                    (byte)(7 * y));
        switch (format)
        {
            case "png":
                return MadeImages.Png(Width, Height, 3, rgb, false, ("eXIf", MadeImages.Exif((int)orientation)));
            case "webp":
                return MadeImages.WithExif(MadeImages.LosslessWebp(Width, Height), Width, Height,
                    MadeImages.Exif((int)orientation));
            default:
                byte[] jpeg = TestImages.Jpeg(Width, Height),
                    exif = [.. "Exif\0\0"u8, .. MadeImages.Exif((int)orientation)];
                return [0xFF, 0xD8, 0xFF, 0xE1, 0, (byte)(2 + exif.Length), .. exif, .. jpeg[2..]];
        }
    }

    // Of EXIF's definition, from turns and mirror images alone.
    private static int[][] Upright(int[][] rows, ImageOrientation orientation) => orientation switch
    {
        ImageOrientation.TopRight => Mirror(rows),
        ImageOrientation.BottomRight => Clockwise(Clockwise(rows)),
        ImageOrientation.BottomLeft => Clockwise(Clockwise(Mirror(rows))),
        ImageOrientation.LeftTop => Mirror(Clockwise(rows)),
        ImageOrientation.RightTop => Clockwise(rows),
        ImageOrientation.RightBottom => Clockwise(Mirror(rows)),
        ImageOrientation.LeftBottom => Clockwise(Clockwise(Clockwise(rows))),
        _ => rows,
    };

    private static int[][] Mirror(int[][] rows) => [.. rows.Select(row => row.Reverse().ToArray())];

    private static int[][] Clockwise(int[][] rows) =>
    [
        .. Enumerable.Range(0, rows[0].Length).Select(x => rows.Reverse().Select(row => row[x]).ToArray())
    ];

    private static int Pixel(PixelBuffer image, int x, int y)
    {
        ReadOnlySpan<byte> pixel = image.ToRgb24().Pixels.Span.Slice(3 * (y * image.Width + x), 3);
        return pixel[0] << 16 | pixel[1] << 8 | pixel[2];
    }

    private static PixelBuffer Decode(byte[] file) => ImageDecoder.Decode(new MemoryStream(file));

    private string Write(string name, byte[] file)
    {
        string path = Path.Combine(_folder, name);
        File.WriteAllBytes(path, file);
        return path;
    }
}
