using FastScnn.Torch.Data;

namespace FastScnn.Torch.Tests.Data;

public class LabelMapTests
{
    [Test]
    public void Ids_are_row_major()
    {
        var map = new LabelMap(3, 2, [0, 1, 2, 3, 4, 5]);
        Assert.That(map[2, 0], Is.EqualTo(2));
        Assert.That(map[0, 1], Is.EqualTo(3));
        Assert.That(() => map[3, 0], Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => map[0, -1], Throws.TypeOf<ArgumentOutOfRangeException>());
    }

    [TestCase(0, 0, 0)]
    [TestCase(-2, -3, 6)]
    [TestCase(2, 3, 5)]
    [TestCase(65536, 65536, 0)]
    public void Sizes_must_fit(int width, int height, int ids) =>
        Assert.That(() => new LabelMap(width, height, new byte[ids]),
            Throws.ArgumentException.With.Message.Contains($"{width} x {height}"));
}
