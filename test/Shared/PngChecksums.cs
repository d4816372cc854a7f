using System.Buffers.Binary;

namespace FastScnn.Testing;

/// <summary>Makes the checksums of a changed PNG fit again.</summary>
internal static class PngChecksums
{
    private const int SignatureLength = 8, FrameLength = 12;

    /// <summary>Writes the checksum of every chunk anew, up to the first whose length cannot be.</summary>
    public static void Mend(byte[] png)
    {
        for (int start = SignatureLength; start + FrameLength <= png.Length;)
        {
            uint length = BinaryPrimitives.ReadUInt32BigEndian(png.AsSpan(start));
            if (length > png.Length - start - FrameLength)
                return;
            BinaryPrimitives.WriteUInt32BigEndian(png.AsSpan(start + 8 + (int)length),
                Crc32(png.AsSpan(start + 4, (int)length + 4)));
            start += FrameLength + (int)length;
        }
    }

    // PNG specification, annex D, bit by bit.
    private static uint Crc32(ReadOnlySpan<byte> data)
    {
        uint crc = uint.MaxValue;
        foreach (byte value in data)
        {
            crc ^= value;
            for (int bit = 0; bit < 8; bit++)
                crc = (crc & 1) == 0 ? crc >> 1 : crc >> 1 ^ 0xEDB88320;
        }
        return ~crc;
    }
}
