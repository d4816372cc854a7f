using FastScnn.Torch.Data;
using FastScnn.Torch.Data.Augmentation;

namespace FastScnn.Torch.Tests.Data.Augmentation;

public class WarpTests
{
    private static readonly (byte, byte, byte) s_padding = (1, 2, 3);

    [Test]
    public void Corners_go_where_they_are_sent_and_lines_stay_lines()
    {
        // A trapezium: the left edge of the crop is half as long in the source as the right one.
        double[] corners = [0, 20, 80, 0, 80, 80, 0, 60];
        var labels = new LabelMap(80, 80, [.. Enumerable.Range(0, 6400).Select(i => (byte)(i / 80))]);
        byte[] ids = new byte[80 * 80];
        new WarpedWindow(corners, 80, 80, 80, 80).Sample(labels, 255, ids);
        Assert.That(new[] { ids[0], ids[79], ids[^1], ids[79 * 80] }, Is.EqualTo(new[] { 20, 0, 79, 59 }));
        // The middle row runs along the axis.
        Assert.That(ids[(40 * 80)..(41 * 80)], Has.All.EqualTo(40));
        // Straight lines: the upper edge of the crop rises evenly from 20 to 0 over the columns of the source, of which
        // it meets the middle one, row 10, at two thirds of its way by the cross ratio.
        Assert.That(ids[53], Is.EqualTo(10).Within(1));
    }

    [Test]
    public void A_warp_of_nothing_is_the_crop_itself([Values] bool mirrored)
    {
        var image = new PixelBuffer(37, 29, Noise(3 * 37 * 29));
        var labels = new LabelMap(37, 29, Noise(37 * 29));
        foreach ((int width, int height) in new[] { (37, 29), (80, 63), (111, 58) })
        {
            var window = new CropWindow(width, height, 3, 4, 30, 20, mirrored);
            byte[] plain = new byte[3 * 600], warped = new byte[3 * 600];
            byte[] ids = new byte[600], warpedIds = new byte[600];
            ImageSampler.Sample(image, window, s_padding, plain, 30);
            LabelSampler.Sample(labels, window, 255, ids, 30);
            WarpedWindow place = Place(window, 30, 20, 37, 29);
            place.Sample(image, s_padding, warped);
            place.Sample(labels, 255, warpedIds);
            Assert.That(warpedIds, Is.EqualTo(ids));
            // Places are whole 256ths of a pixel.
            for (int i = 0; i < plain.Length; i++) Assert.That(warped[i], Is.EqualTo(plain[i]).Within(2));
        }
    }

    [Test]
    public void A_small_image_lies_where_the_crop_has_it()
    {
        var image = new PixelBuffer(8, 6, Noise(3 * 8 * 6));
        var window = new CropWindow(8, 6, 0, 0, 8, 6, true);
        byte[] plain = new byte[3 * 32 * 32], warped = new byte[3 * 32 * 32];
        ImageSampler.Sample(image, window, s_padding, plain, 32);
        Place(window, 32, 32, 8, 6).Sample(image, s_padding, warped);
        Assert.That(warped, Is.EqualTo(plain));
    }

    // Lines one pixel wide, seen at a fifth of their size: what skips pixels shows some black and some white.
    [Test]
    public void Shrunken_images_do_not_flicker([Values] bool warped)
    {
        byte[] rgb = [.. Enumerable.Range(0, 400 * 400).SelectMany(i => Enumerable.Repeat((byte)(255 * (i % 2)), 3))];
        var image = new PixelBuffer(400, 400, rgb);
        var window = new CropWindow(80, 80, 8, 8, 64, 64, false);
        byte[] planes = new byte[3 * 64 * 64];
        var options = new AugmentationOptions { WarpProbability = 1, RotationDegrees = 8, Perspective = 0.05 };
        (warped ? Warp.Draw(options, new SampleRandom(4, 0, 0))! : s_none).Place(window, 64, 64, 400, 400)
            .Sample(image, s_padding, planes);
        Assert.That(planes.Where((_, i) => i / 64 % 64 is > 12 and < 52 && i % 64 is > 12 and < 52),
            Has.All.InRange(100, 155));
    }

    [Test]
    public void Draws_keep_to_the_options()
    {
        var options = new AugmentationOptions { WarpProbability = 0.25, RotationDegrees = 20, Perspective = 0 };
        Warp[] drawn =
        [
            .. Enumerable.Range(0, 2000).Select(i => Warp.Draw(options, new SampleRandom(0, 0, i))).OfType<Warp>()
        ];
        Assert.That(drawn, Has.Length.InRange(425, 575));
        // Where the upper edge of a crop of 101 x 101 pixels is 50 pixels beside the middle tells the angle.
        var labels = new LabelMap(101, 101, [.. Enumerable.Range(0, 101 * 101).Select(i => (byte)(i / 101))]);
        int[] rows =
        [
            .. drawn.Select(warp =>
            {
                byte[] ids = new byte[101 * 101];
                warp.Place(new CropWindow(101, 101, 0, 0, 101, 101, false), 101, 101, 101, 101)
                    .Sample(labels, 255, ids);
                return ids[50 * 101 + 90] - 50;
            })
        ];
        // 40 pixels x sin 20 degrees = 13.7
        Assert.That(rows, Has.All.InRange(-14, 14));
        Assert.That(rows.Min(), Is.LessThan(-12));
        Assert.That(rows.Max(), Is.GreaterThan(12));
    }

    private static readonly Warp s_none = Warp.Draw(
        new AugmentationOptions { WarpProbability = 1, RotationDegrees = 0, Perspective = 0 },
        new SampleRandom(0, 0, 0))!;

    private static WarpedWindow Place(CropWindow window, int width, int height, int sourceWidth, int sourceHeight) =>
        s_none.Place(window, width, height, sourceWidth, sourceHeight);

    private static byte[] Noise(int length)
    {
        byte[] bytes = new byte[length];
        new Random(5).NextBytes(bytes);
        return bytes;
    }
}
