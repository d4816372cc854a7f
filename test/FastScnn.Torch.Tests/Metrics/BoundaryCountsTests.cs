using FastScnn.Torch.Metrics;

namespace FastScnn.Torch.Tests.Metrics;

public class BoundaryCountsTests
{
    private const byte Ignored = 255;

    // Sides below and above the length of a vector, and no multiples of it.
    [TestCase(1, 1, 0.02)]
    [TestCase(1, 9, 0.2)]
    [TestCase(40, 1, 0.1)]
    [TestCase(5, 4, 0)]
    [TestCase(7, 6, 1)]
    [TestCase(37, 23, 0.02)]
    [TestCase(75, 40, 0.05)]
    [TestCase(64, 64, 0.3)]
    public void Random_maps_give_what_the_definition_gives(int width, int height, double distance)
    {
        const int Classes = 4;
        Random random = new(3 * width + height);
        BoundaryCounts counts = new(Classes, distance), merged = new(Classes, distance);
        Slow slow = new(Classes, distance);
        for (int image = 0; image < 6; image++)
        {
            // Patches, so that there are pixels away from any boundary; the last class is never seen.
            byte[] labels = Patches(random, width, height, Classes - 1),
                predictions = [.. labels.Select(id => random.Next(8) == 0 ? (byte)random.Next(6) : id)];
            for (int i = 0; i < labels.Length; i++)
                if (random.Next(image + 2) == 0) labels[i] = Ignored;
            if (image == 5) Array.Fill(labels, (byte)1);
            if (image == 4) Array.Fill(labels, Ignored);
            // Predictions of no class, and none of the last class.
            for (int i = 0; i < predictions.Length; i++)
                if (predictions[i] == Classes - 1) predictions[i] = 200;
            counts.Add(labels, predictions, width, Ignored);
            slow.Add(labels, predictions, width, Ignored);
            BoundaryCounts one = new(Classes, distance);
            one.Add(labels, predictions, width, Ignored);
            merged.Add(one);
        }

        double[] expected = [.. Enumerable.Range(0, Classes).Select(slow.IoU)];
        Assert.That(Enumerable.Range(0, Classes).Select(counts.IoU), Is.EqualTo(expected));
        Assert.That(Enumerable.Range(0, Classes).Select(merged.IoU), Is.EqualTo(expected), "counts of several threads");
        Assert.That(expected[Classes - 1], Is.NaN, "a class that is never seen");
    }

    // One row; the distance is one pixel.
    [TestCase(new byte[] { 0, 0, 0, 0, 1, 1, 1, 1 }, new byte[] { 0, 0, 0, 0, 1, 1, 1, 1 }, 1, 1)]
    // Shifted by one pixel: the region of class 0 is pixel 3 in the label and 2 in the prediction, of class 1 4 and 3.
    [TestCase(new byte[] { 0, 0, 0, 0, 1, 1, 1, 1 }, new byte[] { 0, 0, 0, 1, 1, 1, 1, 1 }, 0, 0)]
    // A bar of two pixels is all boundary, and half of it is found. Of class 0, pixels 2 and 5 are next to the bar in
    // the label, 2 and 4 in the prediction.
    [TestCase(new byte[] { 0, 0, 0, 1, 1, 0, 0, 0 }, new byte[] { 0, 0, 0, 1, 0, 0, 0, 0 }, 1 / 3.0, 1 / 2.0)]
    // The border of the image and ignored pixels are no boundary, whatever is predicted there.
    [TestCase(new byte[] { 0, 0, 255, 255, 255, 1, 1, 1 }, new byte[] { 0, 0, 1, 0, 2, 1, 1, 1 }, double.NaN,
        double.NaN)]
    // A pixel of no class makes a boundary, and is in none.
    [TestCase(new byte[] { 0, 0, 0, 0, 0, 0, 0, 0 }, new byte[] { 0, 0, 0, 0, 0, 0, 0, 99 }, 0, double.NaN)]
    [TestCase(new byte[] { 255, 255, 255 }, new byte[] { 0, 1, 2 }, double.NaN, double.NaN)]
    public void Small_cases_by_hand(byte[] labels, byte[] predictions, double first, double second)
    {
        BoundaryCounts counts = new(2, distance: 0);
        counts.Add(labels, predictions, labels.Length, Ignored);
        Assert.That(new[] { counts.IoU(0), counts.IoU(1) }, Is.EqualTo(new[] { first, second }));
    }

    [Test]
    public void A_boundary_counts_across_ignored_pixels_within_the_distance()
    {
        // Two ignored pixels between: those next to them are three pixels from the other class.
        byte[] labels = [0, 0, 0, 255, 255, 1, 1, 1], predictions = [0, 0, 0, 1, 0, 1, 1, 1];
        foreach ((int reach, double expected) in new[] { (2, double.NaN), (3, 1) })
        {
            BoundaryCounts counts = new(2, reach / Math.Sqrt(65));
            Assert.That(counts.Pixels(8, 1), Is.EqualTo(reach));
            counts.Add(labels, predictions, 8, Ignored);
            Assert.That(counts.IoU(0), Is.EqualTo(expected));
        }
    }

    [TestCase(640, 480, 0.02, 16)]
    [TestCase(480, 360, 0.02, 12)]
    [TestCase(2048, 1024, 0.005, 11)]
    [TestCase(1, 1, 0.02, 1)]
    public void The_distance_is_a_share_of_the_diagonal(int width, int height, double distance, int pixels) =>
        Assert.That(new BoundaryCounts(2, distance).Pixels(width, height), Is.EqualTo(pixels));

    [Test]
    public void A_distance_out_of_range_is_refused() => Assert.That(() => new BoundaryCounts(2, 1.5),
        Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("1.5"));

    [Test]
    public void The_ignored_label_may_be_a_small_number()
    {
        BoundaryCounts counts = new(3, distance: 0);
        counts.Add([1, 1, 0, 2, 2], [1, 1, 1, 2, 2], 5, ignoreIndex: 0);
        Assert.That(Enumerable.Range(0, 3).Select(counts.IoU), Is.All.NaN);
    }

    private static byte[] Patches(Random random, int width, int height, int classes)
    {
        byte[] ids = new byte[width * height];
        for (int patch = 0; patch < 8; patch++)
        {
            (int left, int top) = (random.Next(width), random.Next(height));
            (int right, int bottom) = (random.Next(left, width) + 1, random.Next(top, height) + 1);
            byte id = (byte)random.Next(classes);
            for (int y = top; y < bottom; y++)
                ids.AsSpan(y * width + left, right - left).Fill(id);
        }
        return ids;
    }

    /// <summary>The paper's formula for the binary mask of each class in turn, pixel by pixel.</summary>
    private sealed class Slow(int classes, double distance)
    {
        private readonly long[] _intersection = new long[classes], _union = new long[classes];

        public double IoU(int id) => _union[id] == 0 ? double.NaN : (double)_intersection[id] / _union[id];

        public void Add(byte[] labels, byte[] predictions, int width, byte ignoreIndex)
        {
            int height = labels.Length / width;
            int reach = Math.Max(1, (int)Math.Round(distance * Math.Sqrt(width * width + height * height)));
            for (int id = 0; id < classes; id++)
                for (int i = 0; i < labels.Length; i++)
                {
                    if (labels[i] == ignoreIndex) continue;
                    bool truth = IsNear(labels, i, id), found = IsNear(predictions, i, id);
                    _intersection[id] += truth && found ? 1 : 0;
                    _union[id] += truth || found ? 1 : 0;
                }

            bool IsNear(byte[] map, int i, int id)
            {
                if (map[i] != id) return false;
                (int x, int y) = (i % width, i / width);
                for (int v = Math.Max(0, y - reach); v <= Math.Min(height - 1, y + reach); v++)
                    for (int u = Math.Max(0, x - reach); u <= Math.Min(width - 1, x + reach); u++)
                        if (labels[v * width + u] != ignoreIndex && map[v * width + u] != id) return true;
                return false;
            }
        }
    }
}
