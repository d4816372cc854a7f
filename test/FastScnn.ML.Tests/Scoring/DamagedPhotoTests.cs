using FastScnn.Testing;
using FastScnn.Torch.Data;
using Microsoft.ML.Data;

namespace FastScnn.ML.Tests.Scoring;

/// <summary>Damaged photos give a map or an exception that names the file, through the segmenter and through the decoder of training.</summary>
public class DamagedPhotoTests
{
    private const int Width = 61, Height = 47;
    private const int MostPixels = 4 * Width * Height;

    private readonly string _folder = TestFiles.NewFolder();

    [TestCase("photo.png")]
    [TestCase("photo.jpg")]
    [TestCase("turned.jpg")]
    public void Photo(string name)
    {
        string path = Path.Combine(_folder, name);
        using var segmenter = FastScnnSegmenter.Load(Models.Tiny, new FastScnnSegmenterOptions { Classes = ClassList.Generic(3), MaxPixels = MostPixels });
        (int refused, _) = DamagedCopies.Try(
            Sample(name),
            photo =>
            {
                File.WriteAllBytes(path, photo);
                SegmentationMap map = segmenter.Segment(path);
                Assert.That(map.ClassIds.Length, Is.EqualTo(map.Width * map.Height).And.LessThanOrEqualTo(MostPixels));
            },
            e => (e is InvalidDataException && e.Message.Contains(path)) || IsOverTheLimit(e),
            mend: name == "photo.png" ? PngChecksums.Mend : null);
        Assert.That(refused, Is.GreaterThan(20), "no start of a file is a photo");
    }

    [TestCase("photo.png")]
    [TestCase("photo.jpg")]
    public void Photo_of_a_data_set(string name)
    {
        PhotoDecoder decoder = ImageDecoder.WithOptions(new() { MaxPixels = MostPixels });
        DamagedCopies.Try(
            Sample(name),
            bytes =>
            {
                PixelBuffer photo = decoder(new MemoryStream(bytes));
                Assert.That(photo.ToRgb24().Pixels.Length, Is.EqualTo(3 * photo.Width * photo.Height));
            },
            // The data set adds the names of the files.
            e => e is InvalidDataException,
            mend: name == "photo.png" ? PngChecksums.Mend : null);
    }

    // A size is the photo's, not the file's: it may be fine with another limit.
    private static bool IsOverTheLimit(Exception e) => e is ArgumentException && e.Message.Contains($"over the limit of {MostPixels} pixels");

    private byte[] Sample(string name)
    {
        if (name == "turned.jpg")
            return Photos.Turned(Photos.Jpeg(Width, Height));
        string path = Path.Combine(_folder, "sound-" + name);
        using MLImage image = Photos.Image(Width, Height);
        image.Save(path);
        return File.ReadAllBytes(path);
    }
}
