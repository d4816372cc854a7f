using FastScnn.ML.Scoring;

namespace FastScnn.ML.Tests.Scoring;

public class InferenceOptionsTests
{
    [Test]
    public void Values_out_of_range_are_quoted()
    {
        Assert.Multiple(() =>
        {
            Assert.That(() => new InferenceOptions { Scales = [] },
                Throws.ArgumentException.With.Message.Contains("one or more"));
            Assert.That(() => new InferenceOptions { Scales = [1, 0.05] },
                Throws.InstanceOf<ArgumentOutOfRangeException>().With.Message.Contains("Scale 0.05"));
            Assert.That(() => new InferenceOptions { Scales = [4.1] },
                Throws.InstanceOf<ArgumentOutOfRangeException>().With.Message.Contains("0.1 to 4"));
            Assert.That(() => new InferenceOptions { Scales = [double.NaN] },
                Throws.InstanceOf<ArgumentOutOfRangeException>());
            Assert.That(() => new InferenceOptions { Scales = null! }, Throws.ArgumentNullException);
            Assert.That(() => new InferenceOptions { TileHeight = 31 },
                Throws.InstanceOf<ArgumentOutOfRangeException>().With.Message.Contains("31 pixels"));
            Assert.That(() => new InferenceOptions { TileWidth = 0 },
                Throws.InstanceOf<ArgumentOutOfRangeException>().With.Message.Contains("TileWidth"));
            Assert.That(() => new InferenceOptions { TileOverlap = 1 },
                Throws.InstanceOf<ArgumentOutOfRangeException>().With.Message.Contains("0 to 0.9"));
            Assert.That(() => new InferenceOptions { TileOverlap = double.NaN },
                Throws.InstanceOf<ArgumentOutOfRangeException>());
            Assert.That(() => new InferenceOptions { OutputSize = (SegmentationSize)9 },
                Throws.InstanceOf<ArgumentOutOfRangeException>().With.Message.Contains("Image or Model"));
            Assert.That(() => new InferenceOptions { WorkingSide = 31 },
                Throws.InstanceOf<ArgumentOutOfRangeException>().With.Message.Contains("WorkingSide is 31 pixels"));
            Assert.That(() => new FastScnnSegmenterOptions { Inference = null! }, Throws.ArgumentNullException);
        });
    }

    [Test]
    public void Scales_are_copied_and_compared_by_value()
    {
        var scales = new List<double> { 0.5, 2 };
        var options = new InferenceOptions { Scales = scales };
        scales[0] = 3;
        Assert.That(options.Scales, Is.EqualTo(new[] { 0.5, 2 }));
        Assert.That(options, Is.EqualTo(new InferenceOptions { Scales = [0.5, 2] }));
        Assert.That(options.GetHashCode(), Is.EqualTo(new InferenceOptions { Scales = [0.5, 2] }.GetHashCode()));
        Assert.That(options, Is.Not.EqualTo(options with { Scales = [0.5] }));
        Assert.That(options, Is.Not.EqualTo(options with { TileOverlap = 0 }));
        Assert.That(options, Is.Not.EqualTo(options with { WorkingSide = 640 }));
        InferenceOptions region = options with { RegionOfInterest = new(0, 0.5, 1, 1) };
        Assert.That(region, Is.Not.EqualTo(options));
        Assert.That(region, Is.EqualTo(options with { RegionOfInterest = new(0, 0.5, 1, 1) }));
    }

    [TestCase(-0.1, 0, 1, 1, "left")]
    [TestCase(0.5, 0, 0.5, 1, "left")]
    [TestCase(0, 0, 1.1, 1, "left")]
    [TestCase(0, double.NaN, 1, 1, "top")]
    [TestCase(0, 0.6, 1, 0.5, "top")]
    public void A_region_that_is_no_part_of_an_image_is_refused(double left, double top, double right, double bottom,
        string parameter) => Assert.That(() => new RegionOfInterest(left, top, right, bottom),
        Throws.ArgumentException.With.Message.Contains("shares of the image's sides")
            .And.Property("ParamName").EqualTo(parameter));

    [TestCase(100, 0, 1, 0, 100)]
    [TestCase(101, 0.25, 0.75, 25, 51)]
    [TestCase(10, 0.99, 1, 9, 1)]
    [TestCase(10, 0.51, 0.52, 5, 1)]
    [TestCase(1, 0.5, 1, 0, 1)]
    public void Edges_are_rounded_to_whole_pixels_and_one_is_left(int side, double from, double to, int first,
        int length)
    {
        var part = new ImagePart(side, side, new RegionOfInterest(from, from, to, to));
        Assert.That((part.Width, part.Height), Is.EqualTo((length, length)));
        if (length == side)
            return;
        byte[] ids = part.Place(new byte[length * length], (byte)1);
        Assert.That(Array.IndexOf(ids, (byte)0), Is.EqualTo(first * side + first));
        Assert.That(ids.Count(id => id == 0), Is.EqualTo(length * length));
    }
}
