using System.Buffers.Binary;
using FastScnn.Torch.Data;
using SkiaSharp;
using static System.FormattableString;

namespace FastScnn.ML.Imaging;

/// <summary>What the codec does not tell of a file: whether it ends where its format says, before memory is taken for
/// its pixels, and the orientation in PNG and WebP.</summary>
internal static class ImageStructure
{
    // The most pixels that a byte can hold. JPEG: a bit for a block of 8 x 8. PNG: deflate makes at most 1032 bytes of
    // one, each 8 pixels. GIF: a code of 12 bits stands for at most 4096 pixels.
    private const long JpegPixels = 8 * 64, PngPixels = 1032 * 8, GifPixels = 4096 * 8 / 12 + 1;

    /// <summary>How the file is shorter than its header and its format say; null where it is not, as far as can be seen
    /// without decoding.</summary>
    public static string? WhyIncomplete(ReadOnlySpan<byte> file, SKEncodedImageFormat format, int width, int height)
    {
        string? reason = format switch
        {
            SKEncodedImageFormat.Jpeg => JpegEnd(file),
            SKEncodedImageFormat.Png => FindChunk(file, "IEND"u8) is null ? "the chunk IEND at its end is missing"
                : null,
            SKEncodedImageFormat.Gif => GifEnd(file, width, height)
                ?? (file.TrimEnd((byte)0)[^1] == 0x3B ? null : ZeroEnd(file)),
            SKEncodedImageFormat.Webp => Shorter(file, 8L + BinaryPrimitives.ReadUInt32LittleEndian(file[4..]))
                ?? ZeroEnd(file),
            SKEncodedImageFormat.Ico => Shorter(file, IcoLength(file)),
            SKEncodedImageFormat.Bmp => Shorter(file, BmpLength(file)),
            SKEncodedImageFormat.Wbmp => Shorter(file, (width + 7L) / 8 * height),
            _ => null,
        };
        long most = format switch
        {
            SKEncodedImageFormat.Jpeg => JpegPixels,
            SKEncodedImageFormat.Png or SKEncodedImageFormat.Ico => PngPixels,
            _ => long.MaxValue / file.Length,
        };
        return reason ?? ((long)width * height / file.Length > most
            ? Invariant($"its {file.Length} bytes cannot hold {width} x {height} pixels") : null);
    }

    /// <summary>The size in the header of a PNG that the codec refuses.</summary>
    public static (long Width, long Height)? PngSize(ReadOnlySpan<byte> file) =>
        file.Length >= 24 && file[12..].StartsWith("IHDR"u8)
            ? (BinaryPrimitives.ReadUInt32BigEndian(file[16..]), BinaryPrimitives.ReadUInt32BigEndian(file[20..]))
            : null;

    /// <summary>The orientation that a PNG or WebP holds as EXIF: the codec reads that of JPEG alone.</summary>
    public static ImageOrientation Orientation(ReadOnlySpan<byte> file, SKEncodedImageFormat format)
    {
        Range? found = format switch
        {
            SKEncodedImageFormat.Png => FindChunk(file, "eXIf"u8),
            SKEncodedImageFormat.Webp => FindRiff(file, "EXIF"u8),
            _ => null,
        };
        if (found is not { } range)
            return ImageOrientation.TopLeft;
        ReadOnlySpan<byte> exif = file[range];
        return ExifOrientation(exif.StartsWith("Exif\0\0"u8) ? exif[6..] : exif);
    }

    /// <summary>The kind of a JPEG that no common codec reads, for an error text; null for the common ones.</summary>
    public static string? UncommonJpeg(ReadOnlySpan<byte> file) => JpegParts(file).Frame switch
    {
        0xC3 or 0xC7 or 0xCB or 0xCF => "a lossless JPEG, as medical and raw images have",
        0xC5 or 0xC6 or 0xCD or 0xCE => "a hierarchical JPEG",
        0xC9 or 0xCA => "a JPEG with arithmetic coding",
        0xC1 when JpegParts(file).Precision > 8 => Invariant($"a JPEG of {JpegParts(file).Precision} bits a channel"),
        _ => null,
    };

    private static string? JpegEnd(ReadOnlySpan<byte> file) =>
        JpegParts(file).Scan is var scan and > 0 && file[scan..].LastIndexOf((ReadOnlySpan<byte>)[0xFF, 0xD9]) < 0
            ? "its end marker is missing" : null;

    // Segments follow each other until the first scan (ITU T.81, annex B); thumbnails within them have end markers of
    // their own.
    private static (int Frame, int Precision, int Scan) JpegParts(ReadOnlySpan<byte> file)
    {
        (int frame, int precision) = (0, 0);
        for (int at = 2; at + 4 <= file.Length;)
        {
            int marker = file[at + 1];
            if (file[at] != 0xFF || marker is 0xFF or 0x00 or 0x01 or (>= 0xD0 and <= 0xD8))
            {
                at++;
                continue;
            }
            if (marker == 0xDA)
                return (frame, precision, at);
            if (marker is >= 0xC0 and <= 0xCF and not (0xC4 or 0xC8 or 0xCC) && at + 4 < file.Length)
                (frame, precision) = (marker, file[at + 4]);
            at += 2 + BinaryPrimitives.ReadUInt16BigEndian(file[(at + 2)..]);
        }
        return (frame, precision, 0);
    }

    // Chunks: length, type, content, checksum.
    private static Range? FindChunk(ReadOnlySpan<byte> file, ReadOnlySpan<byte> type)
    {
        for (long at = 8; at + 12 <= file.Length;)
        {
            uint length = BinaryPrimitives.ReadUInt32BigEndian(file[(int)at..]);
            if (at + 12 + length > file.Length)
                return null;
            if (file[((int)at + 4)..].StartsWith(type))
                return ((int)at + 8)..((int)at + 8 + (int)length);
            at += 12 + length;
        }
        return null;
    }

    private static Range? FindRiff(ReadOnlySpan<byte> file, ReadOnlySpan<byte> type)
    {
        for (long at = 12; at + 8 <= file.Length;)
        {
            uint length = BinaryPrimitives.ReadUInt32LittleEndian(file[((int)at + 4)..]);
            if (at + 8 + length > file.Length)
                return null;
            if (file[(int)at..].StartsWith(type))
                return ((int)at + 8)..((int)at + 8 + (int)length);
            at += 8 + length + length % 2;
        }
        return null;
    }

    // The first image counts, and the file must reach its trailer.
    private static string? GifEnd(ReadOnlySpan<byte> file, int width, int height)
    {
        const string NoTrailer = "the trailer at its end is missing";
        if (file.Length < 13)
            return NoTrailer;
        int at = 13 + TableLength(file[10]);
        bool first = true;
        while (at < file.Length)
        {
            switch (file[at])
            {
                case 0x3B:
                    return null;
                case 0x21:
                    at += 2;
                    break;
                case 0x2C when at + 10 <= file.Length:
                    long pixels = (long)BinaryPrimitives.ReadUInt16LittleEndian(file[(at + 5)..])
                        * BinaryPrimitives.ReadUInt16LittleEndian(file[(at + 7)..]);
                    if (first && pixels / file.Length > GifPixels)
                        return Invariant($"its {file.Length} bytes cannot hold {width} x {height} pixels");
                    first = false;
                    at += 11 + TableLength(file[at + 9]);
                    break;
                default:
                    // No block begins so: left to the codec, or cut within an image's head.
                    return file[at] == 0x2C ? NoTrailer : null;
            }
            while (at < file.Length && file[at] != 0)
                at += 1 + file[at];
            at++;
        }
        return NoTrailer;
    }

    private static int TableLength(byte flags) => (flags & 0x80) == 0 ? 0 : 3 << ((flags & 7) + 1);

    // Rows are padded to 4 bytes; run-length coded ones have a length of their own.
    private static long BmpLength(ReadOnlySpan<byte> file)
    {
        if (file.Length < 38)
            return 54;
        long start = BinaryPrimitives.ReadUInt32LittleEndian(file[10..]);
        if (BinaryPrimitives.ReadUInt32LittleEndian(file[14..]) == 12)
            return start + Rows(BinaryPrimitives.ReadUInt16LittleEndian(file[18..]),
                BinaryPrimitives.ReadUInt16LittleEndian(file[20..]),
                BinaryPrimitives.ReadUInt16LittleEndian(file[24..]));
        return BinaryPrimitives.ReadUInt32LittleEndian(file[30..]) is 1 or 2
            ? start + BinaryPrimitives.ReadUInt32LittleEndian(file[34..])
            : start + Rows(BinaryPrimitives.ReadInt32LittleEndian(file[18..]),
                BinaryPrimitives.ReadInt32LittleEndian(file[22..]),
                BinaryPrimitives.ReadUInt16LittleEndian(file[28..]));

        static long Rows(long width, long height, int bits) =>
            (Math.Abs(width) * bits + 31) / 32 * 4 * Math.Abs(height);
    }

    // A copy that was made at full length and never filled. Compressed pixels hold no such run of zeros.
    private static string? ZeroEnd(ReadOnlySpan<byte> file)
    {
        const int Suspicious = 64;
        int zeros = file.Length - file.TrimEnd((byte)0).Length;
        return zeros >= Suspicious ? Invariant($"its last {zeros} bytes are zeros") : null;
    }

    // The directory names where each image ends; the codec takes a smaller image for one that is cut.
    private static long IcoLength(ReadOnlySpan<byte> file)
    {
        long end = 6;
        for (int at = 6, left = file.Length < 6 ? 0 : BinaryPrimitives.ReadUInt16LittleEndian(file[4..]);
            left > 0 && at + 16 <= file.Length; left--, at += 16)
            end = Math.Max(end, (long)BinaryPrimitives.ReadUInt32LittleEndian(file[(at + 8)..])
                + BinaryPrimitives.ReadUInt32LittleEndian(file[(at + 12)..]));
        return end;
    }

    private static string? Shorter(ReadOnlySpan<byte> file, long length) =>
        file.Length < length ? Invariant($"it has {file.Length} of {length} bytes") : null;

    // TIFF: byte order, offset of the first directory, entries of 12 bytes.
    private static ImageOrientation ExifOrientation(ReadOnlySpan<byte> tiff)
    {
        const int Tag = 0x0112;
        if (tiff.Length < 8 || !(tiff.StartsWith("II"u8) || tiff.StartsWith("MM"u8)))
            return ImageOrientation.TopLeft;
        bool little = tiff[0] == 'I';
        uint start = little ? BinaryPrimitives.ReadUInt32LittleEndian(tiff[4..])
            : BinaryPrimitives.ReadUInt32BigEndian(tiff[4..]);
        for (long entry = start + 2L; entry + 12 <= tiff.Length && entry < start + 2L + 12 * Short(tiff, start, little);
            entry += 12)
            if (Short(tiff, entry, little) == Tag && Short(tiff, entry + 8, little) is >= 1 and <= 8 and var value)
                return (ImageOrientation)value;
        return ImageOrientation.TopLeft;

        static int Short(ReadOnlySpan<byte> bytes, long at, bool little) =>
            little ? BinaryPrimitives.ReadUInt16LittleEndian(bytes[(int)at..])
                : BinaryPrimitives.ReadUInt16BigEndian(bytes[(int)at..]);
    }
}
