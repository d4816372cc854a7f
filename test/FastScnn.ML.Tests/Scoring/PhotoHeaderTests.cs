using FastScnn.Testing;
using Microsoft.ML.Data;

namespace FastScnn.ML.Tests.Scoring;

public class PhotoHeaderTests
{
    [Test]
    public void SaysTheSizeThatTheDecoderFinds()
    {
        int compared = 0;
        foreach (string file in Directory.EnumerateFiles(TestFiles.Shared("odd-images"), "*", SearchOption.AllDirectories).Where(f => !f.Contains("bombs", StringComparison.Ordinal)))
        {
            using var encoded = new MemoryStream(File.ReadAllBytes(file));
            (long Width, long Height)? size = PhotoHeader.ReadSize(encoded);
            Assert.That(encoded.Position, Is.Zero, file);
            if (Decode(file) is not { } image)
                continue;
            using (image)
                Assert.That(size, Is.EqualTo(((long)image.Width, (long)image.Height)), file);
            compared++;
        }
        Assert.That(compared, Is.GreaterThan(60));
    }

    [TestCase("header_100000x100000_rgb.png", "100000 x 100000")]
    [TestCase("header_65536x65536_gray1.png", "65536 x 65536")]
    [TestCase("header_2147483647x1_gray.png", "2147483647 x 1")]
    [TestCase("real_20000x20000_gray.png", "20000 x 20000")]
    public void AnImageThatClaimsTooMuchIsRefusedByItsHeader(string file, string size)
    {
        using var segmenter = FastScnnSegmenter.Load(Models.CamVid);
        string path = TestFiles.Shared("odd-images", "bombs", file);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.That(() => segmenter.Segment(path), Throws.ArgumentException.With.Message.Contains(size).And.Message.Contains("MaxPixels"));
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan(10_000_000));
    }

    [Test]
    public void OtherContentHasNoSize()
    {
        Assert.Multiple(() =>
        {
            Assert.That(PhotoHeader.ReadSize(new MemoryStream([])), Is.Null);
            Assert.That(PhotoHeader.ReadSize(new MemoryStream("<html>no photo at all</html>"u8.ToArray())), Is.Null);
            Assert.That(PhotoHeader.ReadSize(new MemoryStream([0xFF, 0xD8, 0xFF, 0xE0, 0xFF, 0xFF, 1, 2, 3])), Is.Null, "a segment longer than the file");
            Assert.That(PhotoHeader.ReadSize(new MemoryStream([0xFF, 0xD8, 0xFF, 0xC0, 0, 17, 8, 1])), Is.Null, "cut in the frame header");
        });
    }

    private static MLImage? Decode(string file)
    {
        try
        {
            return MLImage.CreateFromFile(file);
        }
        catch (ArgumentException)
        {
            return null;
        }
    }
}
