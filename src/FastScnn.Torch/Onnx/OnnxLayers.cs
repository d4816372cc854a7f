using System.Runtime.InteropServices;
using FastScnn.Torch.Network;

namespace FastScnn.Torch.Onnx;

/// <summary>The layers that hold the network's weights and join its branches, as nodes in single or half
/// precision.</summary>
internal class NetworkLayers(OnnxGraphBuilder graph)
{
    private readonly List<string> _activations = [];

    /// <summary>The values between layers that quantization needs to know the ranges of.</summary>
    public IReadOnlyList<string> Activations => _activations;

    /// <summary>A convolution with its bias, and ReLU behind it where asked for.</summary>
    public virtual string Convolution(string name, string x, FoldedConvolution layer, int stride = 1, int padding = 0,
        int groups = 1, bool relu = false) =>
        Activation(Node(name, x, FloatWeight(name, layer), FloatBias(name, layer), layer, stride, padding, groups,
            relu));

    /// <summary>A 1x1 convolution and ReLU on so few pixels that it is never quantized, and its result no
    /// activation.</summary>
    public string SmallConvolution(string name, string x, FoldedConvolution layer) =>
        Node(name, x, FloatWeight(name, layer), FloatBias(name, layer), layer, stride: 1, padding: 0, groups: 1,
            relu: true);

    /// <summary>The convolution that gives the logits, in single precision and no activations.</summary>
    public string LastConvolution(string name, string x, FoldedConvolution layer, string output)
    {
        bool isFloat = graph.LayerType == OnnxModel.FloatType;
        string y = Node(isFloat ? output : $"{name}.half", x, FloatWeight(name, layer), FloatBias(name, layer), layer,
            stride: 1, padding: 0, groups: 1, relu: false);
        return isFloat ? y : graph.Cast(output, y, OnnxModel.FloatType);
    }

    /// <summary>A sum, and ReLU behind it where asked for.</summary>
    public virtual string Add(string name, string first, string second, bool relu = false) =>
        Activation(Sum(name, first, second, relu));

    /// <summary>Makes a value known as one whose range matters.</summary>
    public string Activation(string x)
    {
        _activations.Add(x);
        return x;
    }

    protected string Node(string name, string x, string weight, string bias, FoldedConvolution layer, int stride,
        int padding, int groups, bool relu)
    {
        string y = graph.Node(name, "Conv", [x, weight, bias],
            OnnxAttribute.Ints("kernel_shape", layer.Shape[2], layer.Shape[3]),
            OnnxAttribute.Ints("strides", stride, stride),
            OnnxAttribute.Ints("pads", padding, padding, padding, padding),
            OnnxAttribute.Int("group", groups));
        return relu ? graph.Relu(y) : y;
    }

    protected string Sum(string name, string first, string second, bool relu)
    {
        string y = graph.Node(name, "Add", [first, second]);
        return relu ? graph.Relu(y) : y;
    }

    protected string FloatWeight(string name, FoldedConvolution layer) =>
        graph.Weights($"{name}.weight", layer.Weight, layer.Shape);

    protected string FloatBias(string name, FoldedConvolution layer) =>
        graph.Weights($"{name}.bias", layer.Bias, layer.Shape[0]);
}

/// <summary>Layers in 8-bit integers: QuantizeLinear and DequantizeLinear on either side of them, from which a runtime
/// makes integer operations. Values that only layers in single precision touch stay as they are.</summary>
internal sealed class QuantizedLayers(OnnxGraphBuilder graph, OnnxQuantization quantization) : NetworkLayers(graph)
{
    // The layers that see most pixels have few channels, where integers gain little, and what they lose is lost for all
    // that follow.
    private const string FloatStage = $"{FastScnnArchitecture.LearningToDownsample}.";

    private readonly OnnxGraphBuilder _graph = graph;

    // By the name of a value: what it is called after the way to 8 bits and back.
    private readonly Dictionary<string, string> _quantized = [];
    private readonly List<string> _missing = [];
    private readonly HashSet<string> _unknown = [.. quantization.FloatLayers];

    /// <inheritdoc/>
    public override string Convolution(string name, string x, FoldedConvolution layer, int stride = 1, int padding = 0,
        int groups = 1, bool relu = false)
    {
        if (!IsQuantizedLayer(name))
            return IsQuantized(x) ? FloatConvolution(name, x, layer, stride, padding, groups, relu)
                : base.Convolution(name, x, layer, stride, padding, groups, relu);
        (float inputScale, _) = Range(x).Steps();
        QuantizedConvolution integers = QuantizedConvolution.From(layer, inputScale, quantization.FullRangeWeights);
        string weight = Weight(name, layer, integers), bias = Bias(name, integers);
        return Quantize(Node(name, Quantize(x), weight, bias, layer, stride, padding, groups, relu));
    }

    /// <inheritdoc/>
    public override string Add(string name, string first, string second, bool relu = false)
    {
        string sum = base.Add(name, first, second, relu);
        return IsQuantized(first) && IsQuantized(second) ? Quantize(sum) : sum;
    }

    /// <summary>Throws where a range was missing or a name stands for no layer.</summary>
    public void ThrowIfIncomplete()
    {
        if (_unknown.Count > 0)
        {
            throw new ArgumentException(
                $"No convolution that could be quantized has a key that begins with "
                + $"{ErrorText.List([.. _unknown.Select(name => $"'{name}'")])}; expected such as 'classifier.dsconv1' "
                + "or 'global_feature_extractor.bottleneck1.0.block.2'.",
                nameof(OnnxQuantization.FloatLayers));
        }
        if (_missing.Count > 0)
        {
            throw new ArgumentException(
                $"The ranges of {_missing.Count} activations are missing: {ErrorText.List(_missing)}. "
                + "Expected one for every output of a graph that was exported with ActivationOutputs.",
                nameof(OnnxQuantization.Ranges));
        }
    }

    // ONNX Runtime makes integers of any convolution that stands between values in 8 bits, with one scale for all its
    // weights. It does not look behind this activation, which does what ReLU or nothing does.
    private string FloatConvolution(string name, string x, FoldedConvolution layer, int stride, int padding, int groups,
        bool relu)
    {
        string y = Node($"{name}.float", x, FloatWeight(name, layer), FloatBias(name, layer), layer, stride, padding,
            groups, relu: false);
        return Activation(_graph.Node(relu ? $"{name}.relu" : name, "LeakyRelu", [y],
            OnnxAttribute.Float("alpha", relu ? 0 : 1)));
    }

    private bool IsQuantizedLayer(string name)
    {
        string[] kept = [.. quantization.FloatLayers.Where(start => name.StartsWith(start, StringComparison.Ordinal))];
        _unknown.ExceptWith(kept);
        return kept.Length == 0 && !name.StartsWith(FloatStage, StringComparison.Ordinal);
    }

    private bool IsQuantized(string x) => _quantized.ContainsValue(x);

    private string Quantize(string x)
    {
        if (IsQuantized(x))
            return x;
        if (_quantized.TryGetValue(x, out string? known))
            return known;
        (float scale, byte zeroPoint) = Range(x).Steps();
        string scaleName = _graph.Constant($"{x}.scale", [scale]);
        string zeroName = _graph.Constant($"{x}.zero_point", OnnxModel.ByteType, [zeroPoint], []);
        string integers = _graph.Node($"{x}.quantized", "QuantizeLinear", [x, scaleName, zeroName]);
        return _quantized[x] = _graph.Node($"{x}.dequantized", "DequantizeLinear", [integers, scaleName, zeroName]);
    }

    private ActivationRange Range(string x)
    {
        string name = _quantized.FirstOrDefault(pair => pair.Value == x).Key ?? x;
        if (!quantization.Ranges.TryGetValue(name, out ActivationRange range) && !_missing.Contains(name))
            _missing.Add(name);
        return range;
    }

    private string Weight(string name, FoldedConvolution layer, QuantizedConvolution integers)
    {
        long outputs = layer.Shape[0];
        string values = _graph.Constant($"{name}.weight.quantized", OnnxModel.Int8Type,
            MemoryMarshal.AsBytes<sbyte>(integers.Weight), layer.Shape);
        string scales = _graph.Constant($"{name}.weight.scale", integers.Scales, outputs);
        string zeros = _graph.Constant($"zeros{outputs}.int8", OnnxModel.Int8Type, new byte[outputs], [outputs]);
        return _graph.Node($"{name}.weight", "DequantizeLinear", [values, scales, zeros], OnnxAttribute.Int("axis", 0));
    }

    private string Bias(string name, QuantizedConvolution integers)
    {
        long outputs = integers.Bias.Length;
        string values = _graph.Constant($"{name}.bias.quantized", OnnxModel.Int32Type,
            MemoryMarshal.AsBytes<int>(integers.Bias), [outputs]);
        string scales = _graph.Constant($"{name}.bias.scale", integers.BiasScales, outputs);
        string zeros = _graph.Constant($"zeros{outputs}.int32", OnnxModel.Int32Type, new byte[4 * outputs], [outputs]);
        return _graph.Node($"{name}.bias", "DequantizeLinear", [values, scales, zeros], OnnxAttribute.Int("axis", 0));
    }
}
