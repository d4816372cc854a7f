using FastScnn.Torch.Metrics;

namespace FastScnn.Torch.Tests.Metrics;

public class CalibrationCountsTests
{
    [Test]
    public void Small_case_by_hand()
    {
        CalibrationCounts counts = new();
        // 0.95 and 1 are in the last bin, 1 of 2 right; 0.5 in the eighth, right; one pixel is ignored.
        counts.Add([0, 1, 1, 255], [0, 0, 1, 1], [0.9375f, 1, 0.5f, 0.1f]);

        Assert.That(counts.Pixels, Is.EqualTo(3));
        Assert.That(counts[14], Is.EqualTo((2L, 0.96875, 0.5)));
        Assert.That(counts[7], Is.EqualTo((1L, 0.5, 1.0)));
        Assert.That(counts[1], Is.EqualTo((0L, double.NaN, double.NaN)));
        Assert.That(counts.ExpectedError, Is.EqualTo((2 * (0.96875 - 0.5) + (1 - 0.5)) / 3).Within(1e-15));
    }

    [Test]
    public void Without_a_labelled_pixel_nothing_is_defined()
    {
        CalibrationCounts counts = new();
        counts.Add([255, 255], [0, 1], [0.3f, float.NaN]);
        Assert.That(counts.ExpectedError, Is.NaN);
        Assert.That(counts[4].Accuracy, Is.NaN);
    }

    [Test]
    public void Random_maps_give_what_the_definition_gives()
    {
        const int Pixels = 5000;
        Random random = new(4);
        CalibrationCounts counts = new(), merged = new(), reversed = new();
        List<(double Confidence, bool Right)> samples = [];
        List<CalibrationCounts> parts = [];
        for (int image = 0; image < 5; image++)
        {
            byte[] labels = new byte[Pixels], predictions = new byte[Pixels];
            float[] confidence = new float[Pixels];
            for (int i = 0; i < Pixels; i++)
            {
                labels[i] = random.Next(5) == 0 ? (byte)9 : (byte)random.Next(3);
                predictions[i] = random.Next(9) == 0 ? (byte)200 : (byte)random.Next(3);
                // The ends of bins too, and 0 and 1.
                confidence[i] = random.Next(3) == 0 ? random.Next(16) / 15f : random.NextSingle();
                if (labels[i] != 9) samples.Add((confidence[i], labels[i] == predictions[i]));
            }
            counts.Add(labels, predictions, confidence, ignoreIndex: 9);
            CalibrationCounts part = new();
            part.Add(labels, predictions, confidence, ignoreIndex: 9);
            parts.Add(part);
        }
        parts.ForEach(merged.Add);
        parts.AsEnumerable().Reverse().ToList().ForEach(reversed.Add);

        double error = 0;
        for (int bin = 0; bin < 15; bin++)
        {
            (double Confidence, bool Right)[] inside = [.. samples.Where(sample =>
                (sample.Confidence > bin / 15.0 || bin == 0) && sample.Confidence <= (bin + 1) / 15.0)];
            double confidence = inside.Average(sample => sample.Confidence),
                accuracy = inside.Average(sample => sample.Right ? 1.0 : 0);
            Assert.That(counts[bin].Pixels, Is.EqualTo(inside.Length), $"bin {bin}");
            Assert.That(counts[bin].Confidence, Is.EqualTo(confidence).Within(1e-7));
            Assert.That(counts[bin].Accuracy, Is.EqualTo(accuracy).Within(1e-12));
            error += Math.Abs(accuracy - confidence) * inside.Length / samples.Count;
        }
        Assert.That(counts.ExpectedError, Is.EqualTo(error).Within(1e-7).And.GreaterThan(0.1));
        Assert.That(merged.ExpectedError, Is.EqualTo(counts.ExpectedError), "counts of several threads");
        Assert.That(reversed.ExpectedError, Is.EqualTo(counts.ExpectedError), "in any order");
    }

    [TestCase(new[] { 0.5f }, "2 predictions and 1 values")]
    [TestCase(new[] { 0.5f, 1.5f }, "pixel 1 is 1.5")]
    [TestCase(new[] { -0.1f, 0.5f }, "pixel 0 is -0.1")]
    [TestCase(new[] { 0.5f, float.NaN }, "pixel 1 is NaN")]
    public void What_is_no_confidence_is_refused_and_nothing_counted(float[] confidence, string found)
    {
        CalibrationCounts counts = new();
        Assert.That(() => counts.Add([0, 1], [0, 1], confidence),
            Throws.ArgumentException.With.Message.Contains(found));
        Assert.That(counts.Pixels, Is.Zero);
    }
}
