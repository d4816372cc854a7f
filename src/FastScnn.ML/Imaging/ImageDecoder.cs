using System.Runtime.InteropServices;
using FastScnn.Torch.Data;
using Microsoft.ML.Data;
using SkiaSharp;
using static System.FormattableString;

namespace FastScnn.ML.Imaging;

/// <summary>How image files are decoded.</summary>
public sealed record ImageDecoderOptions
{
    // Four bytes of each go into one array.
    internal const long MostPixels = int.MaxValue / 4;

    /// <summary>Gets the largest accepted image, width x height as its header says, looked at before anything is
    /// decoded. Default: 67,108,864 (8192 x 8192).</summary>
    /// <exception cref="ArgumentOutOfRangeException">The number is not in 1..536,870,911: the pixels must fit into one
    /// array.</exception>
    public long MaxPixels
    {
        get;
        init => field = value is >= 1 and <= MostPixels ? value : throw Throw.MaxPixels(value);
    } = ImageFiles.DefaultMaxPixels;

    /// <summary>Gets whether the EXIF orientation counts: images are turned upright, and those with a mask the way it
    /// was drawn. Default: true. With false, pixels come as stored.</summary>
    public bool ApplyOrientation { get; init; } = true;

    /// <summary>Gets whether an image is taken that is cut short or damaged after its header: what could not be decoded
    /// is black or grey. Default: false, it is refused.</summary>
    public bool AcceptIncomplete { get; init; }
}

/// <summary>Why an image is refused.</summary>
public enum ImageFault
{
    /// <summary>The file is of a kind that is not read, such as a TIFF, a PDF or a text.</summary>
    UnknownFormat,

    /// <summary>The header says more pixels than the limit.</summary>
    TooLarge,

    /// <summary>The file is cut short.</summary>
    Incomplete,

    /// <summary>The file begins as an image does, and cannot be decoded, or not wholly.</summary>
    Damaged,
}

/// <summary>The facts about an image that is refused: the inner exception of the one that names the image.</summary>
public sealed class ImageException : Exception
{
    internal ImageException(ImageFault fault, string finding)
        : base(finding) => Fault = fault;

    /// <summary>Gets the kind of fault. The message says what was found, in whole sentences about "it", the image,
    /// without its name and without advice.</summary>
    public ImageFault Fault { get; }
}

/// <summary>Reads image files: the one decoder of this library, on the codec that ML.NET's images use.</summary>
/// <remarks>
/// <para>The codec tells size and format from the header, before anything is decoded: an image over the limit is
/// refused, whatever its format. One that is cut short or damaged is refused too, unless the options accept it. What is
/// no image is named by its first bytes.</para>
/// <para>JPEG, PNG, GIF (the first image), BMP, WebP, ICO (the largest image) and WBMP are read. Pixels are 8 bits a
/// channel, in the colour space of the file. Transparent pixels come blended with black, as in images of
/// <c>LoadImages</c>.</para>
/// </remarks>
/// <example><code>
/// using MLImage image = ImageDecoder.Read("street.jpg");
/// </code></example>
public static class ImageDecoder
{
    private const string ReadFormats = "JPEG, PNG, GIF, BMP, WebP, ICO and WBMP are read";
    private const string AcceptAdvice =
        $"Copy it again, or set {nameof(ImageDecoderOptions)}.{nameof(ImageDecoderOptions.AcceptIncomplete)} to take "
            + "what there is.";

    /// <summary>Reads an image file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="options">The settings; null for the defaults.</param>
    /// <returns>The image, upright, which the caller disposes.</returns>
    /// <exception cref="FileNotFoundException">There is no such file, or it is a folder.</exception>
    /// <exception cref="InvalidDataException">
    /// The file is no image that is read, is over the limit, cut short or damaged: the message names it, and the inner
    /// exception is an <see cref="ImageException"/>. Or it is empty, a named pipe or a device.
    /// </exception>
    /// <exception cref="IOException">The file cannot be opened or read.</exception>
    public static MLImage Read(string path, ImageDecoderOptions? options = null)
    {
        using DecodedImage image = Open(path, options ?? new());
        return image.ToImage();
    }

    /// <summary>Reads an encoded image.</summary>
    /// <param name="stream">The encoded image, from the current position; read to its end, not closed.</param>
    /// <param name="name">The name of the image in error messages.</param>
    /// <param name="options">The settings; null for the defaults.</param>
    /// <returns>The image, upright, which the caller disposes.</returns>
    /// <exception cref="InvalidDataException">As <see cref="Read(string, ImageDecoderOptions?)"/>.</exception>
    public static MLImage Read(Stream stream, string name, ImageDecoderOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(name);
        using DecodedImage image = Open(stream, name, options ?? new());
        return image.ToImage();
    }

    /// <summary>Decodes an image with the default settings: the codec that training and quantization take.</summary>
    /// <param name="encoded">The encoded image, from the current position; read to its end, not closed.</param>
    /// <returns>
    /// The pixels as the file stores them (<see cref="PixelLayout.Rgb24"/>), with the EXIF orientation beside them: a
    /// data set turns an image the way its mask was drawn.
    /// </returns>
    /// <exception cref="InvalidDataException">
    /// As <see cref="Read(string, ImageDecoderOptions?)"/>; the message names no file, which the caller does.
    /// </exception>
    /// <example><code>
    /// TrainingResult result = trainer.Train(training, validation, ImageDecoder.Decode);
    /// </code></example>
    public static PixelBuffer Decode(Stream encoded) => Decode(encoded, new());

    /// <summary>Makes a decoder with other settings, for training and quantization.</summary>
    /// <param name="options">The settings.</param>
    /// <returns>A decoder that works as <see cref="Decode(Stream)"/>; it may be called from several threads at once.</returns>
    public static Func<Stream, PixelBuffer> WithOptions(ImageDecoderOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return encoded => Decode(encoded, options);
    }

    private static PixelBuffer Decode(Stream encoded, ImageDecoderOptions options)
    {
        ArgumentNullException.ThrowIfNull(encoded);
        using DecodedImage image = Open(encoded, name: null, options);
        return image.ToPixelBuffer();
    }

    internal static DecodedImage Open(string path, ImageDecoderOptions options, Action<long, long>? checkSize = null)
    {
        using FileStream stream = ImageFiles.OpenRead(path);
        return Open(stream, path, options, checkSize);
    }

    /// <param name="stream">The encoded image.</param>
    /// <param name="name">The name of the image in error messages; null where the caller adds the name.</param>
    /// <param name="options">The settings.</param>
    /// <param name="checkSize">Gets the size that the header says, and throws to refuse it; null for the limit of the
    /// options.</param>
    internal static DecodedImage Open(Stream stream, string? name, ImageDecoderOptions options,
        Action<long, long>? checkSize = null)
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
            if (!options.AcceptIncomplete
                && ImageStructure.WhyIncomplete(file, format, info.Width, info.Height) is { } why)
                throw Incomplete(name, format, why);
            ImageOrientation orientation = !options.ApplyOrientation ? ImageOrientation.TopLeft
                : codec.EncodedOrigin != SKEncodedOrigin.TopLeft ? (ImageOrientation)codec.EncodedOrigin
                : ImageStructure.Orientation(file, format);
            return DecodingBudget.Run((long)info.Width * info.Height,
                () => Fill(codec, orientation, format, name, options.AcceptIncomplete));
        }
        finally
        {
            pin.Free();
        }
    }

    private static DecodedImage Fill(SKCodec codec, ImageOrientation orientation, SKEncodedImageFormat format,
        string? name, bool acceptIncomplete)
    {
        var image = new DecodedImage(codec.Info, orientation);
        SKCodecResult result = image.Fill(codec);
        if (result == SKCodecResult.Success
            || acceptIncomplete && result is SKCodecResult.IncompleteInput or SKCodecResult.ErrorInInput)
            return image;
        image.Dispose();
        throw result switch
        {
            SKCodecResult.IncompleteInput => Incomplete(name, format, "its pixels end early"),
            SKCodecResult.ErrorInInput => Refuse(
                ImageFault.Damaged, name, $"It is {A(format)} with damaged pixels: decoding stops before its end.",
                AcceptAdvice),
            _ => Damaged(name, format),
        };
    }

    // The first bytes decide whether the rest is read.
    private static (byte[] File, SKEncodedImageFormat Format) ReadFile(Stream stream, string? name, long maxPixels)
    {
        var start = new byte[ImageSignature.Length];
        int read = stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        SKEncodedImageFormat format = ImageSignature.Format(start.AsSpan(0, read))
            ?? throw Refuse(ImageFault.UnknownFormat, name,
                $"It is {ImageSignature.Describe(start.AsSpan(0, read))}; {ReadFormats}.");
        // Uncompressed pixels of 16 bits, and room for what else a file holds.
        long most = Math.Min(8 * maxPixels + (64 << 20), Array.MaxLength);
        if (!stream.CanSeek)
            return (ReadRest(stream, start.AsSpan(0, read), name, most, maxPixels), format);
        long length = read + Math.Max(0, stream.Length - stream.Position);
        if (length > most)
            throw TooLong(name, length, most, maxPixels);
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
                throw TooLong(name, file.Length + read, most, maxPixels);
            file.Write(buffer, 0, read);
        }
        return file.ToArray();
    }

    private static InvalidDataException HeaderFault(
        ReadOnlySpan<byte> file, SKEncodedImageFormat format, string? name, Action<long, long> checkSize,
        SKCodecResult result)
    {
        if (format == SKEncodedImageFormat.Png && ImageStructure.PngSize(file) is var (width, height))
        {
            if (width == 0 || height == 0)
            {
                return Refuse(
                    ImageFault.Damaged, name,
                    Invariant(
                        $"It is {A(format)} whose header says {width} x {height} pixels; both sides must be 1 or more."));
            }
            // The codec itself refuses a side of more than a million.
            checkSize(width, height);
        }
        if (format == SKEncodedImageFormat.Jpeg && ImageStructure.UncommonJpeg(file) is { } kind)
            return Refuse(ImageFault.UnknownFormat, name, $"It is {kind}, which is not read; {ReadFormats}.");
        // Of a PNG that lacks a chunk the codec says that it is incomplete, too.
        return ImageStructure.WhyIncomplete(file, format, 0, 0) is { } why ? Incomplete(name, format, why, header: true)
            : result == SKCodecResult.IncompleteInput && format != SKEncodedImageFormat.Png
            ? Incomplete(name, format, Invariant($"its {file.Length} bytes hold no whole header"), header: true)
            : Damaged(name, format);
    }

    // Divided, because the product of claimed sides can be larger than any integer.
    private static void CheckSize(string? name, long width, long height, long maxPixels)
    {
        if (width > maxPixels / height)
        {
            throw Refuse(
                ImageFault.TooLarge, name,
                Invariant($"Its header says {width} x {height} pixels, over the limit of {maxPixels} pixels."),
                $"Shrink it, or raise {nameof(ImageDecoderOptions)}.{nameof(ImageDecoderOptions.MaxPixels)}.");
        }
    }

    private static InvalidDataException TooLong(string? name, long length, long most, long maxPixels) => Refuse(
        ImageFault.TooLarge, name,
        Invariant($"It has {length} bytes; an image within the limit of {maxPixels} pixels takes {most} at most."));

    private static InvalidDataException Incomplete(string? name, SKEncodedImageFormat format, string how,
        bool header = false) => Refuse(
        ImageFault.Incomplete, name, $"It is {A(format)} that is cut short: {how}.",
        header ? "Copy it again." : AcceptAdvice);

    private static InvalidDataException Damaged(string? name, SKEncodedImageFormat format) => Refuse(
        ImageFault.Damaged, name, $"It begins as {A(format)} does, and cannot be decoded: it is damaged.",
        "Copy it again.");

    private static InvalidDataException Refuse(ImageFault fault, string? name, string finding, string advice = "") =>
        new($"{NotRead(name)}{finding} {advice}".TrimEnd(), new ImageException(fault, finding));

    /// <summary>How the message of a refused image begins. A null name: it has none, or the caller adds it.</summary>
    internal static string NotRead(string? name) => name is null ? "" : $"'{name}' is not read. ";

    private static string A(SKEncodedImageFormat format) => format switch
    {
        SKEncodedImageFormat.Ico => "an ICO",
        SKEncodedImageFormat.Webp => "a WebP",
        _ => $"a {format.ToString().ToUpperInvariant()}",
    };
}

/// <summary>The pixels of a decoded file as they are stored, in native memory that is freed when it is
/// disposed.</summary>
internal sealed class DecodedImage(SKImageInfo stored, ImageOrientation orientation) : IDisposable
{
    // Premultiplied is blended with black.
    private readonly SKBitmap _bitmap = new(new SKImageInfo(
        stored.Width, stored.Height, SKColorType.Bgra8888,
        stored.AlphaType == SKAlphaType.Opaque ? SKAlphaType.Opaque : SKAlphaType.Premul));

    public ImageOrientation Orientation => orientation;

    /// <summary>Bgra32, without gaps between rows; valid until the image is disposed.</summary>
    public PixelSpan Span => new(_bitmap.GetPixelSpan(), _bitmap.Width, _bitmap.Height, PixelLayout.Bgra32);

    public SKCodecResult Fill(SKCodec codec) => codec.GetPixels(_bitmap.Info, _bitmap.GetPixels());

    /// <summary>A copy of the stored pixels, which tells how they lie.</summary>
    public PixelBuffer ToPixelBuffer() => new(_bitmap.Width, _bitmap.Height, Span.ToRgb24())
    {
        Orientation = orientation,
        HasTransparency = _bitmap.AlphaType != SKAlphaType.Opaque && IsTransparent(),
    };

    /// <summary>An upright image, which the caller disposes.</summary>
    public MLImage ToImage() => orientation == ImageOrientation.TopLeft
        ? MLImage.CreateFromPixels(_bitmap.Width, _bitmap.Height, MLPixelFormat.Bgra32, Span.Pixels)
        : ToPixelBuffer().ToUpright().ToImage();

    public void Dispose() => _bitmap.Dispose();

    private bool IsTransparent()
    {
        foreach (uint pixel in MemoryMarshal.Cast<byte, uint>(Span.Pixels))
            if (pixel < 0xFF000000)
                return true;
        return false;
    }
}

/// <summary>Bounds the memory of decoding for any number of threads. The images that are decoded at the same time have
/// together at most the pixels of the default limit. A damaged image can take 9 bytes a pixel before the codec reports
/// it.</summary>
internal static class DecodingBudget
{
    private static readonly object s_gate = new();
    private static long s_free = ImageFiles.DefaultMaxPixels;

    /// <summary>Waits for room, then works; an image of more pixels than there are works alone.</summary>
    public static T Run<T>(long pixels, Func<T> work)
    {
        long taken = Math.Min(pixels, ImageFiles.DefaultMaxPixels);
        lock (s_gate)
        {
            while (s_free < taken)
                Monitor.Wait(s_gate);
            s_free -= taken;
        }
        try
        {
            return work();
        }
        finally
        {
            lock (s_gate)
            {
                s_free += taken;
                Monitor.PulseAll(s_gate);
            }
        }
    }
}
