namespace FastScnn.Torch.Onnx;

/// <summary>Writes the layers of Fast-SCNN (Poudel et al., arXiv 1902.04502) as ONNX nodes, named by their keys in a checkpoint.</summary>
/// <param name="weights">The convolutions.</param>
/// <param name="info">The kind of graph.</param>
/// <param name="folded">The normalization to do inside; null where the caller does it.</param>
/// <param name="size">The only image size; null for any.</param>
/// <param name="graph">Takes the nodes.</param>
/// <param name="layers">Writes the layers with weights.</param>
internal sealed class FastScnnOnnxGraph(
    FoldedWeights weights, ModelInfo info, Normalization? folded, FeatureSize? size, OnnxGraphBuilder graph, NetworkLayers layers)
{
    private const string Image = "image";
    private const string Logits = "logits";

    /// <summary>Returns the GraphProto.</summary>
    /// <param name="activationOutputs">Whether activations are outputs too.</param>
    public ProtoMessage Build(bool activationOutputs)
    {
        string high = LearningToDownsample();
        string low = new PyramidPoolingOnnx(graph, layers, weights, size).Build("global_feature_extractor.ppm", GlobalFeatures(high));
        string fused = FeatureFusion(high, low);
        Classifier(fused);
        bool scoring = info.Graph == OnnxGraph.Scoring;
        object height = size?.ImageHeight ?? (object)"H", width = size?.ImageWidth ?? (object)"W";
        object outputHeight = scoring ? size?.Height ?? (object)"h" : height, outputWidth = scoring ? size?.Width ?? (object)"w" : width;
        IEnumerable<ProtoMessage> activations = activationOutputs ? layers.Activations.Select(name => OnnxModel.Value(name, graph.LayerType, null, null, null, null)) : [];
        return graph.Finish("fast_scnn",
            OnnxModel.Value(Image, scoring ? OnnxModel.ByteType : OnnxModel.FloatType, "N", 3, height, width),
            [OnnxModel.Value(Logits, OnnxModel.FloatType, "N", weights.ClassCount, outputHeight, outputWidth), .. activations]);
    }

    private string LearningToDownsample()
    {
        const string prefix = "learning_to_downsample";
        FoldedConvolution first = weights.Convolution($"{prefix}.conv.conv.0", $"{prefix}.conv.conv.1", false, 32, 3, 3, 3);
        string x = Image;
        if (folded is not null) first = FoldNormalization(first, folded);
        if (info.Graph == OnnxGraph.Scoring || graph.LayerType != OnnxModel.FloatType) x = graph.Cast("pixels", x, graph.LayerType);
        if (info.InputScale != 1) x = graph.Enlarge("scaled", x, (float)info.InputScale);
        x = layers.Convolution($"{prefix}.conv.conv.0", layers.Activation(x), first, stride: 2, relu: true);
        x = Separable($"{prefix}.dsconv1", x, 32, 48, stride: 2);
        return Separable($"{prefix}.dsconv2", x, 48, 64, stride: 2);
    }

    // conv((p / 255 - mean) / std) = conv'(p): exact at the borders too, because this convolution pads nothing.
    private static FoldedConvolution FoldNormalization(FoldedConvolution convolution, Normalization normalization)
    {
        var weight = new float[convolution.Weight.Length];
        double[] bias = Array.ConvertAll(convolution.Bias, value => (double)value);
        int area = (int)(convolution.Shape[2] * convolution.Shape[3]);
        for (int i = 0; i < weight.Length; i++)
        {
            int channel = i / area % 3;
            double scaled = convolution.Weight[i] / (double)normalization.Std[channel];
            weight[i] = (float)(scaled / 255);
            bias[i / (3 * area)] -= scaled * normalization.Mean[channel];
        }
        return convolution with { Weight = weight, Bias = Array.ConvertAll(bias, value => (float)value) };
    }

    private string GlobalFeatures(string x)
    {
        const string prefix = "global_feature_extractor";
        x = Stage($"{prefix}.bottleneck1", x, 64, 64, stride: 2);
        x = Stage($"{prefix}.bottleneck2", x, 64, 96, stride: 2);
        return Stage($"{prefix}.bottleneck3", x, 96, 128, stride: 1);
    }

    private string Stage(string prefix, string x, int input, int output, int stride)
    {
        x = Bottleneck($"{prefix}.0", x, input, output, stride);
        x = Bottleneck($"{prefix}.1", x, output, output, stride: 1);
        return Bottleneck($"{prefix}.2", x, output, output, stride: 1);
    }

    private string Bottleneck(string prefix, string x, int input, int output, int stride)
    {
        int inner = 6 * input;
        string y = Pointwise($"{prefix}.block.0.conv.0", $"{prefix}.block.0.conv.1", x, input, inner, relu: true);
        y = Depthwise($"{prefix}.block.1.conv.0", $"{prefix}.block.1.conv.1", y, inner, stride);
        y = Pointwise($"{prefix}.block.2", $"{prefix}.block.3", y, inner, output, relu: false);
        return stride == 1 && input == output ? layers.Add($"{prefix}.add", x, y) : y;
    }

    private string FeatureFusion(string high, string low)
    {
        const string prefix = "feature_fusion";
        low = layers.Activation(graph.Resize($"{prefix}.upsample", low, like: high,
            size is null ? null : new(size.GlobalHeight, size.GlobalWidth, size.Height, size.Width)));
        low = Depthwise($"{prefix}.dwconv.conv.0", $"{prefix}.dwconv.conv.1", low, 128, stride: 1);
        low = Pointwise($"{prefix}.conv_lower_res.0", $"{prefix}.conv_lower_res.1", low, 128, 128, relu: false, bias: true);
        high = Pointwise($"{prefix}.conv_higher_res.0", $"{prefix}.conv_higher_res.1", high, 64, 128, relu: false, bias: true);
        return layers.Add($"{prefix}.add", high, low, relu: true);
    }

    private void Classifier(string x)
    {
        const string prefix = "classifier";
        x = Separable($"{prefix}.dsconv1", x, 128, 128, stride: 1);
        x = Separable($"{prefix}.dsconv2", x, 128, 128, stride: 1);
        FoldedConvolution last = weights.Convolution($"{prefix}.conv.1", null, true, weights.ClassCount, 128, 1, 1);
        if (info.Graph == OnnxGraph.Scoring)
        {
            layers.LastConvolution($"{prefix}.conv.1", x, last, Logits);
            return;
        }
        x = layers.LastConvolution($"{prefix}.conv.1", x, last, $"{prefix}.conv.1");
        graph.Resize(Logits, x, like: Image, size is null ? null : new(size.Height, size.Width, size.ImageHeight, size.ImageWidth));
    }

    private string Separable(string prefix, string x, int input, int output, int stride)
    {
        x = Depthwise($"{prefix}.conv.0", $"{prefix}.conv.1", x, input, stride);
        return Pointwise($"{prefix}.conv.3", $"{prefix}.conv.4", x, input, output, relu: true);
    }

    private string Depthwise(string convolution, string normalization, string x, int channels, int stride) =>
        layers.Convolution(convolution, x, weights.Convolution(convolution, normalization, false, channels, 1, 3, 3), stride, padding: 1, groups: channels, relu: true);

    private string Pointwise(string convolution, string normalization, string x, int input, int output, bool relu, bool bias = false) =>
        layers.Convolution(convolution, x, weights.Convolution(convolution, normalization, bias, output, input, 1, 1), relu: relu);
}
