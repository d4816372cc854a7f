using FastScnn.Torch.Data;
using Microsoft.ML.Data;

namespace FastScnn.ML;

/// <summary>Decodes the photos of a data set through ML.NET's image type.</summary>
/// <remarks>
/// Pixels come as the file stores them: an EXIF orientation is not applied, as label files carry none and are read as stored too.
/// A photo whose label was drawn on the turned picture shows by its size. Transparent pixels come as on black.
/// </remarks>
public static class MLImagePhotoDecoder
{
    // Four bytes of each go into one array.
    internal const long MostPixels = int.MaxValue / 4;

    /// <summary>Makes a decoder.</summary>
    /// <param name="maxPixels">The largest accepted width x height, looked at before anything is allocated for it where the file is a PNG or JPEG.</param>
    /// <returns>A decoder that may be called from several threads at once; it throws <see cref="InvalidDataException"/> for what it cannot decode.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="maxPixels"/> is less than 1 or more than fit into an array.</exception>
    public static PhotoDecoder Create(long maxPixels = IndexPng.DefaultMaxPixels)
    {
        if (maxPixels is < 1 or > MostPixels)
            throw Errors.DecoderMaxPixels(maxPixels);
        return encoded => Decode(encoded, maxPixels);
    }

    private static Photo Decode(Stream encoded, long maxPixels)
    {
        ArgumentNullException.ThrowIfNull(encoded);
        // Skia closes the stream that it decodes, and the header is read twice.
        using var content = new MemoryStream();
        encoded.CopyTo(content);
        content.Position = 0;
        if (PhotoHeader.ReadSize(content) is (> 0 and var width, > 0 and var height))
            RequireSize(width, height, maxPixels);
        using MLImage image = DecodeImage(content);
        RequireSize(image.Width, image.Height, maxPixels);
        return ToPhoto(image);
    }

    /// <summary>The pixels of an image, which stays the caller's.</summary>
    internal static Photo ToPhoto(MLImage image) => new(image.Width, image.Height, Rgb(image));

    private static MLImage DecodeImage(Stream content)
    {
        try
        {
            return MLImage.CreateFromStream(content);
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException)
        {
            throw Errors.NoPhotoFormat(e);
        }
    }

    // The sides are compared one by one first: their product can be larger than any integer.
    private static void RequireSize(long width, long height, long maxPixels)
    {
        if (width > maxPixels || height > maxPixels || width * height > maxPixels)
            throw Errors.PhotoOverDecoderLimit(width, height, maxPixels);
    }

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
        var rgb = new byte[Photo.Channels * image.Width * image.Height];
        for (int source = 0, target = 0; target < rgb.Length; source += 4, target += Photo.Channels)
        {
            rgb[target] = pixels[source + red];
            rgb[target + 1] = pixels[source + 1];
            rgb[target + 2] = pixels[source + blue];
        }
        return rgb;
    }
}
