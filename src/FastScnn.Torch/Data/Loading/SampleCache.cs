namespace FastScnn.Torch.Data.Loading;

/// <summary>
/// Decoded samples up to a number of bytes. What is in stays in: every epoch uses every sample once, so to drop the oldest would
/// drop each one just before it is needed again.
/// </summary>
internal sealed class SampleCache(long capacity)
{
    private readonly Dictionary<int, (PixelBuffer Photo, LabelMap Labels)> _samples = [];
    private readonly Lock _lock = new();

    /// <summary>The bytes held.</summary>
    public long Bytes { get; private set; }

    /// <summary>The sample, read if it is not held, and from then on held if there is room. Two threads may read the same sample at once; one of the equal results is kept.</summary>
    public (PixelBuffer Photo, LabelMap Labels) GetOrRead(int index, Func<int, (PixelBuffer Photo, LabelMap Labels)> read)
    {
        lock (_lock)
        {
            if (_samples.TryGetValue(index, out (PixelBuffer Photo, LabelMap Labels) held)) return held;
        }
        (PixelBuffer Photo, LabelMap Labels) sample = read(index);
        long bytes = (long)sample.Photo.Rgb.Length + sample.Labels.Ids.Length;
        lock (_lock)
        {
            if (bytes <= capacity - Bytes && _samples.TryAdd(index, sample)) Bytes += bytes;
        }
        return sample;
    }
}
