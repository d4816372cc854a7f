using Google.Protobuf;

namespace FastScnn.Torch.Onnx;

/// <summary>A protocol buffer message that grows field by field; fields are named by their numbers in onnx.proto.</summary>
internal sealed class ProtoMessage
{
    private readonly MemoryStream _bytes = new();
    private readonly CodedOutputStream _output;

    public ProtoMessage() => _output = new CodedOutputStream(_bytes, leaveOpen: true);

    public ProtoMessage Add(int field, long value)
    {
        _output.WriteTag(field, WireFormat.WireType.Varint);
        _output.WriteInt64(value);
        return this;
    }

    public ProtoMessage Add(int field, float value)
    {
        _output.WriteTag(field, WireFormat.WireType.Fixed32);
        _output.WriteFloat(value);
        return this;
    }

    public ProtoMessage Add(int field, string value)
    {
        _output.WriteTag(field, WireFormat.WireType.LengthDelimited);
        _output.WriteString(value);
        return this;
    }

    public ProtoMessage Add(int field, ReadOnlyMemory<byte> value)
    {
        _output.WriteTag(field, WireFormat.WireType.LengthDelimited);
        _output.WriteBytes(UnsafeByteOperations.UnsafeWrap(value));
        return this;
    }

    public ProtoMessage Add(int field, ProtoMessage message)
    {
        message._output.Flush();
        return Add(field, message._bytes.GetBuffer().AsMemory(0, (int)message._bytes.Length));
    }

    public void WriteTo(Stream stream)
    {
        _output.Flush();
        _bytes.WriteTo(stream);
    }
}
