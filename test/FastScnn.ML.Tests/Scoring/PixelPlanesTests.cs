using FastScnn.ML.Scoring.Kernels;
using FastScnn.Torch;
using FastScnn.Torch.Data;

namespace FastScnn.ML.Tests.Scoring;

public class PixelPlanesTests
{
    [TestCase(PixelLayout.Bgra32, new byte[] { 3, 2, 1, 99, 6, 5, 4, 99 })]
    [TestCase(PixelLayout.Rgba32, new byte[] { 1, 2, 3, 99, 4, 5, 6, 99 })]
    [TestCase(PixelLayout.Bgr24, new byte[] { 3, 2, 1, 6, 5, 4 })]
    [TestCase(PixelLayout.Rgb24, new byte[] { 1, 2, 3, 4, 5, 6 })]
    public void Every_layout_gives_red_then_green_then_blue(PixelLayout layout, byte[] pixels)
    {
        var planes = new byte[6];
        PixelPlanes.Split(new PixelSpan(pixels, 2, 1, layout), planes);
        Assert.That(planes, Is.EqualTo(new byte[] { 1, 4, 2, 5, 3, 6 }));
    }

    [Test]
    public void Gray_fills_all_planes_and_the_stride_is_kept()
    {
        var planes = new byte[12];
        PixelPlanes.Split(new PixelSpan([1, 2, 88, 88, 3, 4], 2, 2, PixelLayout.Gray8, stride: 4), planes);
        Assert.That(planes, Is.EqualTo(new byte[] { 1, 2, 3, 4, 1, 2, 3, 4, 1, 2, 3, 4 }));
    }

    [Test]
    public void Normalizes_each_plane_with_its_own_statistics()
    {
        var normalized = new float[3];
        new PlaneNormalization(new Normalization { Mean = [0.5f, 0.25f, 0.1f], Std = [0.5f, 0.25f, 0.1f] }).Apply([0,
            255, 51], normalized);
        Assert.That(normalized, Is.EqualTo(new[] { -1f, 3f, 1f }).Within(1e-6));
    }

    // Every value, at every place of a vector and behind the last whole one.
    [Test]
    public void Every_value_is_normalized_to_within_rounding()
    {
        byte[] planes = [.. Enumerable.Range(0, 3 * 421).Select(i => (byte)(i % 421 * 7))];
        var normalized = new float[planes.Length];
        new PlaneNormalization(Normalization.ImageNet).Apply(planes, normalized);
        for (int i = 0; i < planes.Length; i++)
        {
            double mean = Normalization.ImageNet.Mean[i / 421], std = Normalization.ImageNet.Std[i / 421];
            Assert.That(normalized[i], Is.EqualTo((planes[i] / 255.0 - mean) / std).Within(4e-7));
        }
    }

    [Test]
    public void Resizing_keeps_a_corner_and_mixes_between()
    {
        byte[] planes = [0, 100, 10, 110, 20, 120];
        var resized = new byte[12];
        new PlaneResize(2, 1, 4, 1).Apply(planes, resized);
        // Centres at -0.25 (the edge), 0.25, 0.75 and 1.25 (the edge) of the source.
        Assert.That(resized, Is.EqualTo(new byte[] { 0, 25, 75, 100, 10, 35, 85, 110, 20, 45, 95, 120 }));
    }

    [Test]
    public void Resizing_to_the_same_size_changes_nothing()
    {
        byte[] planes = [.. Enumerable.Range(0, 3 * 5 * 7).Select(i => (byte)(i * 37))];
        var resized = new byte[planes.Length];
        new PlaneResize(5, 7, 5, 7).Apply(planes, resized);
        Assert.That(resized, Is.EqualTo(planes));
    }

    [Test]
    public void Whole_vectors_and_what_is_left_of_a_row_are_split_alike(
        [Values] PixelLayout layout, [Values(1, 31, 32, 33, 71, 128)] int width, [Values(0, 5)] int padding)
    {
        const int Height = 3;
        int step = PixelSpan.BytesPerPixel(layout), stride = width * step + padding;
        var pixels = new byte[stride * Height];
        new Random(width).NextBytes(pixels);
        var planes = new byte[3 * width * Height];
        PixelPlanes.Split(new PixelSpan(pixels, width, Height, layout, stride), planes);
        int[] order = layout switch
        {
            PixelLayout.Bgra32 or PixelLayout.Bgr24 => [2, 1, 0],
            PixelLayout.Gray8 => [0, 0, 0],
            _ => [0, 1, 2],
        };
        byte[] expected =
        [
            .. from channel in order from y in Enumerable.Range(0, Height) from x in Enumerable.Range(0,
                width) select pixels[y * stride + x * step + channel]
        ];
        Assert.That(planes, Is.EqualTo(expected));
    }

    [Test]
    public void Several_threads_give_the_same_planes_and_floats_as_one_for_image_after_image([Values] bool floats)
    {
        var table = new PlaneNormalization(Normalization.ImageNet);
        var striped = new StripedPlanes(threads: 4);
        int[] heights = [133, 20, 64, 9];
        for (int i = 0; i < 200; i++)
        {
            (int width, int height, var layout) = (50 + i % 90, heights[i % heights.Length], (PixelLayout)(i % 5));
            int stride = width * PixelSpan.BytesPerPixel(layout) + i % 3;
            var pixels = new byte[stride * height];
            new Random(i).NextBytes(pixels);
            byte[] expected = new byte[3 * width * height], planes = new byte[expected.Length];
            float[] normalized = new float[expected.Length], found = new float[floats ? expected.Length : 0];
            PixelPlanes.Split(new PixelSpan(pixels, width, height, layout, stride), expected);
            striped.Run(new PixelSpan(pixels, width, height, layout, stride), planes, floats ? table : null, found);
            Assert.That(planes, Is.EqualTo(expected));
            if (!floats)
                continue;
            table.Apply(expected, normalized);
            Assert.That(found, Is.EqualTo(normalized));
        }
    }

    // The rule of PlaneResize, in double: single precision may tip a half the other way.
    [TestCase(37, 21, 64, 40)]
    [TestCase(64, 40, 37, 21)]
    [TestCase(9, 5, 100, 3)]
    [TestCase(200, 3, 16, 16)]
    public void Resizing_follows_its_rule(int width, int height, int newWidth, int newHeight)
    {
        var planes = new byte[3 * width * height];
        new Random(1).NextBytes(planes);
        var resized = new byte[3 * newWidth * newHeight];
        new PlaneResize(width, height, newWidth, newHeight).Apply(planes, resized);
        for (int i = 0; i < resized.Length; i++)
        {
            int c = i / (newWidth * newHeight), y = i / newWidth % newHeight, x = i % newWidth;
            (int left, int right, double across) = Between(x, newWidth, width);
            (int top, int bottom, double down) = Between(y, newHeight, height);
            double value = Mix(Mix(At(left, top), At(left, bottom), down), Mix(At(right, top), At(right, bottom), down),
                across);
            Assert.That(resized[i], Is.EqualTo(value).Within(0.5 + 1e-4));

            byte At(int column, int row) => planes[(c * height + row) * width + column];
        }

        static (int, int, double) Between(int target, int targets, int sources)
        {
            double position = Math.Clamp((target + 0.5) * sources / targets - 0.5, 0, sources - 1);
            int low = (int)position;
            return (low, Math.Min(low + 1, sources - 1), position - low);
        }

        static double Mix(double from, double to, double t) => from + t * (to - from);
    }
}
