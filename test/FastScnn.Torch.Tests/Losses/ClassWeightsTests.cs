using FastScnn.Testing;
using FastScnn.Torch.Data;
using FastScnn.Torch.Losses;

namespace FastScnn.Torch.Tests.Losses;

public class ClassWeightsTests
{
    [Test]
    public void CamVids_weights_are_those_of_the_reference_run()
    {
        ClassFrequencies frequencies = ClassFrequencies.Count(
            SegmentationDataset.FromFolder(TestFiles.Shared("camvid"), "train"));

        double[] shares = [17.5, 24.2, 1.02, 33.0, 4.67, 10.1, 1.22, 1.17, 6.11, 0.67, 0.30];
        double[] weights = [.279, .202, 4.79, .149, 1.0, .422, 3.85, 1.97, .789, 6.37, 8.86];
        double all = frequencies.Pixels.Sum();
        Assert.That(frequencies.Pixels.Select(pixels => 100 * pixels / all), Is.EqualTo(shares).Within(0.05));
        Assert.That(ClassWeights.MedianFrequency(frequencies), Is.EqualTo(weights).Within(1).Percent);
        Assert.That(ClassWeights.MedianFrequency(frequencies, 0.5),
            Is.EqualTo(weights.Select(Math.Sqrt)).Within(1).Percent);
    }

    [Test]
    public void A_class_that_no_label_shows_has_the_weight_one()
    {
        // Shares where present: 30 of 40, 10 of 40 and 10 of 10; the median is 0.75.
        ClassFrequencies frequencies = new([30, 10, 0, 10], [40, 40, 0, 10]);

        Assert.That(ClassWeights.MedianFrequency(frequencies), Is.EqualTo(new[] { 1, 3, 1, 0.75 }).Within(1e-12));
        Assert.That(ClassWeights.MedianFrequency(new([0, 0], [0, 0])), Is.EqualTo(new[] { 1, 1 }));
        Assert.That(() => ClassWeights.MedianFrequency(frequencies, 0),
            Throws.InstanceOf<ArgumentOutOfRangeException>().With.Message.Contains("power is 0"));
    }

    [Test]
    public void The_label_that_cannot_be_read_is_named()
    {
        string root = TestFiles.NewFolder();
        FastScnn.Scenes.StreetSceneFolder.Write(root, "train", 3, new() { Width = 48, Height = 48 });
        string bad = Path.Combine(root, "masks", "train", "scene_000001.png");
        File.WriteAllText(bad, "no label");

        Assert.That(() => SegmentationLoss.MedianFrequencyWeights(SegmentationDataset.FromFolder(root, "train")),
            Throws.TypeOf<InvalidDataException>().With.Message.Contains("scene_000001.png"));
    }
}
