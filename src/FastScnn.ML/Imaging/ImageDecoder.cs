using System.Runtime.InteropServices;
using FastScnn.Torch.Data;
using Microsoft.ML.Data;
using SkiaSharp;

namespace FastScnn.ML;

/// <summary>Reads image files: the one decoder of this library, on the codec that ML.NET's images use.</summary>
/// <remarks>
/// <para>The codec tells size and format from the header, before anything is decoded: an image over the limit is refused, whatever its format.
/// One that is cut short or damaged is refused too, unless the options accept it. What is no image is named by its first bytes.</para>
/// <para>JPEG, PNG, GIF (the first picture), BMP, WebP, ICO (the largest picture) and WBMP are read. Pixels are 8 bits a channel, in the
/// colour space of the file. Transparent pixels come blended with black, as in images of <c>LoadImages</c>.</para>
/// </remarks>
/// <example><code>
/// using MLImage image = ImageDecoder.Read("street.jpg");
/// </code></example>
public static class ImageDecoder
{
    /// <summary>Reads an image file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="options">The settings; null for the defaults.</param>
    /// <returns>The image, upright, which the caller disposes.</returns>
    /// <exception cref="FileNotFoundException">There is no such file, or it is a folder.</exception>
    /// <exception cref="InvalidDataException">
    /// The file is no image that is read, is over the limit, cut short or damaged: the message names it, and the inner exception is an
    /// <see cref="ImageException"/>. Or it is empty, a named pipe or a device.
    /// </exception>
    /// <exception cref="IOException">The file cannot be opened or read.</exception>
    public static MLImage Read(string path, ImageDecoderOptions? options = null)
    {
        using DecodedImage image = Decode(path, options ?? new());
        return image.ToImage();
    }

    /// <summary>Reads an encoded image.</summary>
    /// <param name="stream">The encoded image, from the current position; read to its end, not closed.</param>
    /// <param name="name">What error messages call the image.</param>
    /// <param name="options">The settings; null for the defaults.</param>
    /// <returns>The image, upright, which the caller disposes.</returns>
    /// <exception cref="InvalidDataException">As <see cref="Read(string, ImageDecoderOptions?)"/>.</exception>
    public static MLImage Read(Stream stream, string name, ImageDecoderOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(name);
        using DecodedImage image = Decode(stream, name, options ?? new());
        return image.ToImage();
    }

    internal static DecodedImage Decode(string path, ImageDecoderOptions options, Action<long, long>? checkSize = null)
    {
        using FileStream stream = ImageFiles.OpenRead(path);
        return Decode(stream, path, options, checkSize);
    }

    /// <param name="stream">The encoded image.</param>
    /// <param name="name">What error messages call the image; null where the caller adds the name.</param>
    /// <param name="options">The settings.</param>
    /// <param name="checkSize">Gets the size that the header says, and throws to refuse it; null for the limit of the options.</param>
    internal static DecodedImage Decode(Stream stream, string? name, ImageDecoderOptions options, Action<long, long>? checkSize = null)
    {
        (byte[] file, SKEncodedImageFormat format) = ReadFile(stream, name, options.MaxPixels);
        // The codec gives up on a progressive JPEG that has no end marker.
        if (options.AcceptIncomplete && format == SKEncodedImageFormat.Jpeg)
            file = [.. file, 0xFF, 0xD9];
        // The codec reads the bytes where they are; pinned, they stay there.
        var pin = GCHandle.Alloc(file, GCHandleType.Pinned);
        try
        {
            using SKData data = SKData.Create(pin.AddrOfPinnedObject(), file.Length);
            using var bytes = new SKMemoryStream(data);
            using SKCodec? codec = SKCodec.Create(bytes, out SKCodecResult result);
            checkSize ??= (width, height) => CheckSize(name, width, height, options.MaxPixels);
            if (codec is null)
                throw HeaderFault(file, format, name, checkSize, result);
            SKImageInfo info = codec.Info;
            checkSize(info.Width, info.Height);
            if (!options.AcceptIncomplete && ImageStructure.WhyIncomplete(file, format, info.Width, info.Height) is { } why)
                throw Errors.ImageIncomplete(name, format, why);
            PhotoOrientation orientation = !options.ApplyOrientation ? PhotoOrientation.TopLeft
                : codec.EncodedOrigin != SKEncodedOrigin.TopLeft ? (PhotoOrientation)codec.EncodedOrigin
                : ImageStructure.Orientation(file, format);
            return DecodingBudget.Run((long)info.Width * info.Height, () => Fill(codec, orientation, format, name, options.AcceptIncomplete));
        }
        finally
        {
            pin.Free();
        }
    }

    private static DecodedImage Fill(SKCodec codec, PhotoOrientation orientation, SKEncodedImageFormat format, string? name, bool acceptIncomplete)
    {
        var image = new DecodedImage(codec.Info, orientation);
        try
        {
            Check(image.Fill(codec), format, name, acceptIncomplete);
            return image;
        }
        catch
        {
            image.Dispose();
            throw;
        }
    }

    // The first bytes decide whether the rest is read.
    private static (byte[] File, SKEncodedImageFormat Format) ReadFile(Stream stream, string? name, long maxPixels)
    {
        var start = new byte[FirstBytes.Length];
        int read = stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        SKEncodedImageFormat format = FirstBytes.Format(start.AsSpan(0, read)) ?? throw Errors.ImageFormat(name, FirstBytes.Describe(start.AsSpan(0, read)));
        // Uncompressed pixels of 16 bits, and room for what else a file holds.
        long most = Math.Min(8 * maxPixels + (64 << 20), Array.MaxLength);
        if (!stream.CanSeek)
            return (ReadRest(stream, start.AsSpan(0, read), name, most, maxPixels), format);
        long length = read + Math.Max(0, stream.Length - stream.Position);
        if (length > most)
            throw Errors.ImageFileTooLong(name, length, most, maxPixels);
        byte[] file = GC.AllocateUninitializedArray<byte>((int)length);
        start.AsSpan(0, read).CopyTo(file);
        read += stream.ReadAtLeast(file.AsSpan(read), file.Length - read, throwOnEndOfStream: false);
        return (read == file.Length ? file : file[..read], format);
    }

    private static byte[] ReadRest(Stream stream, ReadOnlySpan<byte> start, string? name, long most, long maxPixels)
    {
        using var file = new MemoryStream();
        file.Write(start);
        byte[] buffer = new byte[64 * 1024];
        for (int read; (read = stream.Read(buffer)) > 0;)
        {
            if (file.Length + read > most)
                throw Errors.ImageFileTooLong(name, file.Length + read, most, maxPixels);
            file.Write(buffer, 0, read);
        }
        return file.ToArray();
    }

    private static InvalidDataException HeaderFault(ReadOnlySpan<byte> file, SKEncodedImageFormat format, string? name, Action<long, long> checkSize, SKCodecResult result)
    {
        if (format == SKEncodedImageFormat.Png && ImageStructure.PngSize(file) is var (width, height))
        {
            if (width == 0 || height == 0)
                return Errors.ImageWithoutPixels(name, format, width, height);
            // The codec itself refuses a side of more than a million.
            checkSize(width, height);
        }
        if (format == SKEncodedImageFormat.Jpeg && ImageStructure.UncommonJpeg(file) is { } kind)
            return Errors.ImageOfUncommonKind(name, kind);
        // Of a PNG that lacks a chunk the codec says that it is incomplete, too.
        return ImageStructure.WhyIncomplete(file, format, 0, 0) is { } why ? Errors.ImageIncomplete(name, format, why, header: true)
            : result == SKCodecResult.IncompleteInput && format != SKEncodedImageFormat.Png
            ? Errors.ImageIncomplete(name, format, FormattableString.Invariant($"its {file.Length} bytes hold no whole header"), header: true)
            : Errors.ImageDamaged(name, format);
    }

    // Divided, because the product of claimed sides can be larger than any integer.
    private static void CheckSize(string? name, long width, long height, long maxPixels)
    {
        if (width > maxPixels / height)
            throw Errors.ImageTooLarge(name, width, height, maxPixels);
    }

    private static void Check(SKCodecResult result, SKEncodedImageFormat format, string? name, bool acceptIncomplete)
    {
        switch (result)
        {
            case SKCodecResult.Success:
            case SKCodecResult.IncompleteInput or SKCodecResult.ErrorInInput when acceptIncomplete:
                return;
            case SKCodecResult.IncompleteInput:
                throw Errors.ImageIncomplete(name, format, "its pixels end early");
            case SKCodecResult.ErrorInInput:
                throw Errors.ImageDamagedInside(name, format);
            default:
                throw Errors.ImageDamaged(name, format);
        }
    }
}
