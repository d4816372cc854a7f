using FastScnn.ML.Tests.Transforms;
using FastScnn.Testing;
using FastScnn.Torch.Data;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;

namespace FastScnn.ML.Tests.MLNet;

/// <summary>How long ML.NET's images live, and how their pixels lie in memory.</summary>
public class ImageTests
{
    private readonly MLContext _context = new(seed: 1);

    // Transforms/FastScnnSegmentation.cs and Training/TrainingRows.cs hand the last image back and dispose none
    // themselves.
    [TestCase(false)]
    [TestCase(true)]
    public void A_stock_getter_disposes_the_image_that_it_is_given(bool resized)
    {
        var seen = new List<MLImage>();
        Read(resized, image =>
        {
            Assert.That((image!.Width, image.Height), Is.EqualTo(resized ? (8, 6) : (40, 33)));
            if (seen.Count > 0)
                Assert.That(() => seen[^1].Width, Throws.InvalidOperationException);
            seen.Add(image);
        }, "0.png", "1.png", "2.png");
        Assert.That(seen.Distinct().Count(), Is.EqualTo(3));
        // LoadImages disposes its last image with the cursor, and ResizeImages that of its source, but not its own.
        Assert.That(() => seen[^1].Width, resized ? Is.EqualTo(8) : Throws.InvalidOperationException);
    }

    // Training/TrainingRows.cs and Transforms/SegmentationDrawing.cs name an image by it.
    [TestCase(false)]
    [TestCase(true)]
    public void A_stock_image_has_the_path_of_its_file_as_its_tag(bool resized)
    {
        string? tag = null;
        string folder = Read(resized, image => tag = image!.Tag, "1.png");
        Assert.That(tag, Is.EqualTo(Path.Combine(folder, "1.png")));
    }

    // Transforms/FastScnnSegmentation.cs takes null for a row without an image.
    [Test]
    public void An_empty_path_gives_null()
    {
        var seen = new List<bool>();
        Read(false, image => seen.Add(image is null), "0.png", "", "1.png");
        Assert.That(seen, Is.EqualTo(new[] { false, true, false }));
    }

    // Training/DatasetView.cs and Transforms/SegmentationDrawing.cs dispose what the next step may have disposed.
    [Test]
    public void An_image_may_be_disposed_twice_and_then_has_no_pixels()
    {
        MLImage image = TestImages.Image(3, 2);
        image.Dispose();
        image.Dispose();
        Assert.That(() => image.Pixels.Length, Throws.InvalidOperationException);
    }

    // Imaging/MLImagePixels.cs gives the memory back to a pool.
    [Test]
    public void An_image_copies_the_pixels_that_it_is_made_of()
    {
        byte[] pixels = [1, 2, 3, 255, 4, 5, 6, 255];
        using MLImage image = MLImage.CreateFromPixels(2, 1, MLPixelFormat.Bgra32, pixels);
        Array.Fill(pixels, (byte)9);
        Assert.That(image.Pixels.ToArray(), Is.EqualTo(new byte[] { 1, 2, 3, 255, 4, 5, 6, 255 }));
    }

    // Imaging/SegmentationMap.cs takes what is not red first for blue first; Imaging/MLImagePixels.cs refuses what is
    // neither.
    [Test]
    public void Pixels_are_blue_first_or_red_first()
    {
        Assert.That(Enum.GetNames<MLPixelFormat>(), Is.EquivalentTo(new[] { "Unknown", "Bgra32", "Rgba32" }));
    }

    // Scoring/Kernels/PixelPlanes.cs and Imaging/SegmentationMap.cs go over rows of four bytes a pixel without gaps.
    [TestCase("iVBORw0KGgoAAAANSUhEUgAAAAMAAAABAQAAAAAzmykZAAAACklEQVR4nGNYAAAAogCh3I2xzAAAAABJRU5ErkJggg==",
        new byte[] { 255, 255, 255, 0, 0, 0, 255, 255, 255 },
        TestName = "Every_file_has_four_bytes_a_pixel(grey of one bit)")]
    [TestCase(
        "iVBORw0KGgoAAAANSUhEUgAAAAMAAAABBAMAAADpzgmHAAAACVBMVEUBAgMoMjz68OaIsJsxAAAAC0lEQVR42mNgVAAAACUAIumCh+UAAAAASUVORK5CYII=", new byte[] { 1, 2, 3, 40, 50, 60, 250, 240, 230 }, TestName = "Every_file_has_four_bytes_a_pixel(palette)")]
    [TestCase("iVBORw0KGgoAAAANSUhEUgAAAAIAAAABEAAAAACB2fwVAAAADUlEQVR42mMQMll9FgADDAG/sefUTQAAAABJRU5ErkJggg==",
        new byte[] { 0x12, 0x12, 0x12, 0xAB, 0xAB, 0xAB },
        TestName = "Every_file_has_four_bytes_a_pixel(grey of 16 bits)")]
    public void Every_file_has_four_bytes_a_pixel(string png, byte[] rgb)
    {
        using MLImage image = MLImage.CreateFromStream(new MemoryStream(Convert.FromBase64String(png)));
        byte[] pixels = image.Pixels.ToArray();
        int red = image.PixelFormat == MLPixelFormat.Rgba32 ? 0 : 2;
        Assert.That(pixels, Has.Length.EqualTo(4 * image.Width * image.Height));
        Assert.That(Enumerable.Range(0, image.Width)
            .SelectMany(x => new[] { pixels[4 * x + red], pixels[4 * x + 1], pixels[4 * x + 2 - red] }),
            Is.EqualTo(rgb).Within(1));
    }

    /// <summary>Looks at the image of each file as it is read, and gives the folder of the files.</summary>
    private string Read(bool resized, Action<MLImage?> look, params string[] files)
    {
        string folder = TestFiles.NewFolder();
        foreach (string file in files.Where(file => file.Length > 0))
        {
            using MLImage image = TestImages.Image(40, 33);
            image.Save(Path.Combine(folder, file));
        }
        IDataView data = _context.Data.LoadFromEnumerable(files.Select(file => new ImageFileRow { File = file })
            .ToArray());
        IEstimator<ITransformer> loading = _context.Transforms.LoadImages("Image", folder, nameof(ImageFileRow.File));
        if (resized)
            loading = loading.Append(_context.Transforms.ResizeImages("Image", 8, 6));
        loading.Fit(data).Transform(data).Select("Image", (MLImage? image) =>
        {
            look(image);
            return true;
        });
        return folder;
    }
}
