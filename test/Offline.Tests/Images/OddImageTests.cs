using System.Reflection;
using FastScnn.Testing;
using Microsoft.ML.Data;

namespace FastScnn.Offline.Tests.Images;

/// <summary>Valid, unusual, damaged and hostile files: an image or an exception, never a crash.</summary>
public class OddImageTests
{
    // The real package tries to allocate and fill these, up to 40 GB; the offline subset refuses them.
    private static readonly string[] _huge = ["header_100000x100000_rgb.png", "header_65536x65536_gray1.png", "real_20000x20000_gray.png"];

    [Test]
    public void Every_file_gives_an_image_or_an_exception()
    {
        bool offline = typeof(MLImage).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion
            .Contains("-offline", StringComparison.Ordinal);
        int images = 0, refused = 0;
        foreach (string path in Directory.EnumerateFiles(TestFiles.Shared("odd-images"), "*", SearchOption.AllDirectories))
        {
            if (_huge.Contains(Path.GetFileName(path)))
            {
                if (offline)
                    Assert.Throws<ArgumentException>(() => MLImage.CreateFromFile(path), path);
                continue;
            }
            try
            {
                using MLImage image = MLImage.CreateFromFile(path);
                Assert.That(image.Pixels.Length, Is.EqualTo(image.Width * image.Height * 4), path);
                images++;
            }
            catch (Exception e) when (e is not AssertionException)
            {
                Assert.That(e.Message, Is.Not.Empty, path);
                refused++;
            }
        }
        Assert.Multiple(() =>
        {
            Assert.That(images, Is.GreaterThan(60));
            Assert.That(refused, Is.GreaterThan(15));
        });
    }

    [TestCase("png_valid")]
    [TestCase("png_interlaced")]
    [TestCase("png_trns")]
    [TestCase("tiny")]
    [TestCase("misnamed")]
    public void Valid_files_have_the_size_that_their_list_tells(string folder)
    {
        int seen = 0;
        foreach (string[] row in File.ReadLines(TestFiles.Shared("odd-images", "MANIFEST.tsv")).Select(line => line.Split('\t')))
        {
            if (!row[0].StartsWith(folder + "/", StringComparison.Ordinal) || !row[5].StartsWith("OK", StringComparison.Ordinal))
                continue;
            string[] size = row[5].Split(' ')[3].Split('x');
            using MLImage image = MLImage.CreateFromFile(TestFiles.Shared("odd-images", row[0]));
            Assert.That((image.Width, image.Height), Is.EqualTo((int.Parse(size[0]), int.Parse(size[1]))), row[0]);
            seen++;
        }
        Assert.That(seen, Is.GreaterThan(1));
    }

    [TestCase("0g01")]
    [TestCase("0g08")]
    [TestCase("2c08")]
    [TestCase("3p01")]
    [TestCase("3p04")]
    [TestCase("3p08")]
    [TestCase("4a08")]
    [TestCase("6a08")]
    public void Interlaced_files_have_the_pixels_of_their_plain_twins(string kind)
    {
        using MLImage plain = MLImage.CreateFromFile(TestFiles.Shared("odd-images", "png_valid", $"basn{kind}.png"));
        using MLImage interlaced = MLImage.CreateFromFile(TestFiles.Shared("odd-images", "png_interlaced", $"basi{kind}.png"));
        Assert.That(interlaced.Pixels.SequenceEqual(plain.Pixels), Is.True);
    }

    [TestCase("bombs/header_2147483647x1_gray.png")]
    [TestCase("bombs/zero_width.png")]
    [TestCase("bombs/zero_height.png")]
    [TestCase("jpeg/null_height.jpg")]
    [TestCase("misnamed/html_404.jpg")]
    public void Impossible_sizes_and_other_content_are_refused(string name) =>
        Assert.Catch(() => MLImage.CreateFromFile(TestFiles.Shared(["odd-images", .. name.Split('/')])));
}
