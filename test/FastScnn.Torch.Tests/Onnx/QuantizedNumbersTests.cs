using FastScnn.Torch.Onnx;

namespace FastScnn.Torch.Tests.Onnx;

/// <summary>The arithmetic of 8-bit values.</summary>
public class QuantizedNumbersTests
{
    [TestCase(-1.5f, 4f)]
    [TestCase(0f, 6f)]
    [TestCase(-3f, 0f)]
    [TestCase(2f, 5f)]
    [TestCase(-5f, -2f)]
    [TestCase(-0.001f, 1000f)]
    public void Steps_cover_the_range_and_hold_zero_exactly(float low, float high)
    {
        (float scale, byte zero) = new ActivationRange(low, high).Steps();
        Assert.That((0 - zero) * scale, Is.EqualTo(Math.Min(low, 0)).Within(scale / 2 + 1e-6));
        Assert.That((255 - zero) * scale, Is.EqualTo(Math.Max(high, 0)).Within(scale / 2 + 1e-6));
    }

    [Test]
    public void A_ReLU_needs_no_zero_point() =>
        Assert.That(new ActivationRange(0, 7).Steps(), Is.EqualTo((7 / 255f, (byte)0)));

    [TestCase(0f, 0f)]
    [TestCase(0f, float.Epsilon)]
    public void A_layer_that_gives_nothing_has_some_scale(float low, float high) =>
        Assert.That(new ActivationRange(low, high).Steps(), Is.EqualTo((1f, (byte)0)));

    [TestCase(float.NaN, 1f)]
    [TestCase(0f, float.PositiveInfinity)]
    [TestCase(2f, 1f)]
    public void A_range_that_is_none_is_refused(float low, float high) =>
        Assert.That(() => new ActivationRange(low, high), Throws.ArgumentException);

    [TestCase(false, 63)]
    [TestCase(true, 127)]
    public void Every_channel_uses_its_own_steps(bool fullRange, int most)
    {
        var random = new Random(1);
        float[] weights =
        [
            .. Enumerable.Range(0, 40).Select(i => (float)(random.NextDouble() - 0.5) * (i < 20 ? 0.01f : 50))
        ];
        var layer = new FoldedConvolution(weights, [3, -0.02f], [2, 20, 1, 1]);
        QuantizedConvolution quantized = QuantizedConvolution.From(layer, 0.05f, fullRange);
        for (int i = 0; i < weights.Length; i++)
            Assert.That(quantized.Weight[i] * quantized.Scales[i / 20],
                Is.EqualTo(weights[i]).Within(quantized.Scales[i / 20] * 0.501f));
        for (int channel = 0; channel < 2; channel++)
        {
            Assert.That(quantized.Weight.Skip(20 * channel).Take(20).Max(w => Math.Abs((int)w)), Is.EqualTo(most));
            Assert.That(quantized.BiasScales[channel], Is.EqualTo(0.05f * quantized.Scales[channel]));
            Assert.That(quantized.Bias[channel] * (double)quantized.BiasScales[channel],
                Is.EqualTo(layer.Bias[channel]).Within(quantized.BiasScales[channel]));
        }
    }

    [TestCase(0f, 0f)]
    [TestCase(0f, 5f)]
    [TestCase(1e-30f, -5f)]
    [TestCase(1e-38f, 1e-38f)]
    public void Channels_with_hardly_any_weight_keep_their_bias(float weight, float bias)
    {
        QuantizedConvolution quantized = QuantizedConvolution.From(new([weight, -weight], [bias], [1, 2, 1, 1]), 0.01f,
            fullRange: false);
        Assert.That(quantized.Bias[0] * (double)quantized.BiasScales[0],
            Is.EqualTo(bias).Within(1e-6 * Math.Abs(bias) + 1e-37));
        Assert.That(quantized.Scales[0], Is.Positive);
    }
}
