namespace FastScnn.Torch.Data;

/// <summary>A range of the values that label files store, and the class that they stand for.</summary>
/// <param name="First">The lowest value, 0..65535.</param>
/// <param name="Last">The highest value, <paramref name="First"/>..65535.</param>
/// <param name="Id">The class id, or the ignore index.</param>
public readonly record struct LabelRange(int First, int Last, byte Id)
{
    /// <summary>A single value.</summary>
    /// <param name="value">The value, 0..65535.</param>
    /// <param name="id">The class id, or the ignore index.</param>
    public LabelRange(int value, byte id)
        : this(value, value, id)
    {
    }

    /// <summary>The range as error messages and the command line write it, such as <c>0-127:0</c>.</summary>
    public override string ToString() => First == Last ? FormattableString.Invariant($"{First}:{Id}") : FormattableString.Invariant($"{First}-{Last}:{Id}");
}
