using System.Buffers.Binary;

namespace FastScnn.ML;

/// <summary>
/// Reads how large a PNG or JPEG says it is without decoding it: decoders allocate what a header claims, and a file of some hundred
/// bytes can claim gigabytes.
/// </summary>
internal static class PhotoHeader
{
    private const int PngSizeEnd = 24;

    private static ReadOnlySpan<byte> PngSignature => [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A];

    /// <summary>The size that the header claims, or null for other formats and for files without a header; the position stays.</summary>
    /// <param name="encoded">A stream that can seek.</param>
    public static (long Width, long Height)? ReadSize(Stream encoded)
    {
        long position = encoded.Position;
        try
        {
            Span<byte> start = stackalloc byte[PngSizeEnd];
            int read = encoded.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
            if (read == PngSizeEnd && start.StartsWith(PngSignature))
                return (BinaryPrimitives.ReadUInt32BigEndian(start[16..]), BinaryPrimitives.ReadUInt32BigEndian(start[20..]));
            if (read < 2 || start[0] != 0xFF || start[1] != 0xD8)
                return null;
            encoded.Position = position + 2;
            return JpegSize(encoded);
        }
        finally
        {
            encoded.Position = position;
        }
    }

    // Segments follow each other until a frame header (ITU T.81, table B.1): length, precision, height, width.
    private static (long Width, long Height)? JpegSize(Stream encoded)
    {
        Span<byte> segment = stackalloc byte[7];
        while (encoded.ReadByte() is var mark and >= 0)
        {
            if (mark != 0xFF)
                continue;
            int marker = encoded.ReadByte();
            while (marker == 0xFF)
                marker = encoded.ReadByte();
            bool standsAlone = marker is 0x00 or 0x01 or (>= 0xD0 and <= 0xD8);
            if (standsAlone)
                continue;
            if (marker is < 0 or 0xD9 or 0xDA)
                return null;
            bool isFrame = marker is >= 0xC0 and <= 0xCF and not (0xC4 or 0xC8 or 0xCC);
            int wanted = isFrame ? segment.Length : 2;
            if (encoded.ReadAtLeast(segment[..wanted], wanted, throwOnEndOfStream: false) < wanted)
                return null;
            if (isFrame)
                return (BinaryPrimitives.ReadUInt16BigEndian(segment[5..]), BinaryPrimitives.ReadUInt16BigEndian(segment[3..]));
            encoded.Position += Math.Max(0, BinaryPrimitives.ReadUInt16BigEndian(segment) - 2);
        }
        return null;
    }
}
