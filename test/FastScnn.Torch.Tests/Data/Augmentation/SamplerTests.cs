using FastScnn.Torch.Data;
using FastScnn.Torch.Data.Augmentation;

namespace FastScnn.Torch.Tests.Data.Augmentation;

public class SamplerTests
{
    private static readonly (byte, byte, byte) s_padding = (1, 2, 3);

    // Centres of the four columns lie at -.25, .25, .75 and 1.25 of the two source columns.
    [TestCase(new byte[] { 0, 100 }, 4, new byte[] { 0, 25, 75, 100 })]
    // Triangles of four columns around centres 1 and 3; (0 x .75 + 80 x .75 + 160 x .25) / 1.75 = 57.14.
    [TestCase(new byte[] { 0, 80, 160, 240 }, 2, new byte[] { 57, 183 })]
    // Inside the row: .125, .375, .375, .125; at its end (160 x .25 + 248 x .75 + 9 x .75) / 1.75 = 133.
    [TestCase(new byte[] { 9, 0, 80, 160, 248, 9 }, 3, new byte[] { 15, 121, 133 })]
    [TestCase(new byte[] { 7, 250, 13 }, 3, new byte[] { 7, 250, 13 })]
    [TestCase(new byte[] { 42 }, 5, new byte[] { 42, 42, 42, 42, 42 })]
    [TestCase(new byte[] { 0, 90, 255 }, 1, new byte[] { 111 })]
    public void Images_are_scaled_bilinearly_both_ways(byte[] row, int scaled, byte[] expected)
    {
        int n = row.Length;
        Assert.That(Sampled(new PixelBuffer(n, 1, Grey(row)), new CropWindow(scaled, 1, 0, 0, scaled, 1, false), scaled,
            1)[..scaled], Is.EqualTo(expected));
        Assert.That(Sampled(new PixelBuffer(1, n, Grey(row)), new CropWindow(1, scaled, 0, 0, 1, scaled, false), 1,
            scaled)[..scaled], Is.EqualTo(expected));
    }

    [Test]
    public void Both_directions_are_rounded_once()
    {
        // A quarter. Rounded after the columns it would be a half, and that 1.
        var darker = new PixelBuffer(2, 2, Grey([0, 0, 0, 1]));
        Assert.That(Sampled(darker, new CropWindow(1, 1, 0, 0, 1, 1, false), 1, 1)[0], Is.Zero);
    }

    [Test]
    public void Crops_of_a_scaled_image_are_its_pixels()
    {
        var image = new PixelBuffer(37, 29, Noise(3 * 37 * 29));
        foreach ((int width, int height) in new[] { (37, 29), (80, 63), (20, 15), (11, 90) })
        {
            byte[] whole = Sampled(image, new CropWindow(width, height, 0, 0, width, height, false), width, height);
            foreach (bool mirrored in new[] { false, true })
            {
                byte[] crop = Sampled(image, new CropWindow(width, height, 4, 5, 6, 7, mirrored), 6, 7);
                for (int c = 0; c < 3; c++)
                    for (int y = 0; y < 7; y++)
                        for (int x = 0; x < 6; x++)
                            Assert.That(crop[(c * 7 + y) * 6 + x],
                                Is.EqualTo(whole[(c * height + 5 + y) * width + 4 + (mirrored ? 5 - x : x)]));
            }
        }
    }

    [Test]
    public void Images_are_padded_right_and_below()
    {
        var image = new PixelBuffer(2, 1, (byte[])[10, 20, 30, 40, 50, 60]);
        Assert.That(Sampled(image, new CropWindow(2, 1, 0, 0, 2, 1, true), 3, 2), Is.EqualTo(new byte[]
        {
            40, 10, 1, 1, 1, 1,
            50, 20, 2, 2, 2, 2,
            60, 30, 3, 3, 3, 3,
        }));
    }

    [TestCase(2, 2, 0, new byte[] { 4, 9 })]
    [TestCase(4, 4, 0, new byte[] { 4, 4, 9, 9 })]
    // the centre of the middle one lies on the border, which belongs to the right
    [TestCase(3, 3, 0, new byte[] { 4, 9, 9 })]
    [TestCase(1, 1, 0, new byte[] { 9 })]
    [TestCase(6, 2, 2, new byte[] { 4, 9 })]
    public void Labels_take_the_nearest_id(int scaled, int count, int left, byte[] expected)
    {
        Assert.That(Labels(new LabelMap(2, 1, [4, 9]), new CropWindow(scaled, 1, left, 0, count, 1, false), count, 1),
            Is.EqualTo(expected));
        Assert.That(Labels(new LabelMap(1, 2, [4, 9]), new CropWindow(1, scaled, 0, left, 1, count, false), 1, count),
            Is.EqualTo(expected));
        Assert.That(Labels(new LabelMap(2, 1, [4, 9]), new CropWindow(scaled, 1, left, 0, count, 1, true), count, 1),
            Is.EqualTo(expected.Reverse()));
    }

    [Test]
    public void Labels_are_ignored_where_the_image_ends() =>
        Assert.That(Labels(new LabelMap(2, 1, [4, 9]), new CropWindow(2, 1, 0, 0, 2, 1, true), 3, 2),
            Is.EqualTo(new byte[] { 9, 4, 255, 255, 255, 255 }));

    [Test]
    public void Shares_leave_ignored_pixels_out()
    {
        Assert.That(LabelSampler.LargestShare([1, 1, 1, 2, 255, 255, 255, 255], 255), Is.EqualTo(0.75));
        Assert.That(LabelSampler.LargestShare([1, 1, 1, 2, 0, 0, 0, 0], 0), Is.EqualTo(0.75));
        Assert.That(LabelSampler.LargestShare([255, 255], 255), Is.EqualTo(1));
    }

    [Test]
    public void The_long_side_follows_the_short_one()
    {
        Assert.That(CropWindow.Scaled(2048, 1024, 767), Is.EqualTo((1534, 767)));
        Assert.That(CropWindow.Scaled(375, 500, 100), Is.EqualTo((100, 133)));
        Assert.That(CropWindow.Scaled(50, 50, 7), Is.EqualTo((7, 7)));
        Assert.That(CropWindow.Scaled(1, 1_000_000, 65536), Is.EqualTo((65536, int.MaxValue)));
    }

    private static byte[] Sampled(PixelBuffer image, CropWindow window, int width, int height)
    {
        byte[] planes = new byte[3 * width * height];
        ImageSampler.Sample(image, window, s_padding, planes, width);
        return planes;
    }

    [Test]
    public void Crops_are_drawn_at_every_place_up_to_both_edges()
    {
        CropWindow[] drawn =
        [
            .. Enumerable.Range(0, 500)
                .Select(sample => CropWindow.Draw((7, 9), 4, 5, mirrored: false, new SampleRandom(1, 0, sample)))
        ];
        Assert.That(drawn.Select(window => window.Left).Distinct().Order(), Is.EqualTo(Enumerable.Range(0, 4)));
        Assert.That(drawn.Select(window => window.Top).Distinct().Order(), Is.EqualTo(Enumerable.Range(0, 5)));
    }

    private static byte[] Labels(LabelMap labels, CropWindow window, int width, int height)
    {
        byte[] ids = new byte[width * height];
        LabelSampler.Sample(labels, window, 255, ids, width);
        return ids;
    }

    private static byte[] Grey(byte[] values) => [.. values.SelectMany(value => new[] { value, value, value })];

    private static byte[] Noise(int length)
    {
        byte[] bytes = new byte[length];
        new Random(5).NextBytes(bytes);
        return bytes;
    }
}
