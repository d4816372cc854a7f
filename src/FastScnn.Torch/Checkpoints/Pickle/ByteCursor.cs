using System.Buffers.Binary;
using System.Text;

namespace FastScnn.Torch.Checkpoints.Pickle;

/// <summary>Reads little-endian values from a file in memory and never past its end.</summary>
internal sealed class ByteCursor(byte[] data, string file)
{
    public string File => file;

    public int Position { get; private set; }

    public ReadOnlyMemory<byte> Take(long count)
    {
        if (count < 0 || count > data.Length - Position)
            throw Errors.Truncated(file, Position, count, data.Length);
        ReadOnlyMemory<byte> bytes = data.AsMemory(Position, (int)count);
        Position += (int)count;
        return bytes;
    }

    public byte ReadByte() => Take(1).Span[0];

    public ushort ReadUInt16() => BinaryPrimitives.ReadUInt16LittleEndian(Take(2).Span);

    public int ReadInt32() => BinaryPrimitives.ReadInt32LittleEndian(Take(4).Span);

    public long ReadInt64() => BinaryPrimitives.ReadInt64LittleEndian(Take(8).Span);

    public double ReadDoubleBigEndian() => BinaryPrimitives.ReadDoubleBigEndian(Take(8).Span);

    public string ReadText(long bytes) => Encoding.UTF8.GetString(Take(bytes).Span);

    public string ReadLine()
    {
        int length = data.AsSpan(Position).IndexOf((byte)'\n');
        if (length < 0) throw Errors.Truncated(file, Position, 1L + data.Length - Position, data.Length);
        string line = ReadText(length);
        Position++;
        return line;
    }
}
