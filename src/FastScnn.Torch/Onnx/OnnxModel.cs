namespace FastScnn.Torch.Onnx;

/// <summary>The messages around a graph. Field numbers: https://github.com/onnx/onnx/blob/main/onnx/onnx.proto.</summary>
internal static class OnnxModel
{
    public const int FloatType = 1;
    public const int ByteType = 2;
    public const int Int8Type = 3;
    public const int Int32Type = 6;
    public const int Int64Type = 7;
    public const int HalfType = 10;

    private const int IrVersion = 8;
    private const int Opset = 17;

    /// <summary>A ModelProto.</summary>
    public static ProtoMessage Message(ProtoMessage graph, ModelInfo info)
    {
        ProtoMessage model = new ProtoMessage()
            .Add(1, IrVersion)
            .Add(2, ModelInfo.ProducerName)
            .Add(3, ModelInfo.ProducerVersion)
            .Add(7, graph)
            .Add(8, new ProtoMessage().Add(1, "").Add(2, Opset));
        foreach ((string key, string value) in info.ToMetadata())
            model.Add(14, new ProtoMessage().Add(1, key).Add(2, value));
        return model;
    }

    /// <summary>A ValueInfoProto: the name, element type and shape of an input or output; a dimension is a number, a name, or null where it is not known.</summary>
    public static ProtoMessage Value(string name, int type, params ReadOnlySpan<object?> dimensions)
    {
        var shape = new ProtoMessage();
        foreach (object? dimension in dimensions)
        {
            shape.Add(1, dimension switch
            {
                null => new ProtoMessage(),
                string symbol => new ProtoMessage().Add(2, symbol),
                _ => new ProtoMessage().Add(1, Convert.ToInt64(dimension)),
            });
        }
        return new ProtoMessage().Add(1, name).Add(2, new ProtoMessage().Add(1, new ProtoMessage().Add(1, type).Add(2, shape)));
    }
}
