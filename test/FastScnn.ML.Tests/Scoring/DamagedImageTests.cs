using FastScnn.ML.Imaging;
using FastScnn.ML.Scoring;
using FastScnn.Testing;
using FastScnn.Torch.Data;
using Microsoft.ML.Data;

namespace FastScnn.ML.Tests.Scoring;

/// <summary>Damaged images give a map or an exception that names the file, through the segmenter and through the
/// decoder of training.</summary>
public class DamagedImageTests
{
    private const int Width = 61, Height = 47;
    private const int MostPixels = 4 * Width * Height;

    private readonly string _folder = TestFiles.NewFolder();

    [TestCase("image.png")]
    [TestCase("image.jpg")]
    [TestCase("turned.jpg")]
    public void Image(string name)
    {
        string path = Path.Combine(_folder, name);
        using var segmenter = FastScnnSegmenter.Load(Models.Tiny,
            new FastScnnSegmenterOptions { Classes = ClassList.Generic(3), MaxPixels = MostPixels });
        int faulty = 0, large = 0;
        (int refused, int read) = DamagedCopies.Try(
            Sample(name),
            image =>
            {
                File.WriteAllBytes(path, image);
                SegmentationMap map = segmenter.Segment(path);
                Assert.That(map.ClassIds.Length, Is.EqualTo(map.Width * map.Height).And.LessThanOrEqualTo(MostPixels));
            },
            e =>
            {
                // A size is the image's, not the file's: it may be fine with another limit.
                bool isFaulty = e.GetType() == typeof(InvalidDataException) && e.Message.Contains(path),
                    isLarge = IsOverTheLimit(e);
                (faulty, large) = (faulty + (isFaulty ? 1 : 0), large + (isLarge ? 1 : 0));
                return isFaulty || isLarge;
            },
            mend: name == "image.png" ? PngChecksums.Mend : null);
        Assert.That(faulty + large, Is.EqualTo(refused), "each by one type");
        Assert.That(faulty, Is.GreaterThan(20), "no start of a file is an image");
        Assert.That(large, Is.LessThan(20), "few changes are of the size");
        Assert.That(read, Is.GreaterThan(20), "not all damage can be seen");
    }

    [TestCase("image.png")]
    [TestCase("image.jpg")]
    public void Image_of_a_data_set(string name)
    {
        Func<Stream, PixelBuffer> decoder = ImageDecoder.WithOptions(new() { MaxPixels = MostPixels });
        var faults = new Dictionary<ImageFault, int>();
        int empty = 0;
        (int refused, int read) = DamagedCopies.Try(
            Sample(name),
            bytes =>
            {
                PixelBuffer image = decoder(new MemoryStream(bytes));
                Assert.That(image.Pixels.Length, Is.EqualTo(3 * image.Width * image.Height));
            },
            // The data set adds the names of the files.
            e =>
            {
                if (e.InnerException is ImageException why)
                    faults[why.Fault] = faults.GetValueOrDefault(why.Fault) + 1;
                else
                    empty++;
                return e.GetType() == typeof(InvalidDataException);
            },
            mend: name == "image.png" ? PngChecksums.Mend : null);
        Assert.That(empty, Is.Zero, "every refusal tells its fault");
        Assert.That(faults.Values.Sum(), Is.EqualTo(refused));
        Assert.That(faults[ImageFault.Incomplete], Is.GreaterThan(20), "what is cut off is told to be");
        Assert.That(read, Is.GreaterThan(20), "not all damage can be seen");
    }

    private static bool IsOverTheLimit(Exception e) => e.GetType() == typeof(ArgumentException)
        && e.InnerException is ImageException { Fault: ImageFault.TooLarge }
        && e.Message.Contains($"over the limit of {MostPixels} pixels");

    private byte[] Sample(string name)
    {
        if (name == "turned.jpg")
            return TestImages.Turned(TestImages.Jpeg(Width, Height));
        string path = Path.Combine(_folder, "sound-" + name);
        using MLImage image = TestImages.Image(Width, Height);
        image.Save(path);
        return File.ReadAllBytes(path);
    }
}
