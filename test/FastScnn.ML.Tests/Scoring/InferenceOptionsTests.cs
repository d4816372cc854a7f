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
    }
}
