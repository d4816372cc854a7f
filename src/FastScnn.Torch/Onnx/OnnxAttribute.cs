namespace FastScnn.Torch.Onnx;

/// <summary>Makes AttributeProto messages.</summary>
internal static class OnnxAttribute
{
    public static ProtoMessage Float(string name, float value) => Named(name, 1).Add(2, value);

    public static ProtoMessage Int(string name, long value) => Named(name, 2).Add(3, value);

    public static ProtoMessage Text(string name, string value) => Named(name, 3).Add(4, value);

    public static ProtoMessage Tensor(string name, ProtoMessage value) => Named(name, 4).Add(5, value);

    public static ProtoMessage Ints(string name, params ReadOnlySpan<long> values)
    {
        ProtoMessage attribute = Named(name, 7);
        foreach (long value in values)
            attribute.Add(8, value);
        return attribute;
    }

    private static ProtoMessage Named(string name, int type) => new ProtoMessage().Add(1, name).Add(20, type);
}
