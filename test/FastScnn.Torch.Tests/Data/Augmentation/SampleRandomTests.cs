using FastScnn.Torch.Data.Augmentation;

namespace FastScnn.Torch.Tests.Data.Augmentation;

public class SampleRandomTests
{
    // Worked out apart from this code (Python): a change here would break the resuming of runs begun before it.
    [TestCase(0, 0, 0, 175415, 473215, 654004)]
    [TestCase(7, 3, 11, 159513, 273140, 179078)]
    [TestCase(-1, 0, -1, 222843, 241898, 802530)]
    public void Numbers_never_change(int seed, int epoch, int sample, int first, int second, int third)
    {
        var random = new SampleRandom(seed, epoch, sample);
        int[] drawn = [random.NextInteger(0, 999999), random.NextInteger(0, 999999), random.NextInteger(0, 999999)];
        Assert.That(drawn, Is.EqualTo(new[] { first, second, third }));
    }

    [Test]
    public void Both_ends_are_drawn_and_nothing_beyond()
    {
        var random = new SampleRandom(1, 2, 3);
        var counts = new int[3];
        for (int i = 0; i < 3000; i++) counts[random.NextInteger(-1, 1) + 1]++;
        Assert.That(counts, Has.All.InRange(900, 1100));
        Assert.That(random.NextInteger(5, 5), Is.EqualTo(5));
        for (int i = 0; i < 1000; i++) Assert.That(random.NextBetween(-2, 3), Is.InRange(-2.0, 3.0));
        int first = random.NextInteger(int.MinValue, int.MaxValue);
        Assert.That(random.NextInteger(int.MinValue, int.MaxValue), Is.Not.EqualTo(first));
    }

    [Test]
    public void Seed_epoch_and_sample_each_matter()
    {
        int[] firsts = [.. from seed in Enumerable.Range(0,
            10) from epoch in Enumerable.Range(0, 10) from sample in Enumerable.Range(0, 10)
                           select new SampleRandom(seed, epoch, sample).NextInteger(0, int.MaxValue)];
        Assert.That(firsts, Is.Unique);
    }
}
