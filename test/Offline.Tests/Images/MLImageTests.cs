using FastScnn.Testing;
using Microsoft.ML.Data;

namespace FastScnn.Offline.Tests.Images;

/// <summary>The public face of MLImage.</summary>
public class MLImageTests
{
    [TestCase(MLPixelFormat.Bgra32)]
    [TestCase(MLPixelFormat.Rgba32)]
    public void Pixels_are_kept_as_given(MLPixelFormat format)
    {
        byte[] pixels = [1, 2, 3, 255, 4, 5, 6, 255];
        using MLImage image = MLImage.CreateFromPixels(2, 1, format, pixels);
        byte[] bgr = format == MLPixelFormat.Bgra32 ? [1, 2, 3, 4, 5, 6] : [3, 2, 1, 6, 5, 4];
        Assert.Multiple(() =>
        {
            Assert.That(image.PixelFormat, Is.EqualTo(format));
            Assert.That(image.Pixels.ToArray(), Is.EqualTo(pixels));
            Assert.That(image.GetBGRPixels, Is.EqualTo(bgr));
            Assert.That((image.Width, image.Height, image.BitsPerPixel), Is.EqualTo((2, 1, 32)));
            Assert.That(image.Tag, Is.Null);
        });
    }

    [TestCase(0, 1, MLPixelFormat.Bgra32)]
    [TestCase(1, -1, MLPixelFormat.Bgra32)]
    [TestCase(1, 1, MLPixelFormat.Unknown)]
    [TestCase(2, 1, MLPixelFormat.Bgra32)]
    public void Wrong_arguments_are_refused(int width, int height, MLPixelFormat format) =>
        Assert.Throws<ArgumentException>(() => MLImage.CreateFromPixels(width, height, format, new byte[4]));

    [Test]
    public void What_is_no_image_is_refused()
    {
        using var text = new MemoryStream("not an image"u8.ToArray());
        using var empty = new MemoryStream();
        Assert.Multiple(() =>
        {
            Assert.Throws<ArgumentException>(() => MLImage.CreateFromStream(text));
            Assert.Throws<ArgumentException>(() => MLImage.CreateFromStream(empty));
            Assert.Throws<ArgumentException>(() => MLImage.CreateFromFile(Path.Combine(TestFiles.NewFolder(), "absent.png")));
            Assert.Throws<ArgumentNullException>(() => MLImage.CreateFromStream(null!));
            Assert.Throws<ArgumentNullException>(() => MLImage.CreateFromFile(null!));
        });
    }

    [Test]
    public void A_disposed_image_throws()
    {
        MLImage image = MLImage.CreateFromPixels(1, 1, MLPixelFormat.Bgra32, new byte[4]);
        image.Dispose();
        image.Dispose();
        Assert.Multiple(() =>
        {
            Assert.Throws<InvalidOperationException>(() => _ = image.Width);
            Assert.Throws<InvalidOperationException>(() => _ = image.Height);
            Assert.Throws<InvalidOperationException>(() => _ = image.Pixels.Length);
            Assert.Throws<InvalidOperationException>(() => _ = image.GetBGRPixels);
            Assert.Throws<InvalidOperationException>(() => _ = image.PixelFormat);
            Assert.Throws<InvalidOperationException>(() => _ = image.BitsPerPixel);
            Assert.Throws<InvalidOperationException>(() => _ = image.Tag);
            Assert.Throws<InvalidOperationException>(() => image.Tag = "x");
            Assert.Throws<InvalidOperationException>(() => image.Save(Path.Combine(TestFiles.NewFolder(), "x.png")));
        });
    }

    [TestCase(MLPixelFormat.Bgra32)]
    [TestCase(MLPixelFormat.Rgba32)]
    public void Png_is_written_without_loss(MLPixelFormat format)
    {
        byte[] pixels = Gradient(37, 21);
        string path = Path.Combine(TestFiles.NewFolder(), "gradient.PNG");
        using MLImage written = MLImage.CreateFromPixels(37, 21, format, pixels);
        written.Save(path);
        using MLImage read = MLImage.CreateFromFile(path);
        Assert.Multiple(() =>
        {
            Assert.That((read.Width, read.Height), Is.EqualTo((37, 21)));
            Assert.That(read.GetBGRPixels, Is.EqualTo(written.GetBGRPixels));
        });
    }

    [Test]
    public void Png_keeps_alpha()
    {
        byte[] pixels = [25, 50, 100, 128, 0, 0, 0, 0, 9, 8, 7, 255];
        string path = Path.Combine(TestFiles.NewFolder(), "alpha.png");
        using (MLImage written = MLImage.CreateFromPixels(3, 1, MLPixelFormat.Bgra32, pixels))
            written.Save(path);
        using MLImage read = MLImage.CreateFromFile(path);
        Assert.That(read.Pixels.ToArray(), Is.EqualTo(pixels));
    }

    [TestCase(".jpg")]
    [TestCase(".jpeg")]
    public void Jpeg_is_written_with_little_loss(string extension)
    {
        string path = Path.Combine(TestFiles.NewFolder(), "gradient" + extension);
        using MLImage written = MLImage.CreateFromPixels(64, 48, MLPixelFormat.Rgba32, Gradient(64, 48));
        written.Save(path);
        using MLImage read = MLImage.CreateFromFile(path);
        byte[] expected = written.GetBGRPixels, actual = read.GetBGRPixels;
        Assert.That(File.ReadAllBytes(path)[..2], Is.EqualTo(new byte[] { 0xFF, 0xD8 }));
        Assert.That(actual, Has.Length.EqualTo(expected.Length));
        for (int i = 0; i < expected.Length; i++)
            Assert.That(actual[i], Is.EqualTo(expected[i]).Within(8), $"byte {i}");
    }

    [TestCase("picture")]
    [TestCase("picture.txt")]
    [TestCase("picture.bmp")]
    [TestCase("picture.gif")]
    public void Other_formats_are_not_written(string name)
    {
        using MLImage image = MLImage.CreateFromPixels(1, 1, MLPixelFormat.Bgra32, new byte[4]);
        string path = Path.Combine(TestFiles.NewFolder(), name);
        Assert.Throws<ArgumentException>(() => image.Save(path));
        Assert.That(File.Exists(path), Is.False);
    }

    private static byte[] Gradient(int width, int height)
    {
        byte[] pixels = new byte[width * height * 4];
        for (int i = 0; i < width * height; i++)
        {
            pixels[4 * i] = (byte)(i % width * 3);
            pixels[4 * i + 1] = (byte)(i / width * 4);
            pixels[4 * i + 2] = (byte)(200 - i % width);
            pixels[4 * i + 3] = 255;
        }
        return pixels;
    }
}
