namespace FastScnn.Torch.Data.Loading;

/// <summary>How a <see cref="BatchLoader"/> loads. None but <see cref="Seed"/>, <see cref="BatchSize"/>, <see cref="Shuffle"/> and <see cref="DropLast"/> has a say in what the batches hold.</summary>
public sealed record LoaderOptions
{
    /// <summary>Samples in a batch, 1..4096. Default: 8.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public int BatchSize
    {
        get;
        init => field = value is >= 1 and <= 4096 ? value : throw Errors.Option(nameof(BatchSize), value, "1 to 4096");
    } = 8;

    /// <summary>Threads that decode and augment, 1..256. Default: 2.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public int Workers
    {
        get;
        init => field = value is >= 1 and <= 256 ? value : throw Errors.Option(nameof(Workers), value, "1 to 256");
    } = 2;

    /// <summary>Batches that are made or ready ahead of the one in use, 1..1024: this bounds the memory. Default: 2.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public int QueuedBatches
    {
        get;
        init => field = value is >= 1 and <= 1024 ? value : throw Errors.Option(nameof(QueuedBatches), value, "1 to 1024");
    } = 2;

    /// <summary>Bytes of decoded photos and labels that are kept from epoch to epoch, 0 or more. Default: 0, none.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is negative.</exception>
    public long CacheBytes
    {
        get;
        init => field = value >= 0 ? value : throw Errors.Option(nameof(CacheBytes), value, "0 or more");
    }

    /// <summary>Decides the order of the samples and all of their augmentation. Default: 0.</summary>
    public int Seed { get; init; }

    /// <summary>Whether each epoch has a random order of its own. Default: true.</summary>
    public bool Shuffle { get; init; } = true;

    /// <summary>Whether samples that do not fill a last batch are left out of the epoch. Default: true, as in the seed: batch norm cannot train on one sample.</summary>
    public bool DropLast { get; init; } = true;
}
