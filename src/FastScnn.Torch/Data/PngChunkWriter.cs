using System.Buffers.Binary;

namespace FastScnn.Torch.Data;

/// <summary>Writes one chunk of a PNG: length, type, content, checksum.</summary>
internal static class PngChunkWriter
{
    public static void Write(Stream stream, ReadOnlySpan<byte> type, ReadOnlySpan<byte> content)
    {
        Span<byte> number = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(number, content.Length);
        stream.Write(number);
        stream.Write(type);
        stream.Write(content);
        BinaryPrimitives.WriteUInt32BigEndian(number, Crc32.Append(Crc32.Append(0, type), content));
        stream.Write(number);
    }
}
