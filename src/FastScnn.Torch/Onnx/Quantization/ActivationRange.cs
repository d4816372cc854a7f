namespace FastScnn.Torch.Onnx;

/// <summary>The values that the outputs of a layer take, for <see cref="OnnxQuantization"/>: 8 bits cover them, values beyond are cut off.</summary>
public readonly record struct ActivationRange
{
    // The smallest number of full precision, 2^-126; runtimes may take less for 0.
    internal const float SmallestScale = 1.17549435E-38f;

    /// <summary>Makes a range.</summary>
    /// <param name="low">The smallest value.</param>
    /// <param name="high">The largest value, <paramref name="low"/> or above.</param>
    /// <exception cref="ArgumentException">A bound is not finite, or they are the wrong way round.</exception>
    public ActivationRange(float low, float high)
    {
        if (!float.IsFinite(low) || !float.IsFinite(high) || low > high)
            throw Errors.ActivationRange(low, high);
        (Low, High) = (low, high);
    }

    /// <summary>The smallest value.</summary>
    public float Low { get; }

    /// <summary>The largest value.</summary>
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
