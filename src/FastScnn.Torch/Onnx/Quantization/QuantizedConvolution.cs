namespace FastScnn.Torch.Onnx;

/// <summary>A convolution in integers: weights as int8 with a scale for each output channel, and the bias in units of input scale times weight scale.</summary>
/// <param name="Weight">As <see cref="FoldedConvolution.Weight"/>, in units of <paramref name="Scales"/>.</param>
/// <param name="Scales">[output].</param>
/// <param name="Bias">[output], in units of <paramref name="BiasScales"/>.</param>
/// <param name="BiasScales">[output].</param>
internal sealed record QuantizedConvolution(sbyte[] Weight, float[] Scales, int[] Bias, float[] BiasScales)
{
    private const int FullRange = 127;
    private const int SafeRange = 63;

    /// <param name="layer">The convolution.</param>
    /// <param name="inputScale">The scale of its input.</param>
    /// <param name="fullRange">Whether weights may use -127..127; otherwise -63..63.</param>
    public static QuantizedConvolution From(FoldedConvolution layer, float inputScale, bool fullRange)
    {
        int outputs = layer.Bias.Length, row = layer.Weight.Length / outputs, most = fullRange ? FullRange : SafeRange;
        QuantizedConvolution quantized = new(new sbyte[layer.Weight.Length], new float[outputs], new int[outputs], new float[outputs]);
        for (int output = 0; output < outputs; output++)
        {
            ReadOnlySpan<float> weights = layer.Weight.AsSpan(output * row, row);
            float scale = Scale(weights, layer.Bias[output], inputScale, most);
            quantized.Scales[output] = scale;
            for (int i = 0; i < row; i++)
                quantized.Weight[output * row + i] = (sbyte)Math.Clamp(MathF.Round(weights[i] / scale), -most, most);
            quantized.BiasScales[output] = inputScale * scale;
            quantized.Bias[output] = (int)Math.Round(layer.Bias[output] / (double)quantized.BiasScales[output]);
        }
        return quantized;
    }

    // A channel with weights near zero takes a scale at which its bias still fits into 31 bits.
    private static float Scale(ReadOnlySpan<float> weights, float bias, float inputScale, int most)
    {
        float largest = 0;
        foreach (float weight in weights)
            largest = Math.Max(largest, Math.Abs(weight));
        const double mostBias = 1 << 30;
        double scale = Math.Max(largest / (double)most, Math.Abs(bias) / mostBias / inputScale);
        return Math.Max((float)scale, ActivationRange.SmallestScale / Math.Min(inputScale, 1));
    }
}
