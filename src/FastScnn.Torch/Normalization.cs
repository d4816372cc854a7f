namespace FastScnn.Torch;

/// <summary>How pixels become network input: <c>(pixel / 255 - Mean) / Std</c> for each of the channels red, green and
/// blue.</summary>
public sealed record Normalization
{
    /// <summary>The statistics of ImageNet, which the reference implementation of Fast-SCNN and most segmentation
    /// networks use.</summary>
    public static Normalization ImageNet { get; } = new();

    /// <summary>Gets or sets the mean of each channel (red, green, blue) of pixels scaled to 0..1. Default: .485, .456,
    /// .406.</summary>
    /// <exception cref="ArgumentException">There are not three finite values.</exception>
    public IReadOnlyList<float> Mean
    {
        get;
        init => field = Checked(value, nameof(Mean), float.IsFinite);
    } = [0.485f, 0.456f, 0.406f];

    /// <summary>Gets or sets the standard deviation of each channel (red, green, blue) of pixels scaled to 0..1.
    /// Default: .229, .224, .225.</summary>
    /// <exception cref="ArgumentException">There are not three finite values above 0.</exception>
    public IReadOnlyList<float> Std
    {
        get;
        init => field = Checked(value, nameof(Std), v => float.IsFinite(v) && v > 0);
    } = [0.229f, 0.224f, 0.225f];

    /// <summary>Compares by value: two normalizations with the same numbers are equal.</summary>
    /// <param name="other">The normalization to compare with.</param>
    /// <returns>Whether all six numbers are equal.</returns>
    public bool Equals(Normalization? other) =>
        other is not null && Mean.SequenceEqual(other.Mean) && Std.SequenceEqual(other.Std);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Mean[0], Mean[1], Mean[2], Std[0], Std[1], Std[2]);

    private static IReadOnlyList<float> Checked(IReadOnlyList<float> values, string name, Predicate<float> valid)
    {
        ArgumentNullException.ThrowIfNull(values, name);
        if (values.Count != 3)
            throw new ArgumentException(
                $"{name} has {values.Count} values; a normalization holds one for each of the channels red, green "
                    + "and blue, so 3.", name);
        foreach (float value in values)
        {
            if (valid(value)) continue;
            string expected = name == nameof(Std) ? "a standard deviation is finite and above 0" : "a mean is finite";
            throw new ArgumentException(FormattableString.Invariant($"{name} holds {value}; {expected}."), name);
        }
        return [.. values];
    }
}
