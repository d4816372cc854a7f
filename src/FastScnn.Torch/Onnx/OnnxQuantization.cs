namespace FastScnn.Torch.Onnx;

/// <summary>How an <see cref="OnnxPrecision.Int8"/> file is quantized: QuantizeLinear and DequantizeLinear around the
/// convolutions (QDQ, static), activations as uint8 with one scale and zero point a tensor, weights as int8 with a
/// scale for every output channel, biases as int32.</summary>
/// <remarks>What stays in single precision: the stage <c>learning_to_downsample</c> (on CamVid 0.6 points of mIoU for 1
/// % of the time), the last convolution, whose output decides between classes, and the averages of the pyramid pooling,
/// which are few.</remarks>
internal sealed record OnnxQuantization
{
    /// <summary>The range of every tensor that a graph exported with <see cref="OnnxExportOptions.ActivationOutputs"/>
    /// gives beside the logits, by its name there. <c>FastScnnQuantizer</c> in FastScnn.ML measures them on
    /// images.</summary>
    public required IReadOnlyDictionary<string, ActivationRange> Ranges
    {
        get;
        init
        {
            ArgumentNullException.ThrowIfNull(value, nameof(Ranges));
            field = value;
        }
    }

    /// <summary>Whether weights use all of -127..127. Default: false, -63..63, because processors without VNNI
    /// instructions (AVX2 alone) add pairs of products in 16 bits, which full weights overflow.</summary>
    public bool FullRangeWeights { get; init; }

    /// <summary>The layers to leave in single precision, by their keys in a checkpoint or the beginnings of them, such
    /// as <c>classifier.</c> or <c>global_feature_extractor.bottleneck1.0.block.2</c>. Default: none. A name that
    /// stands for none is an error when the file is written.</summary>
    public IReadOnlyList<string> FloatLayers
    {
        get;
        init
        {
            ArgumentNullException.ThrowIfNull(value, nameof(FloatLayers));
            field = value;
        }
    } = [];
}

/// <summary>The values that the outputs of a layer take, for <see cref="OnnxQuantization"/>: 8 bits cover them, values
/// beyond are cut off.</summary>
internal readonly record struct ActivationRange
{
    // The smallest number of full precision, 2^-126; runtimes may take less for 0.
    internal const float SmallestScale = 1.17549435E-38f;

    public ActivationRange(float low, float high)
    {
        if (!float.IsFinite(low) || !float.IsFinite(high) || low > high)
            throw new ArgumentException(
                FormattableString.Invariant(
                    $"A range of {low} to {high}; expected two finite numbers, the smaller one first."));
        (Low, High) = (low, high);
    }

    public float Low { get; }

    public float High { get; }

    // 0 is always among the values, because padding and ReLU need it exactly.
    internal (float Scale, byte ZeroPoint) Steps()
    {
        double low = Math.Min(Low, 0), high = Math.Max(High, 0);
        // Small enough to vanish in single precision means that the layer gives nothing but zeros.
        float scale = (float)((high - low) / byte.MaxValue);
        return scale < SmallestScale ? (1, 0) : (scale, (byte)Math.Clamp(Math.Round(-low / scale), 0, byte.MaxValue));
    }
}

/// <summary>A convolution in integers: weights as int8 with a scale for each output channel, and the bias in units of
/// input scale times weight scale.</summary>
/// <param name="Weight">As <see cref="FoldedConvolution.Weight"/>, in units of <paramref name="Scales"/>.</param>
/// <param name="Scales">[output].</param>
/// <param name="Bias">[output], in units of <paramref name="BiasScales"/>.</param>
/// <param name="BiasScales">[output].</param>
internal sealed record QuantizedConvolution(sbyte[] Weight, float[] Scales, int[] Bias, float[] BiasScales)
{
    private const int FullRange = 127;
    private const int SafeRange = 63;

    public static QuantizedConvolution From(FoldedConvolution layer, float inputScale, bool fullRange)
    {
        int outputs = layer.Bias.Length, row = layer.Weight.Length / outputs, most = fullRange ? FullRange : SafeRange;
        QuantizedConvolution quantized = new(new sbyte[layer.Weight.Length], new float[outputs], new int[outputs],
            new float[outputs]);
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
        const double MostBias = 1 << 30;
        double scale = Math.Max(largest / (double)most, Math.Abs(bias) / MostBias / inputScale);
        return Math.Max((float)scale, ActivationRange.SmallestScale / Math.Min(inputScale, 1));
    }
}
