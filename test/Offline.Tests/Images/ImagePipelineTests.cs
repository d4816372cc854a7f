using FastScnn.Testing;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;
using static Microsoft.ML.Transforms.Image.ImagePixelExtractingEstimator;
using static Microsoft.ML.Transforms.Image.ImageResizingEstimator;

namespace FastScnn.Offline.Tests.Images;

public class ImagePipelineTests
{
    private sealed class PathRow
    {
        public string Path { get; set; } = "";
    }

    /// <summary>Four pixels wide, two high.</summary>
    private sealed class ImageRow
    {
        [ImageType(2, 4)]
        public MLImage? Image { get; set; }
    }

    private sealed class SmallImageRow
    {
        [ImageType(1, 2)]
        public MLImage? Small { get; set; }
    }

    private sealed class UnsizedRow
    {
        [ImageType]
        public MLImage? Image { get; set; }
    }

    private static readonly byte[] _red = [0, 0, 255, 255];
    private static readonly byte[] _green = [0, 255, 0, 255];
    private static readonly byte[] _blue = [255, 0, 0, 255];

    [Test]
    public void LoadImages_reads_files_and_disposes_the_image_before()
    {
        var context = new MLContext();
        string folder = PhotoFolder();
        IDataView data = context.Data.LoadFromEnumerable(new[] { new PathRow { Path = "a.png" }, new PathRow { Path = "b.png" }, new PathRow() });
        IDataView images = context.Transforms.LoadImages("Image", folder, "Path").Fit(data).Transform(data);
        Assert.That(images.Schema["Image"].Type, Is.EqualTo(new ImageDataViewType()));

        using DataViewRowCursor cursor = images.GetRowCursor(images.Schema);
        ValueGetter<MLImage> getter = cursor.GetGetter<MLImage>(images.Schema["Image"]);
        MLImage image = null!;
        cursor.MoveNext();
        getter(ref image);
        MLImage first = image;
        Assert.Multiple(() =>
        {
            Assert.That((first.Width, first.Height), Is.EqualTo((4, 2)));
            Assert.That(first.Tag, Is.EqualTo(Path.Combine(folder, "a.png")));
        });
        cursor.MoveNext();
        getter(ref image);
        Assert.Multiple(() =>
        {
            Assert.Throws<InvalidOperationException>(() => _ = first.Width);
            Assert.That((image.Width, image.Height), Is.EqualTo((2, 1)));
        });
        cursor.MoveNext();
        getter(ref image);
        Assert.That(image, Is.Null, "an empty path");
    }

    [Test]
    public void LoadImages_refuses_an_absent_folder_and_a_column_that_is_no_text()
    {
        var context = new MLContext();
        IDataView data = context.Data.LoadFromEnumerable(new[] { new ImageRow() });
        Assert.Multiple(() =>
        {
            Assert.Throws<ArgumentException>(() => context.Transforms.LoadImages("Image", Path.Combine(TestFiles.NewFolder(), "absent"), "Path"));
            Assert.Throws<ArgumentOutOfRangeException>(() => context.Transforms.LoadImages("Other", null, "Image").Fit(data));
        });
    }

    [Test]
    public void An_absent_file_throws_when_its_row_is_read()
    {
        var context = new MLContext();
        IDataView data = context.Data.LoadFromEnumerable(new[] { new PathRow { Path = "absent.png" } });
        IDataView images = context.Transforms.LoadImages("Image", PhotoFolder(), "Path").Fit(data).Transform(data);
        using DataViewRowCursor cursor = images.GetRowCursor(images.Schema);
        ValueGetter<MLImage> getter = cursor.GetGetter<MLImage>(images.Schema["Image"]);
        cursor.MoveNext();
        Assert.Throws<FileNotFoundException>(() =>
        {
            MLImage image = null!;
            getter(ref image);
        });
    }

    [Test]
    public void Images_collected_in_a_list_are_disposed()
    {
        var context = new MLContext();
        IDataView data = context.Data.LoadFromEnumerable(new[] { new PathRow { Path = "a.png" }, new PathRow { Path = "c.png" } });
        IDataView images = context.Transforms.LoadImages("Small", PhotoFolder(), "Path")
            .Append(context.Transforms.ResizeImages("Small", 2, 1, resizing: ResizingKind.Fill)).Fit(data).Transform(data);
        List<SmallImageRow> rows = context.Data.CreateEnumerable<SmallImageRow>(images, reuseRowObject: false, ignoreMissingColumns: true).ToList();
        Assert.Throws<InvalidOperationException>(() => _ = rows[0].Small!.Width);

        var widths = new List<int>();
        foreach (SmallImageRow row in context.Data.CreateEnumerable<SmallImageRow>(images, reuseRowObject: false, ignoreMissingColumns: true))
            widths.Add(row.Small!.Width);
        Assert.That(widths, Is.EqualTo(new[] { 2, 2 }), "read one by one");
    }

    [TestCase(4, 2, new[] { 0, 2 }, TestName = "Fill: a tie takes the lower pixel")]
    [TestCase(4, 1, new[] { 1 }, TestName = "Fill: one of four")]
    [TestCase(7, 2, new[] { 1, 5 }, TestName = "Fill: nearest, not averaged")]
    [TestCase(10, 4, new[] { 1, 3, 6, 8 }, TestName = "Fill: nearest and ties")]
    [TestCase(3, 5, new[] { 0, 0, 1, 2, 2 }, TestName = "Fill: enlarging")]
    [TestCase(4, 8, new[] { 0, 0, 1, 1, 2, 2, 3, 3 }, TestName = "Fill: twice as large")]
    public void Fill_takes_the_nearest_pixel(int from, int to, int[] expected)
    {
        byte[] blues = [.. Enumerable.Range(0, from).SelectMany(i => new byte[] { (byte)i, 0, 0, 255 })];
        using MLImage row = MLImage.CreateFromPixels(from, 1, MLPixelFormat.Bgra32, blues);
        using MLImage column = MLImage.CreateFromPixels(1, from, MLPixelFormat.Bgra32, blues);
        using MLImage columns = Resize(row, to, 1, ResizingKind.Fill);
        using MLImage rows = Resize(column, 1, to, ResizingKind.Fill);
        Assert.Multiple(() =>
        {
            Assert.That(Blues(columns), Is.EqualTo(expected));
            Assert.That(Blues(rows), Is.EqualTo(expected));
        });
    }

    [Test]
    public void Fill_keeps_a_red_first_image_red_first()
    {
        using MLImage row = MLImage.CreateFromPixels(3, 1, MLPixelFormat.Rgba32, [1, 2, 3, 255, 4, 5, 6, 255, 7, 8, 9, 255]);
        using MLImage middle = Resize(row, 1, 1, ResizingKind.Fill);
        Assert.Multiple(() =>
        {
            Assert.That(middle.PixelFormat, Is.EqualTo(MLPixelFormat.Rgba32));
            Assert.That(middle.Pixels.ToArray(), Is.EqualTo(new byte[] { 4, 5, 6, 255 }));
        });
    }

    [Test]
    public void Padding_centres_the_image_on_black()
    {
        using MLImage image = Stripes(_blue, _blue, _blue, _blue);
        using MLImage padded = Resize(image, 4, 4, ResizingKind.IsoPad);
        byte[] bgr = padded.GetBGRPixels;
        for (int y = 0; y < 4; y++)
            for (int x = 0; x < 4; x++)
            {
                int at = (y * 4 + x) * 3;
                Assert.That(bgr[at], Is.EqualTo(y is 1 or 2 ? 255 : 0).Within(1), $"blue at {x},{y}");
                Assert.That(bgr[at + 2], Is.Zero, $"red at {x},{y}");
            }
    }

    [TestCase(Anchor.Left, true, false)]
    [TestCase(Anchor.Right, false, true)]
    [TestCase(Anchor.Center, true, true)]
    public void Cropping_keeps_the_anchored_side(Anchor anchor, bool leftIsRed, bool rightIsBlue)
    {
        using MLImage image = Stripes(_red, _red, _blue, _blue);
        using MLImage cropped = Resize(image, 2, 2, ResizingKind.IsoCrop, anchor);
        byte[] bgr = cropped.GetBGRPixels;
        // Mitchell's cubic blurs the edge between the halves; the pixel away from it keeps its colour.
        Assert.That((bgr[2] > 200, bgr[3] > 200), Is.EqualTo((leftIsRed, rightIsBlue)));
    }

    [Test]
    public void Resizing_keeps_the_tag_and_hands_on_an_image_of_the_right_size()
    {
        var context = new MLContext();
        using MLImage image = Stripes(_red, _green, _blue, _red);
        image.Tag = "street";
        IDataView data = context.Data.LoadFromEnumerable(new[] { new ImageRow { Image = image } });
        IDataView resized = context.Transforms.ResizeImages("Same", 4, 2, "Image")
            .Append(context.Transforms.ResizeImages("Small", 2, 1, "Image")).Fit(data).Transform(data);
        using DataViewRowCursor cursor = resized.GetRowCursor(resized.Schema);
        cursor.MoveNext();
        MLImage same = null!, small = null!;
        cursor.GetGetter<MLImage>(resized.Schema["Same"])(ref same);
        cursor.GetGetter<MLImage>(resized.Schema["Small"])(ref small);
        using (small)
        {
            Assert.Multiple(() =>
            {
                Assert.That(same, Is.SameAs(image));
                Assert.That(small.Tag, Is.EqualTo("street"));
                Assert.That(resized.Schema["Small"].Type, Is.EqualTo(new ImageDataViewType(1, 2)));
                Assert.That(resized.Schema["Small"].Type.ToString(), Is.EqualTo("Image<1, 2>"));
            });
        }
    }

    [TestCase(ColorBits.Rgb, ColorsOrder.ARGB, false, new byte[] { 1, 5, 2, 6, 3, 7 }, TestName = "ExtractPixels: planes of red, green, blue")]
    [TestCase(ColorBits.Rgb, ColorsOrder.ARGB, true, new byte[] { 1, 2, 3, 5, 6, 7 }, TestName = "ExtractPixels: interleaved")]
    [TestCase(ColorBits.Rgb, ColorsOrder.ABGR, true, new byte[] { 3, 2, 1, 7, 6, 5 }, TestName = "ExtractPixels: blue first")]
    [TestCase(ColorBits.All, ColorsOrder.AGBR, true, new byte[] { 255, 2, 3, 1, 255, 6, 7, 5 }, TestName = "ExtractPixels: with alpha")]
    [TestCase(ColorBits.Green, ColorsOrder.ARGB, false, new byte[] { 2, 6 }, TestName = "ExtractPixels: one colour")]
    public void ExtractPixels(ColorBits colors, ColorsOrder order, bool interleave, byte[] expected)
    {
        foreach (MLPixelFormat format in new[] { MLPixelFormat.Bgra32, MLPixelFormat.Rgba32 })
        {
            var context = new MLContext();
            byte[] pixels = format == MLPixelFormat.Rgba32 ? [1, 2, 3, 255, 5, 6, 7, 255] : [3, 2, 1, 255, 7, 6, 5, 255];
            IDataView data = context.Data.LoadFromEnumerable(new[] { new SmallImageRow { Small = MLImage.CreateFromPixels(2, 1, format, pixels) } });
            IDataView result = context.Transforms.ExtractPixels("Pixels", "Small", colors, order, interleave, outputAsFloatArray: false)
                .Fit(data).Transform(data);
            int planes = expected.Length / 2;
            Assert.That(((VectorDataViewType)result.Schema["Pixels"].Type).Dimensions, Is.EqualTo(interleave ? new[] { 1, 2, planes } : [planes, 1, 2]));
            Assert.That(DataViewReading.ReadVectors<byte>(result, "Pixels"), Is.EqualTo(new[] { expected }), format.ToString());
        }
    }

    [Test]
    public void ExtractPixels_subtracts_the_offset_then_scales()
    {
        var context = new MLContext();
        IDataView data = context.Data.LoadFromEnumerable(new[] { new SmallImageRow { Small = MLImage.CreateFromPixels(2, 1, MLPixelFormat.Rgba32, [10, 20, 30, 255, 40, 50, 60, 255]) } });
        IDataView result = context.Transforms.ExtractPixels("Pixels", "Small", offsetImage: 10, scaleImage: 0.5f).Fit(data).Transform(data);
        Assert.That(DataViewReading.ReadVectors<float>(result, "Pixels"), Is.EqualTo(new[] { new float[] { 0, 15, 5, 20, 10, 25 } }));
    }

    [Test]
    public void ExtractPixels_disposes_the_last_image_of_the_caller()
    {
        var context = new MLContext();
        MLImage image = Stripes(_red, _green, _blue, _red);
        IDataView data = context.Data.LoadFromEnumerable(new[] { new ImageRow { Image = image } });
        IDataView result = context.Transforms.ExtractPixels("Pixels", "Image").Fit(data).Transform(data);
        // All columns: where the image is among them the cursor is not split over threads.
        using (DataViewRowCursor cursor = result.GetRowCursor(result.Schema))
        {
            cursor.MoveNext();
            VBuffer<float> pixels = default;
            cursor.GetGetter<VBuffer<float>>(result.Schema["Pixels"])(ref pixels);
            Assert.That(image.Width, Is.EqualTo(4));
        }
        Assert.Throws<InvalidOperationException>(() => _ = image.Width);
    }

    [Test]
    public void ExtractPixels_wants_a_known_size_and_gets_no_other()
    {
        var context = new MLContext();
        IDataView paths = context.Data.LoadFromEnumerable(new[] { new PathRow { Path = "a.png" } });
        Assert.Throws<ArgumentOutOfRangeException>(() =>
            context.Transforms.LoadImages("Image", PhotoFolder(), "Path").Append(context.Transforms.ExtractPixels("Pixels", "Image")).Fit(paths));

        IDataView wrong = context.Data.LoadFromEnumerable(new[] { new SmallImageRow { Small = Stripes(_red, _green, _blue, _red) } });
        IDataView result = context.Transforms.ExtractPixels("Pixels", "Small").Fit(wrong).Transform(wrong);
        Assert.Throws<InvalidOperationException>(() => DataViewReading.ReadVectors<float>(result, "Pixels"));
    }

    [Test]
    public void A_saved_pipeline_gives_the_same_pixels()
    {
        var context = new MLContext();
        IDataView data = context.Data.LoadFromEnumerable(new[] { new PathRow { Path = "a.png" }, new PathRow { Path = "c.png" } });
        var model = context.Transforms.LoadImages("Image", PhotoFolder(), "Path")
            .Append(context.Transforms.ResizeImages("Image", 3, 3, resizing: ResizingKind.IsoCrop, cropAnchor: Anchor.Right))
            .Append(context.Transforms.ExtractPixels("Pixels", "Image", orderOfExtraction: ColorsOrder.ABGR, interleavePixelColors: true, offsetImage: 3, scaleImage: 2))
            .Fit(data);
        string zip = Path.Combine(TestFiles.NewFolder(), "model.zip");
        context.Model.Save(model, data.Schema, zip);
        ITransformer loaded = new MLContext().Model.Load(zip, out DataViewSchema schema);
        List<float[]> expected = DataViewReading.ReadVectors<float>(model.Transform(data), "Pixels");
        Assert.Multiple(() =>
        {
            Assert.That(schema.Select(column => column.Name), Is.EqualTo(new[] { "Path" }));
            Assert.That(expected[0], Is.Not.EqualTo(expected[1]));
            Assert.That(DataViewReading.ReadVectors<float>(loaded.Transform(data), "Pixels"), Is.EqualTo(expected));
        });
    }

    [Test]
    public void Image_types_are_equal_by_size()
    {
        Assert.Multiple(() =>
        {
            Assert.That(new ImageDataViewType(2, 4).Equals(new ImageDataViewType(2, 4)), Is.True);
            Assert.That(new ImageDataViewType(2, 4).Equals(new ImageDataViewType(4, 2)), Is.False);
            Assert.That(new ImageDataViewType().Equals(new ImageDataViewType(4, 2)), Is.False);
            Assert.That(new ImageDataViewType().ToString(), Is.EqualTo("Image"));
            Assert.Throws<ArgumentOutOfRangeException>(() => new ImageDataViewType(0, 4));
            Assert.Throws<ArgumentOutOfRangeException>(() => new ImageTypeAttribute(2, -1));
        });
    }

    [Test]
    public void An_image_type_attribute_without_sizes_throws() =>
        Assert.Catch<ArgumentException>(() => new MLContext().Data.LoadFromEnumerable(new[] { new UnsizedRow() }));

    private static MLImage Resize(MLImage image, int width, int height, ResizingKind resizing, Anchor anchor = Anchor.Center)
    {
        var context = new MLContext();
        IDataView data = context.Data.LoadFromEnumerable(new[] { new ImageRow { Image = image } });
        IDataView resized = context.Transforms.ResizeImages("Resized", width, height, "Image", resizing, anchor).Fit(data).Transform(data);
        using DataViewRowCursor cursor = resized.GetRowCursor(resized.Schema);
        cursor.MoveNext();
        MLImage result = null!;
        cursor.GetGetter<MLImage>(resized.Schema["Resized"])(ref result);
        return result;
    }

    private static int[] Blues(MLImage image) => [.. image.GetBGRPixels.Where((_, i) => i % 3 == 0).Select(blue => (int)blue)];

    private static MLImage Stripes(params byte[][] columns) =>
        MLImage.CreateFromPixels(columns.Length, 2, MLPixelFormat.Bgra32, (byte[])[.. columns.SelectMany(c => c), .. columns.SelectMany(c => c)]);

    private static string PhotoFolder()
    {
        string folder = TestFiles.NewFolder();
        using (MLImage a = Stripes(_red, _green, _blue, _red))
            a.Save(Path.Combine(folder, "a.png"));
        using (MLImage b = MLImage.CreateFromPixels(2, 1, MLPixelFormat.Bgra32, (byte[])[.. _red, .. _blue]))
            b.Save(Path.Combine(folder, "b.png"));
        using (MLImage c = Stripes(_blue, _blue, _green, _green))
            c.Save(Path.Combine(folder, "c.png"));
        return folder;
    }
}
