using System.Runtime.InteropServices;

namespace FastScnn.Torch.Onnx;

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
    /// <returns>The name of the output.</returns>
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
    /// <returns>The name.</returns>
    public string Constant(string name, ReadOnlySpan<float> values, params ReadOnlySpan<long> shape) =>
        Constant(name, OnnxModel.FloatType, MemoryMarshal.AsBytes(values), shape);

    /// <summary>Adds an integer constant; a name that is there already is taken to mean the same values.</summary>
    /// <returns>The name.</returns>
    public string Constant(string name, ReadOnlySpan<long> values, params ReadOnlySpan<long> shape) =>
        Constant(name, OnnxModel.Int64Type, MemoryMarshal.AsBytes(values), shape);

    /// <summary>Adds a constant of any type; a name that is there already is taken to mean the same values.</summary>
    /// <returns>The name.</returns>
    public string Constant(string name, int type, ReadOnlySpan<byte> littleEndian, ReadOnlySpan<long> shape)
    {
        if (_constants.Add(name))
            _graph.Add(5, Tensor(name, type, littleEndian, shape));
        return name;
    }

    /// <summary>Adds a constant in the precision of the layers.</summary>
    /// <returns>The name.</returns>
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

    /// <summary>Names the graph and its ends, and returns the GraphProto.</summary>
    /// <exception cref="Checkpoints.CheckpointException">Weights are beyond half precision.</exception>
    public ProtoMessage Finish(string name, ProtoMessage input, params ReadOnlySpan<ProtoMessage> outputs)
    {
        if (_overflowing.Count > 0)
            throw Errors.HalfOverflow(_overflowing);
        _graph.Add(2, name).Add(11, input);
        foreach (ProtoMessage output in outputs)
            _graph.Add(12, output);
        return _graph;
    }
}
