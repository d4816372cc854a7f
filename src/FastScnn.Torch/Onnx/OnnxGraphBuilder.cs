using System.Runtime.InteropServices;
using FastScnn.Torch.Checkpoints;
using Google.Protobuf;

namespace FastScnn.Torch.Onnx;

/// <summary>The height and width before and after a resize.</summary>
internal readonly record struct ResizeSize(int FromHeight, int FromWidth, int Height, int Width);

/// <summary>Collects the nodes and constants of a GraphProto. A value is known by its name.</summary>
/// <param name="half">Whether weights are in half precision.</param>
internal sealed class OnnxGraphBuilder(bool half = false)
{
    private readonly ProtoMessage _graph = new();
    private readonly HashSet<string> _constants = [];
    private readonly List<string> _overflowing = [];

    /// <summary>The type of the values between layers.</summary>
    public int LayerType => half ? OnnxModel.HalfType : OnnxModel.FloatType;

    /// <summary>Adds a node with one output, which has the node's name.</summary>
    public string Node(string name, string operation, string[] inputs, params ReadOnlySpan<ProtoMessage> attributes)
    {
        var node = new ProtoMessage();
        foreach (string input in inputs)
            node.Add(1, input);
        node.Add(2, name).Add(3, name).Add(4, operation);
        foreach (ProtoMessage attribute in attributes)
            node.Add(5, attribute);
        _graph.Add(1, node);
        return name;
    }

    /// <summary>Adds a float constant; a name that is there already is taken to mean the same values.</summary>
    public string Constant(string name, ReadOnlySpan<float> values, params ReadOnlySpan<long> shape) =>
        Constant(name, OnnxModel.FloatType, MemoryMarshal.AsBytes(values), shape);

    /// <summary>Adds an integer constant; a name that is there already is taken to mean the same values.</summary>
    public string Constant(string name, ReadOnlySpan<long> values, params ReadOnlySpan<long> shape) =>
        Constant(name, OnnxModel.Int64Type, MemoryMarshal.AsBytes(values), shape);

    /// <summary>Adds a constant of any type; a name that is there already is taken to mean the same values.</summary>
    public string Constant(string name, int type, ReadOnlySpan<byte> littleEndian, ReadOnlySpan<long> shape)
    {
        if (_constants.Add(name))
            _graph.Add(5, Tensor(name, type, littleEndian, shape));
        return name;
    }

    /// <summary>Adds a constant in the precision of the layers.</summary>
    public string Weights(string name, float[] values, params ReadOnlySpan<long> shape)
    {
        if (!half)
            return Constant(name, values, shape);
        Half[] halves = Array.ConvertAll(values, value => (Half)value);
        for (int i = 0; i < values.Length; i++)
        {
            if (!float.IsFinite(values[i]) || Half.IsFinite(halves[i]))
                continue;
            _overflowing.Add(FormattableString.Invariant($"{name} ({values[i]})"));
            break;
        }
        return Constant(name, OnnxModel.HalfType, MemoryMarshal.AsBytes<Half>(halves), shape);
    }

    /// <summary>A TensorProto.</summary>
    public static ProtoMessage Tensor(string name, int type, ReadOnlySpan<byte> littleEndian, ReadOnlySpan<long> shape)
    {
        var tensor = new ProtoMessage();
        foreach (long size in shape)
            tensor.Add(1, size);
        return tensor.Add(2, type).Add(8, name).Add(9, littleEndian.ToArray());
    }

    public string Relu(string x) => Node($"{x}.relu", "Relu", [x]);

    public string Cast(string name, string x, int type) => Node(name, "Cast", [x], OnnxAttribute.Int("to", type));

    /// <summary>Bilinear resize with aligned corners to the size of another value, which is a constant where the size
    /// is fixed.</summary>
    public string Resize(string name, string x, string like, ResizeSize? size)
    {
        string[] inputs;
        if (size is { } fixedSize)
        {
            // Scales and not sizes: those would hold N too, which stays free.
            string scales = Constant($"{name}.scales",
                [1, 1, Scale(fixedSize.FromHeight, fixedSize.Height), Scale(fixedSize.FromWidth, fixedSize.Width)], 4);
            inputs = [x, "", scales];
        }
        else
        {
            string channels = Node($"{name}.channels", "Shape", [x], OnnxAttribute.Int("start", 0),
                OnnxAttribute.Int("end", 2));
            string sides = Node($"{name}.sides", "Shape", [like], OnnxAttribute.Int("start", 2),
                OnnxAttribute.Int("end", 4));
            inputs = [x, "", "", Node($"{name}.sizes", "Concat", [channels, sides], OnnxAttribute.Int("axis", 0))];
        }
        return Node(name, "Resize", inputs,
            OnnxAttribute.Text("mode", "linear"),
            OnnxAttribute.Text("coordinate_transformation_mode", "align_corners"));
    }

    /// <summary>Bilinear resize by a factor, pixel centres on pixel centres: sides become floor(side *
    /// factor).</summary>
    public string Enlarge(string name, string x, float factor) =>
        Node(name, "Resize", [x, "", Constant($"{name}.scales", [1, 1, factor, factor], 4)],
            OnnxAttribute.Text("mode", "linear"),
            OnnxAttribute.Text("coordinate_transformation_mode", "half_pixel"));

    /// <summary>Names the graph and its ends, and returns the GraphProto.</summary>
    /// <exception cref="CheckpointException">Weights are beyond half precision.</exception>
    public ProtoMessage Finish(string name, ProtoMessage input, params ReadOnlySpan<ProtoMessage> outputs)
    {
        if (_overflowing.Count > 0)
            throw HalfOverflow();
        _graph.Add(2, name).Add(11, input);
        foreach (ProtoMessage output in outputs)
            _graph.Add(12, output);
        return _graph;
    }

    /// <summary>The factor that turns one side into exactly the other when a runtime multiplies, in single or double
    /// precision, and cuts off the fraction.</summary>
    internal static float Scale(int from, int to)
    {
        float scale = (float)((double)to / from);
        while ((int)(from * scale) < to || (int)(from * (double)scale) < to)
            scale = MathF.BitIncrement(scale);
        return scale;
    }

    private CheckpointException HalfOverflow() =>
        new(
            $"{_overflowing.Count} tensors have values beyond half precision (65504), the first of each in "
            + $"parentheses: {ErrorText.List(_overflowing)}. Export them with Precision Float32.");
}

/// <summary>The messages around a graph. Field numbers:
/// https://github.com/onnx/onnx/blob/main/onnx/onnx.proto.</summary>
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

    /// <summary>A ValueInfoProto: the name, element type and shape of an input or output; a dimension is a number, a
    /// name, or null where it is not known.</summary>
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
        return new ProtoMessage().Add(1, name).Add(2,
            new ProtoMessage().Add(1, new ProtoMessage().Add(1, type).Add(2, shape)));
    }
}

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

/// <summary>A protocol buffer message that grows field by field; fields are named by their numbers in
/// onnx.proto.</summary>
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
