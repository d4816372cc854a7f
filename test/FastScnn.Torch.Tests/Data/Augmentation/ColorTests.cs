using FastScnn.Torch.Data.Augmentation;

namespace FastScnn.Torch.Tests.Data.Augmentation;

public class ColorTests
{
    private static readonly ColorJitter Unchanged = new(0, 1, false, 1, 0);

    [Test]
    public void BrightnessAndContrastStayWithinABlackAndAWhite()
    {
        Assert.That(Jittered(Unchanged with { Brightness = 20 }, 0, 100, 250), Is.EqualTo(new byte[] { 20, 120, 255 }));
        Assert.That(Jittered(Unchanged with { Brightness = -20 }, 0, 100, 250), Is.EqualTo(new byte[] { 0, 80, 230 }));
        Assert.That(Jittered(Unchanged with { Contrast = 1.5f }, 0, 101, 200), Is.EqualTo(new byte[] { 0, 152, 255 }));
    }

    [Test]
    public void SaturationKeepsTheGreatestChannel()
    {
        Assert.That(Jittered(Unchanged with { Saturation = 0 }, 200, 100, 50), Is.EqualTo(new byte[] { 200, 200, 200 }));
        Assert.That(Jittered(Unchanged with { Saturation = 0.5f }, 200, 100, 0), Is.EqualTo(new byte[] { 200, 150, 100 }));
        Assert.That(Jittered(Unchanged with { Saturation = 1.5f }, 200, 150, 100), Is.EqualTo(new byte[] { 200, 125, 50 }));
        Assert.That(Jittered(Unchanged with { Saturation = 9 }, 200, 150, 100), Is.EqualTo(new byte[] { 200, 100, 0 }));
        Assert.That(Jittered(Unchanged with { Saturation = 1.5f }, 77, 77, 77), Is.EqualTo(new byte[] { 77, 77, 77 }));
    }

    [TestCase(120, new byte[] { 10, 200, 60 })]
    [TestCase(-120, new byte[] { 60, 10, 200 })]
    [TestCase(180, new byte[] { 10, 150, 200 })]
    [TestCase(360, new byte[] { 200, 60, 10 })]
    [TestCase(-36, new byte[] { 200, 10, 74 })] // 200, 60, 10 is at 15.79 degrees; 339.79 is 20.21 from red: 190 x 20.21 / 60 above 10
    public void HueTurns(float degrees, byte[] expected) =>
        Assert.That(Jittered(Unchanged with { HueDegrees = degrees }, 200, 60, 10), Is.EqualTo(expected));

    [Test]
    public void ContrastComesBeforeOrAfterTheHue()
    {
        // First: 255 (cut), 150, 0, then half of the way to 255. Last: 200, 150, 100, then 1.5 times that, cut.
        ColorJitter jitter = Unchanged with { Contrast = 1.5f, Saturation = 0.5f };
        Assert.That(Jittered(jitter, 200, 100, 0), Is.EqualTo(new byte[] { 255, 203, 128 }));
        Assert.That(Jittered(jitter with { ContrastLast = true }, 200, 100, 0), Is.EqualTo(new byte[] { 255, 225, 150 }));
    }

    [Test]
    public void EveryColourSurvivesAFullTurn()
    {
        for (int r = 0; r < 256; r += 15)
            for (int g = 0; g < 256; g += 15)
                for (int b = 0; b < 256; b += 15)
                    Assert.That(Jittered(Unchanged with { HueDegrees = 360 }, (byte)r, (byte)g, (byte)b), Is.EqualTo(new[] { (byte)r, (byte)g, (byte)b }));
    }

    [Test]
    public void DrawsKeepToTheOptions()
    {
        var options = new AugmentationOptions { Brightness = 10, Contrast = 0.25, Saturation = 0.75, HueDegrees = 90, ColorProbability = 0.5 };
        ColorJitter[] drawn = [.. Enumerable.Range(0, 2000).Select(i => ColorJitter.Draw(options, new SampleRandom(0, 0, i)))];
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

    [Test]
    public void BlurSpreadsAPointAsAGaussian()
    {
        byte[] planes = new byte[3 * 11 * 9];
        planes[11 * 9 + 4 * 11 + 5] = 255; // green, at column 5, row 4
        GaussianBlur.Apply(planes, 11, 11, 9, 1);
        double[] weight = [.. Enumerable.Range(-3, 7).Select(i => Math.Exp(-i * i / 2.0))];
        double sum = weight.Sum();
        for (int y = 0; y < 9; y++)
            for (int x = 0; x < 11; x++)
            {
                double expected = Math.Abs(x - 5) <= 3 && Math.Abs(y - 4) <= 3 ? 255 * weight[x - 2] / sum * weight[y - 1] / sum : 0;
                Assert.That((double)planes[11 * 9 + y * 11 + x], Is.EqualTo(expected).Within(0.55));
            }
        Assert.That(planes[..99], Has.All.Zero);
        Assert.That(planes[198..], Has.All.Zero);
    }

    [TestCase(0.001)]
    [TestCase(0.7)]
    [TestCase(16)]
    public void BlurLeavesPlainAreasAndPaddingAlone(double deviation)
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
