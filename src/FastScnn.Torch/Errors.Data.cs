using FastScnn.Torch.Data;

namespace FastScnn.Torch;

internal static partial class Errors
{
    public static ArgumentException PhotoSize(int width, int height, long bytes) =>
        new(Invariant($"A photo of {width} x {height} pixels needs sides of 1 or more and {PixelBuffer.Channels} bytes a pixel, not {bytes} bytes."));

    public static ArgumentOutOfRangeException UnknownOrientation(PhotoOrientation orientation) =>
        new(nameof(PixelBuffer.Orientation), orientation, "Expected an orientation of EXIF, 1 to 8.");
}
