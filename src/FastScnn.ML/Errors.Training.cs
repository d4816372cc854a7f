using FastScnn.Torch.Data;

namespace FastScnn.ML;

internal static partial class Errors
{
    public static ArgumentOutOfRangeException DecoderMaxPixels(long maxPixels) =>
        new(nameof(maxPixels), maxPixels, Invariant($"A limit of {maxPixels} pixels: expected 1 to {int.MaxValue / 4}."));

    public static InvalidDataException NoPhotoFormat(Exception inner) =>
        new("It is no JPEG, PNG or other format that MLImage reads, or it is damaged.", inner);

    public static InvalidDataException PhotoOverDecoderLimit(long width, long height, long maxPixels) =>
        new(Invariant($"Its {width} x {height} pixels are over the limit of {maxPixels}; shrink it, or give the {nameof(PhotoDecoder)} a higher limit."));
}
