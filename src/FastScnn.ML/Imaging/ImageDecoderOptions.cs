using FastScnn.Torch.Data;

namespace FastScnn.ML;

/// <summary>How image files are decoded.</summary>
public sealed record ImageDecoderOptions
{
    // Four bytes of each go into one array.
    internal const long MostPixels = int.MaxValue / 4;

    /// <summary>The largest accepted image, width x height as its header says, looked at before anything is decoded. Default: 67,108,864 (8192 x 8192).</summary>
    /// <exception cref="ArgumentOutOfRangeException">The number is not in 1..536,870,911: the pixels must fit into one array.</exception>
    public long MaxPixels
    {
        get;
        init => field = value is >= 1 and <= MostPixels ? value : throw Errors.MaxPixelsOutOfRange(value);
    } = ImageFiles.DefaultMaxPixels;

    /// <summary>
    /// Whether the EXIF orientation counts: images are turned upright, and those with a label the way it was drawn. Default: true. With false,
    /// pixels come as stored.
    /// </summary>
    public bool ApplyOrientation { get; init; } = true;

    /// <summary>
    /// Whether an image is taken that is cut short or damaged after its header: what could not be decoded is black or grey. Default: false, it
    /// is refused.
    /// </summary>
    public bool AcceptIncomplete { get; init; }
}
