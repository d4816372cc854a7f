using FastScnn.Torch.Data;
using Microsoft.ML.Data;

namespace FastScnn.ML;

/// <summary>Decodes the photos of a data set through the <see cref="ImageDecoder"/>.</summary>
/// <remarks>
/// Pixels come as the file stores them, with the EXIF orientation beside them: the data set turns a photo where its label was drawn on the
/// upright picture. Transparent pixels come blended with black.
/// </remarks>
public static class MLImagePhotoDecoder
{
    /// <summary>Makes a decoder.</summary>
    /// <param name="maxPixels">The largest accepted width x height, looked at before anything is decoded.</param>
    /// <returns>A decoder that may be called from several threads at once; it throws <see cref="InvalidDataException"/> for what it cannot decode.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="maxPixels"/> is less than 1 or more than fit into an array.</exception>
    public static PhotoDecoder Create(long maxPixels = ImageFiles.DefaultMaxPixels) => Create(new ImageDecoderOptions { MaxPixels = maxPixels });

    /// <summary>Makes a decoder.</summary>
    /// <param name="options">The settings.</param>
    /// <returns>A decoder that may be called from several threads at once; it throws <see cref="InvalidDataException"/> for what it cannot decode.</returns>
    public static PhotoDecoder Create(ImageDecoderOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return encoded =>
        {
            ArgumentNullException.ThrowIfNull(encoded);
            using DecodedImage image = ImageDecoder.Decode(encoded, name: null, options);
            return image.ToPhoto();
        };
    }

    /// <summary>The pixels of an image, which stays the caller's.</summary>
    internal static PixelBuffer ToPhoto(MLImage image) => new(image.Width, image.Height, Rgb(image));

    private static byte[] Rgb(MLImage image)
    {
        bool isBgra = image.PixelFormat switch
        {
            MLPixelFormat.Bgra32 => true,
            MLPixelFormat.Rgba32 => false,
            MLPixelFormat other => throw Errors.UnknownImageFormat(other),
        };
        (int red, int blue) = isBgra ? (2, 0) : (0, 2);
        ReadOnlySpan<byte> pixels = image.Pixels;
        var rgb = new byte[PixelBuffer.Channels * image.Width * image.Height];
        for (int source = 0, target = 0; target < rgb.Length; source += 4, target += PixelBuffer.Channels)
        {
            rgb[target] = pixels[source + red];
            rgb[target + 1] = pixels[source + 1];
            rgb[target + 2] = pixels[source + blue];
        }
        return rgb;
    }
}
