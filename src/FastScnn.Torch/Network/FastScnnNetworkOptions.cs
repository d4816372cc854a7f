namespace FastScnn.Torch.Network;

/// <summary>The settings of a <see cref="FastScnnNetwork"/>.</summary>
public sealed record FastScnnNetworkOptions
{
    /// <summary>Gets or sets the number of classes, 2..255. Default: 19, as Cityscapes has.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public int Classes
    {
        get;
        init => field = value is >= 2 and <= 255 ? value : throw Throw.OutOfRange(nameof(Classes), value, "2 to 255");
    } = 19;

    /// <summary>Gets or sets whether a second, small classifier on the early features gives logits of its own, to help
    /// training. Default: false.</summary>
    public bool AuxiliaryHead { get; init; }

    /// <summary>Gets or sets the share of values that dropout zeroes before each classifier in training, 0 up to but
    /// not including 1. Default: 0.1.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public double Dropout
    {
        get;
        init => field = value is >= 0 and < 1 ? value
            : throw Throw.OutOfRange(nameof(Dropout), value, "0 up to but not including 1");
    } = 0.1;

    /// <summary>Gets or sets the seed of a random generator of the network's own, which fresh weights and, on the
    /// processor, dropout draw from: they then depend on the seed alone, and libtorch's default generator, which the
    /// whole process shares, is left as it is. Default: null, the default generator.</summary>
    public ulong? Seed { get; init; }

    /// <summary>Gets or sets the channels of the input, 1 or more. Default: 3, red, green and blue.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is below 1.</exception>
    public int InputChannels
    {
        get;
        init => field = value >= 1 ? value : throw Throw.OutOfRange(nameof(InputChannels), value, "1 or more");
    } = 3;
}
