using FastScnn.Torch.Data.Augmentation;

namespace FastScnn.Torch.Tests.Data.Augmentation;

public class TextureTests
{
    private static readonly byte[] s_k1 =
    [
        16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55, 14, 13, 16, 24, 40, 57, 69, 56, 14, 17, 22, 29,
        51, 87, 80, 62, 18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113, 92, 49, 64, 78, 87, 103, 121,
        120, 101, 72, 92, 95, 98, 112, 100, 103, 99,
    ];

    private static readonly byte[] s_k2 =
    [
        17, 18, 24, 47, 99, 99, 99, 99, 18, 21, 26, 66, 99, 99, 99, 99, 24, 26, 56, 99, 99, 99, 99, 99, 47, 66, 99, 99,
        99, 99, 99, 99, .. Enumerable.Repeat((byte)99, 32),
    ];

    // The formulas of JFIF 1.02 and of T.81, A.3.3 and A.3.4, one value at a time.
    [TestCase(10, 0, 0)]
    [TestCase(50, 5, 3)]
    [TestCase(90, 15, 15)]
    public void Jpeg_is_the_quantized_transform(int quality, int left, int top)
    {
        const int Width = 45, Height = 27, Row = 48, Plane = Row * Height;
        byte[] before = Picture(Row, Height, 3), planes = [.. before];
        JpegArtefacts.Apply(planes, Row, Width, Height, quality, left, top);
        int columns = (left + Width + 15) / 16 * 16, rows = (top + Height + 15) / 16 * 16;
        double[,] luma = new double[columns, rows], blue = new double[columns / 2, rows / 2],
            red = new double[columns / 2, rows / 2];
        for (int y = 0; y < rows; y++)
            for (int x = 0; x < columns; x++)
            {
                int at = Math.Clamp(y - top, 0, Height - 1) * Row + Math.Clamp(x - left, 0, Width - 1);
                (double r, double g, double b) = (before[at], before[Plane + at], before[2 * Plane + at]);
                luma[x, y] = 0.299 * r + 0.587 * g + 0.114 * b - 128;
                blue[x / 2, y / 2] += (-0.168736 * r - 0.331264 * g + 0.5 * b) / 4;
                red[x / 2, y / 2] += (0.5 * r - 0.418688 * g - 0.081312 * b) / 4;
            }
        Quantize(luma, s_k1, quality);
        Quantize(blue, s_k2, quality);
        Quantize(red, s_k2, quality);
        for (int y = 0; y < Height; y++)
            for (int x = 0; x < Row; x++)
            {
                int at = y * Row + x;
                byte[] found = [planes[at], planes[Plane + at], planes[2 * Plane + at]];
                if (x >= Width)
                {
                    Assert.That(found, Is.EqualTo(new[] { before[at], before[Plane + at], before[2 * Plane + at] }));
                    continue;
                }
                (int column, int line) = (x + left, y + top);
                double light = luma[column, line] + 128, b = blue[column / 2, line / 2], r = red[column / 2, line / 2];
                double[] expected = [light + 1.402 * r, light - 0.344136 * b - 0.714136 * r, light + 1.772 * b];
                for (int channel = 0; channel < 3; channel++)
                    Assert.That((double)found[channel],
                        Is.EqualTo(Math.Clamp(expected[channel], 0, 255)).Within(0.51), $"{x}, {y}");
            }
    }

    private static void Quantize(double[,] plane, byte[] table, int quality)
    {
        int percent = quality < 50 ? 5000 / quality : 200 - 2 * quality;
        double[,] bands = new double[8, 8];
        for (int top = 0; top < plane.GetLength(1); top += 8)
            for (int left = 0; left < plane.GetLength(0); left += 8)
            {
                for (int v = 0; v < 8; v++)
                    for (int u = 0; u < 8; u++)
                    {
                        double sum = 0;
                        for (int y = 0; y < 8; y++)
                            for (int x = 0; x < 8; x++) sum += plane[left + x, top + y] * Cosine(x, u) * Cosine(y, v);
                        int size = Math.Clamp((table[8 * v + u] * percent + 50) / 100, 1, 255);
                        bands[u, v] = Math.Round(sum / size) * size;
                    }
                for (int y = 0; y < 8; y++)
                    for (int x = 0; x < 8; x++)
                    {
                        double sum = 0;
                        for (int v = 0; v < 8; v++)
                            for (int u = 0; u < 8; u++) sum += bands[u, v] * Cosine(x, u) * Cosine(y, v);
                        plane[left + x, top + y] = sum;
                    }
            }

        static double Cosine(int x, int u) =>
            (u == 0 ? Math.Sqrt(0.5) : 1) / 2 * Math.Cos((2 * x + 1) * u * Math.PI / 16);
    }

    [Test]
    public void Jpeg_of_high_quality_changes_little()
    {
        byte[] grey = Picture(64, 48, 1);
        // Colours that are coarser than the chroma that is kept.
        byte[] planes =
        [
            .. grey.Select((value, i) => (byte)(value * 0.8 + i % 64 / 3)), .. grey,
            .. grey.Select((value, i) => (byte)(value * 0.9 + i / 64 / 4))
        ];
        byte[] before = [.. planes];
        JpegArtefacts.Apply(planes, 64, 64, 48, 95, 0, 0);
        Assert.That(Mean(planes, before), Is.GreaterThan(0).And.LessThan(2.5));
        double last = 0;
        foreach (int quality in new[] { 95, 75, 50, 20, 5 })
        {
            planes = [.. before];
            JpegArtefacts.Apply(planes, 64, 64, 48, quality, 0, 0);
            double change = Mean(planes, before);
            Assert.That(change, Is.GreaterThan(last));
            last = change;
        }

        static double Mean(byte[] a, byte[] b) => a.Zip(b, (x, y) => Math.Abs(x - y)).Average();
    }

    [Test]
    public void Jpeg_leaves_flat_colours_flat()
    {
        // Mean steps are an eighth of 3 and 3 at quality 90: finer than a byte.
        (byte, byte, byte)[] colours = [(0, 0, 0), (255, 255, 255), (200, 30, 90)];
        foreach ((byte red, byte green, byte blue) in colours)
        {
            byte[] planes = new byte[3 * 40 * 24];
            planes.AsSpan(0, 960).Fill(red);
            planes.AsSpan(960, 960).Fill(green);
            planes.AsSpan(1920).Fill(blue);
            byte[] before = [.. planes];
            JpegArtefacts.Apply(planes, 40, 40, 24, 90, 3, 9);
            for (int channel = 0; channel < 3; channel++)
            {
                byte[] plane = planes[(channel * 960)..((channel + 1) * 960)];
                Assert.That(plane.Distinct().Count(), Is.EqualTo(1));
                Assert.That(plane[0], Is.EqualTo(before[channel * 960]).Within(1));
            }
        }
    }

    [Test]
    public void Jpeg_of_low_quality_shows_its_blocks()
    {
        // A slope of one in each column: smooth, until blocks of it are rounded to steps.
        const int Size = 128, Left = 5;
        byte[] slope = [.. Enumerable.Range(0, Size * Size).Select(i => (byte)(i % Size))];
        byte[] planes = [.. slope, .. slope, .. slope];
        JpegArtefacts.Apply(planes, Size, Size, Size, 5, Left, 0);
        double Steps(bool borders) => Enumerable.Range(1, Size - 1)
            .Where(x => (x + Left) % 8 == 0 == borders).Average(x => Math.Abs(planes[x] - planes[x - 1]));
        Assert.That(Steps(true), Is.GreaterThan(3 * Steps(false)));
    }

    [Test]
    public void Noise_has_the_deviation_asked_for([Values(1, 8, 40)] double deviation)
    {
        const int Width = 301, Height = 200;
        byte[] planes = new byte[3 * Width * Height];
        planes.AsSpan().Fill(128);
        SensorNoise.Apply(planes, Width, Width - 1, Height, deviation, new SampleRandom(1, 2, 3));
        double[] added = [.. planes.Where((_, i) => i % Width < Width - 1).Select(value => value - 128.0)];
        Assert.That(added.Average(), Is.Zero.Within(deviation / 50));
        Assert.That(Math.Sqrt(added.Average(value => value * value)),
            Is.EqualTo(deviation).Within(0.05 + deviation / 50));
        // Of a normal distribution 68.3 and 95.4 % lie within one and two deviations.
        if (deviation > 1)
        {
            Assert.That(added.Count(value => Math.Abs(value) < deviation + 0.5) / (double)added.Length,
                Is.EqualTo(0.683).Within(0.04));
            Assert.That(added.Count(value => Math.Abs(value) < 2 * deviation + 0.5) / (double)added.Length,
                Is.EqualTo(0.954).Within(0.02));
        }
        Assert.That(planes.Where((_, i) => i % Width == Width - 1), Has.All.EqualTo(128), "padding");
        // Neighbours and channels are independent.
        Assert.That(Enumerable.Range(0, added.Length / 2).Average(i => added[2 * i] * added[2 * i + 1]),
            Is.Zero.Within(deviation * deviation / 50));
        Assert.That(Enumerable.Range(0, added.Length / 3).Average(i => added[i] * added[i + added.Length / 3]),
            Is.Zero.Within(deviation * deviation / 50));
    }

    private static byte[] Picture(int width, int height, int channels)
    {
        var random = new Random(3);
        return
        [
            .. Enumerable.Range(0, channels * width * height).Select(i =>
                (byte)(128 + 100 * Math.Sin(i % width / 5.0) * Math.Cos(i / width / 7.0) + random.Next(-20, 20)))
        ];
    }
}
