using FastScnn.Torch.Data.Augmentation;

namespace FastScnn.Torch.Tests.Data.Augmentation;

public class ColorTests
{
    private static readonly ColorJitter s_unchanged = new(0, 1, false, 1, 0);

    [Test]
    public void Brightness_and_contrast_stay_within_a_black_and_a_white()
    {
        Assert.That(Jittered(s_unchanged with { Brightness = 20 }, 0, 100, 250),
            Is.EqualTo(new byte[] { 20, 120, 255 }));
        Assert.That(Jittered(s_unchanged with { Brightness = -20 }, 0, 100, 250),
            Is.EqualTo(new byte[] { 0, 80, 230 }));
        Assert.That(Jittered(s_unchanged with { Contrast = 1.5f }, 0, 101, 200),
            Is.EqualTo(new byte[] { 0, 152, 255 }));
    }

    [Test]
    public void Saturation_keeps_the_greatest_channel()
    {
        Assert.That(Jittered(s_unchanged with { Saturation = 0 }, 200, 100, 50),
            Is.EqualTo(new byte[] { 200, 200, 200 }));
        Assert.That(Jittered(s_unchanged with { Saturation = 0.5f }, 200, 100, 0),
            Is.EqualTo(new byte[] { 200, 150, 100 }));
        Assert.That(Jittered(s_unchanged with { Saturation = 1.5f }, 200, 150, 100),
            Is.EqualTo(new byte[] { 200, 125, 50 }));
        Assert.That(Jittered(s_unchanged with { Saturation = 9 }, 200, 150, 100),
            Is.EqualTo(new byte[] { 200, 100, 0 }));
        Assert.That(Jittered(s_unchanged with { Saturation = 1.5f }, 77, 77, 77),
            Is.EqualTo(new byte[] { 77, 77, 77 }));
    }

    [TestCase(120, new byte[] { 10, 200, 60 })]
    [TestCase(-120, new byte[] { 60, 10, 200 })]
    [TestCase(180, new byte[] { 10, 150, 200 })]
    [TestCase(360, new byte[] { 200, 60, 10 })]
    // 200, 60, 10 is at 15.79 degrees; 339.79 is 20.21 from red: 190 x 20.21 / 60 above 10
    [TestCase(-36, new byte[] { 200, 10, 74 })]
    public void Hue_turns(float degrees, byte[] expected) =>
        Assert.That(Jittered(s_unchanged with { HueDegrees = degrees }, 200, 60, 10), Is.EqualTo(expected));

    [Test]
    public void Contrast_comes_before_or_after_the_hue()
    {
        // First: 255 (cut), 150, 0, then half of the way to 255. Last: 200, 150, 100, then 1.5 times that, cut.
        ColorJitter jitter = s_unchanged with { Contrast = 1.5f, Saturation = 0.5f };
        Assert.That(Jittered(jitter, 200, 100, 0), Is.EqualTo(new byte[] { 255, 203, 128 }));
        Assert.That(Jittered(jitter with { ContrastLast = true }, 200, 100, 0),
            Is.EqualTo(new byte[] { 255, 225, 150 }));
    }

    [Test]
    public void Every_colour_survives_a_full_turn()
    {
        for (int r = 0; r < 256; r += 15)
            for (int g = 0; g < 256; g += 15)
                for (int b = 0; b < 256; b += 15)
                    Assert.That(Jittered(s_unchanged with { HueDegrees = 360 }, (byte)r, (byte)g, (byte)b),
                        Is.EqualTo(new[] { (byte)r, (byte)g, (byte)b }));
    }

    [Test]
    public void Draws_keep_to_the_options()
    {
        var options = new AugmentationOptions
        {
            Brightness = 10,
            Contrast = 0.25,
            Saturation = 0.75,
            HueDegrees = 90,
            ColorProbability = 0.5
        };
        ColorJitter[] drawn =
        [
            .. Enumerable.Range(0, 2000).Select(i => ColorJitter.Draw(options, new SampleRandom(0, 0, i)))
        ];
        Check(drawn.Select(d => d.Brightness), 0, -10, 10);
        Check(drawn.Select(d => d.Contrast), 1, 0.75f, 1.25f);
        Check(drawn.Select(d => d.Saturation), 1, 0.25f, 1.75f);
        Check(drawn.Select(d => d.HueDegrees), 0, -90, 90);
        Assert.That(drawn.Count(d => d.ContrastLast), Is.InRange(900, 1100));

        static void Check(IEnumerable<float> values, float unchanged, float least, float most)
        {
            Assert.That(values, Has.All.InRange(least, most));
            Assert.That(values.Count(value => value == unchanged), Is.InRange(900, 1100));
            float margin = (most - least) / 50;
            Assert.That(values.Min(), Is.LessThan(least + margin));
            Assert.That(values.Max(), Is.GreaterThan(most - margin));
        }
    }

    [TestCase(0.5)]
    [TestCase(1.8)]
    public void Gamma_is_a_power(double gamma)
    {
        byte[] planes = [.. Enumerable.Range(0, 3 * 256).Select(i => (byte)i)];
        new ToneCurve(gamma, 1, 1).Apply(planes, 256, 255, 1);
        for (int i = 0; i < 255; i++)
        {
            int expected = (int)Math.Round(255 * Math.Pow(i / 255.0, gamma), MidpointRounding.AwayFromZero);
            Assert.That(new[] { planes[i], planes[256 + i], planes[512 + i] }, Has.All.EqualTo(expected));
        }
        Assert.That(new[] { planes[255], planes[511], planes[767] }, Has.All.EqualTo(255), "padding");
        Assert.That(planes[0], Is.Zero, "black stays");
    }

    [Test]
    public void White_balance_turns_red_and_blue_up_or_down()
    {
        byte[] planes = [10, 100, 250, 10, 100, 250, 10, 100, 250];
        new ToneCurve(1, 1.2, 0.75).Apply(planes, 3, 3, 1);
        Assert.That(planes, Is.EqualTo(new byte[] { 12, 120, 255, 10, 100, 250, 8, 75, 188 }));
    }

    [Test]
    public void Draws_of_light_keep_to_the_options()
    {
        var options = new AugmentationOptions
        {
            GammaProbability = 0.5,
            MaxGamma = 2,
            WhiteBalanceProbability = 0.25,
            WhiteBalance = 0.5
        };
        int none = 0, gammas = 0, balances = 0;
        var greens = new List<int>();
        var factors = new List<double>();
        for (int sample = 0; sample < 2000; sample++)
        {
            byte[] planes = [128, 128, 128];
            if (ToneCurve.Draw(options, new SampleRandom(0, 0, sample)) is { } curve) curve.Apply(planes, 1, 1, 1);
            else none++;
            if (planes[1] != 128) gammas++;
            greens.Add(planes[1]);
            if (planes[0] != planes[1] || planes[2] != planes[1])
            {
                balances++;
                factors.Add(planes[0] / (double)planes[1]);
                factors.Add(planes[2] / (double)planes[1]);
            }
        }
        Assert.That(none, Is.InRange(650, 850), "3 of 8");
        Assert.That(gammas, Is.InRange(900, 1100));
        Assert.That(balances, Is.InRange(430, 570));
        // 255 x (128 / 255) ^ 2 and ^ (1 / 2); as many are lighter as are darker.
        Assert.That(greens, Has.All.InRange(64, 181));
        Assert.That((greens.Min(), greens.Max()), Is.EqualTo((64, 181)).Or.EqualTo((65, 181)).Or.EqualTo((64, 180)));
        Assert.That(greens.Count(green => green < 128), Is.InRange(430, 570));
        Assert.That(factors, Has.All.InRange(0.49, 1.52));
        Assert.That(factors.Min(), Is.LessThan(0.52));
        Assert.That(factors.Max(), Is.GreaterThan(1.47));
    }

    [Test]
    public void Every_pixel_is_changed_as_if_alone()
    {
        // Several vectors and a rest in every row, whatever the width of a vector.
        const int Width = 149, Height = 2;
        byte[] planes = new byte[3 * Width * Height];
        new Random(3).NextBytes(planes);
        byte[] before = [.. planes];
        var jitter = new ColorJitter(-12.5f, 1.2f, true, 1.4f, 33);
        jitter.Apply(planes, Width, Width - 1, Height);
        int plane = Width * Height;
        for (int i = 0; i < plane; i++)
        {
            byte[] pixel = [before[i], before[plane + i], before[2 * plane + i]];
            if (i % Width < Width - 1) pixel = Jittered(jitter, pixel[0], pixel[1], pixel[2]);
            Assert.That(new[] { planes[i], planes[plane + i], planes[2 * plane + i] }, Is.EqualTo(pixel));
        }
    }

    [TestCase(11, 5)]
    [TestCase(60, 3)]
    [TestCase(60, 31)]
    [TestCase(60, 56)]
    public void Blur_spreads_a_point_as_a_Gaussian(int width, int column)
    {
        byte[] planes = new byte[3 * width * 9];
        planes[width * 9 + 4 * width + column] = 255;
        GaussianBlur.Apply(planes, width, width, 9, 1);
        // Columns nearer to an edge than three are left out: their Gaussians are cut.
        double[] weight = [.. Enumerable.Range(-3, 7).Select(i => Math.Exp(-i * i / 2.0))];
        double sum = weight.Sum();
        for (int y = 0; y < 9; y++)
            for (int x = Math.Max(3, column - 5); x < Math.Min(width - 3, column + 6); x++)
            {
                double expected = Math.Abs(x - column) <= 3 && Math.Abs(y - 4) <= 3
                    ? 255 * weight[x - column + 3] / sum * weight[y - 1] / Cut(y) : 0;
                Assert.That((double)planes[width * 9 + y * width + x], Is.EqualTo(expected).Within(0.55));
            }
        Assert.That(planes[..(9 * width)], Has.All.Zero);
        Assert.That(planes[(18 * width)..], Has.All.Zero);

        // Rows nearer to an edge than three have the rest of their Gaussian weighed up.
        double Cut(int y) => Enumerable.Range(-3, 7).Where(i => y + i is >= 0 and < 9).Sum(i => Math.Exp(-i * i / 2.0));
    }

    [TestCase(0.001)]
    [TestCase(0.7)]
    [TestCase(16)]
    public void Blur_leaves_plain_areas_and_padding_alone(double deviation)
    {
        byte[] planes = new byte[3 * 8 * 6];
        for (int i = 0; i < planes.Length; i++) planes[i] = (byte)(i % 8 < 5 && i / 8 % 6 < 4 ? 255 : i);
        byte[] before = [.. planes];
        GaussianBlur.Apply(planes, 8, 5, 4, deviation);
        Assert.That(planes, Is.EqualTo(before));
    }

    private static byte[] Jittered(ColorJitter jitter, byte red, byte green, byte blue)
    {
        byte[] planes = [red, 9, green, 9, blue, 9];
        jitter.Apply(planes, 2, 1, 1);
        Assert.That(planes.Where((_, i) => i % 2 == 1), Has.All.EqualTo(9), "padding");
        return [planes[0], planes[2], planes[4]];
    }
}
