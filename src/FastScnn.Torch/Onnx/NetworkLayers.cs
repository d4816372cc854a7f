namespace FastScnn.Torch.Onnx;

/// <summary>The layers that hold the network's weights and join its branches, as nodes in single or half precision.</summary>
internal class NetworkLayers(OnnxGraphBuilder graph)
{
    private readonly List<string> _activations = [];

    /// <summary>The values between layers that quantization needs to know the ranges of.</summary>
    public IReadOnlyList<string> Activations => _activations;

    /// <summary>A convolution with its bias, and ReLU behind it where asked for.</summary>
    /// <param name="name">Its key in a checkpoint.</param>
    /// <param name="x">What goes in.</param>
    /// <param name="layer">The weights.</param>
    /// <param name="stride">Rows and columns from one result to the next.</param>
    /// <param name="padding">Rows and columns of zeros on every side.</param>
    /// <param name="groups">Into how many groups channels are parted.</param>
    /// <param name="relu">Whether negative results become 0.</param>
    /// <returns>The name of the result.</returns>
    public virtual string Convolution(string name, string x, FoldedConvolution layer, int stride = 1, int padding = 0, int groups = 1, bool relu = false) =>
        Activation(Node(name, x, FloatWeight(name, layer), FloatBias(name, layer), layer, stride, padding, groups, relu));

    /// <summary>A 1x1 convolution and ReLU on so few pixels that it is never quantized, and its result no activation.</summary>
    /// <param name="name">Its key in a checkpoint.</param>
    /// <param name="x">What goes in.</param>
    /// <param name="layer">The weights.</param>
    /// <returns>The name of the result.</returns>
    public string SmallConvolution(string name, string x, FoldedConvolution layer) =>
        Node(name, x, FloatWeight(name, layer), FloatBias(name, layer), layer, stride: 1, padding: 0, groups: 1, relu: true);

    /// <summary>The convolution that gives the logits, in single precision and no activations.</summary>
    /// <param name="name">Its key in a checkpoint.</param>
    /// <param name="x">What goes in.</param>
    /// <param name="layer">The weights.</param>
    /// <param name="output">What the logits are called.</param>
    /// <returns><paramref name="output"/>.</returns>
    public string LastConvolution(string name, string x, FoldedConvolution layer, string output)
    {
        bool isFloat = graph.LayerType == OnnxModel.FloatType;
        string y = Node(isFloat ? output : $"{name}.half", x, FloatWeight(name, layer), FloatBias(name, layer), layer, stride: 1, padding: 0, groups: 1, relu: false);
        return isFloat ? y : graph.Cast(output, y, OnnxModel.FloatType);
    }

    /// <summary>A sum, and ReLU behind it where asked for.</summary>
    /// <returns>The name of the result.</returns>
    public virtual string Add(string name, string first, string second, bool relu = false) => Activation(Sum(name, first, second, relu));

    /// <summary>Makes a value known as one whose range matters.</summary>
    /// <returns>The name under which later layers take it.</returns>
    public string Activation(string x)
    {
        _activations.Add(x);
        return x;
    }

    protected string Node(string name, string x, string weight, string bias, FoldedConvolution layer, int stride, int padding, int groups, bool relu)
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

    protected string FloatWeight(string name, FoldedConvolution layer) => graph.Weights($"{name}.weight", layer.Weight, layer.Shape);

    protected string FloatBias(string name, FoldedConvolution layer) => graph.Weights($"{name}.bias", layer.Bias, layer.Shape[0]);
}
