using System.Buffers;
using FastScnn.Torch.Data;

namespace FastScnn.ML;

/// <summary>Turns a photo into what the network takes: three planes, resized where the network cannot take the photo's own size.</summary>
internal static class PhotoInput
{
    /// <summary>The length of a scaled side, in pixels.</summary>
    public static int Scaled(int side, double scale) => Math.Max(1, (int)Math.Round(side * scale));

    /// <summary>Fills the input of a frame.</summary>
    /// <param name="frame">The frame, of the size in which the network is to see the photo.</param>
    /// <param name="normalization">The values of a network that takes floats; null for one that takes bytes.</param>
    /// <param name="image">The pixels.</param>
    /// <param name="mirrored">Whether left and right are exchanged.</param>
    public static void Fill(Frame frame, PlaneNormalization? normalization, PixelSpan image, bool mirrored = false)
    {
        (int width, int height) = (image.Width, image.Height);
        (int inputWidth, int inputHeight) = (frame.Size.Width, frame.Size.Height);
        bool resized = (inputWidth, inputHeight) != (width, height);
        byte[]? photo = resized || normalization is not null ? ArrayPool<byte>.Shared.Rent(3 * width * height) : null;
        byte[]? input = resized && normalization is not null ? ArrayPool<byte>.Shared.Rent(frame.Length) : null;
        Span<byte> planes = photo is null ? frame.Bytes : photo.AsSpan(0, 3 * width * height);
        // Rows are normalised while they are at hand, where nothing comes between.
        bool asTheyCome = !resized && !mirrored;
        frame.Planes.Run(image, planes, asTheyCome ? normalization : null, frame.Floats);
        if (resized)
        {
            Span<byte> target = input is null ? frame.Bytes : input.AsSpan(0, frame.Length);
            frame.Resize(width, height).Apply(planes, target);
            planes = target;
        }
        if (mirrored)
            PixelPlanes.Mirror(planes, inputWidth);
        if (!asTheyCome)
            normalization?.Apply(planes, frame.Floats);
        if (photo is not null)
            ArrayPool<byte>.Shared.Return(photo);
        if (input is not null)
            ArrayPool<byte>.Shared.Return(input);
    }
}
