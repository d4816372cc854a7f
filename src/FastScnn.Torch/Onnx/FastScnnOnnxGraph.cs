using System.Runtime.InteropServices;
using FastScnn.Torch.Network;
using static FastScnn.Torch.Network.FastScnnArchitecture;

namespace FastScnn.Torch.Onnx;

/// <summary>Writes the stages of <see cref="FastScnnArchitecture"/> as ONNX nodes, named by their keys in a
/// checkpoint.</summary>
/// <param name="weights">The convolutions.</param>
/// <param name="info">The kind of graph.</param>
/// <param name="folded">The normalization to do inside; null where the caller does it.</param>
/// <param name="size">The only image size; null for any.</param>
/// <param name="graph">Takes the nodes.</param>
/// <param name="layers">Writes the layers with weights.</param>
internal sealed class FastScnnOnnxGraph(
    FoldedWeights weights, ModelInfo info, Normalization? folded, FeatureSize? size, OnnxGraphBuilder graph,
    NetworkLayers layers)
{
    private const int ImageChannels = 3;
    private const string Image = "image";
    private const string Logits = "logits";

    /// <summary>Returns the GraphProto.</summary>
    public ProtoMessage Build(bool activationOutputs)
    {
        string high = Downsample();
        string low = new PyramidPoolingOnnx(graph, layers, weights, size).Build($"{GlobalFeatureExtractor}.ppm",
            Deepen(high));
        Classify(Fuse(high, low));
        bool scoring = info.Graph == OnnxGraph.Scoring;
        object height = size?.ImageHeight ?? (object)"H", width = size?.ImageWidth ?? (object)"W";
        object outputHeight = scoring ? size?.Height ?? (object)"h" : height,
            outputWidth = scoring ? size?.Width ?? (object)"w" : width;
        IEnumerable<ProtoMessage> activations = activationOutputs
            ? layers.Activations.Select(name => OnnxModel.Value(name, graph.LayerType, null, null, null, null)) : [];
        return graph.Finish("fast_scnn",
            OnnxModel.Value(Image, scoring ? OnnxModel.ByteType : OnnxModel.FloatType, "N", ImageChannels, height,
                width),
            [OnnxModel.Value(Logits, OnnxModel.FloatType, "N", weights.ClassCount, outputHeight, outputWidth),
                .. activations]);
    }

    private string Downsample()
    {
        string key = $"{FastScnnArchitecture.LearningToDownsample}.{Stem.Name}.conv";
        FoldedConvolution first = weights.Convolution($"{key}.0", $"{key}.1", false, Stem.Channels, ImageChannels,
            StemKernel, StemKernel);
        string x = Image;
        if (folded is not null) first = FoldNormalization(first, folded);
        if (info.Graph == OnnxGraph.Scoring || graph.LayerType != OnnxModel.FloatType)
            x = graph.Cast("pixels", x, graph.LayerType);
        if (info.InputScale != 1) x = graph.Enlarge("scaled", x, (float)info.InputScale);
        x = layers.Convolution($"{key}.0", layers.Activation(x), first, Stem.Stride, relu: true);
        int channels = Stem.Channels;
        foreach (Stage stage in Downsampling)
        {
            x = Separable($"{FastScnnArchitecture.LearningToDownsample}.{stage.Name}", x, channels, stage.Channels,
                stage.Stride);
            channels = stage.Channels;
        }
        return x;
    }

    // conv((p / 255 - mean) / std) = conv'(p): exact at the borders too, because this convolution pads nothing.
    private static FoldedConvolution FoldNormalization(FoldedConvolution convolution, Normalization normalization)
    {
        var weight = new float[convolution.Weight.Length];
        double[] bias = Array.ConvertAll(convolution.Bias, value => (double)value);
        int area = (int)(convolution.Shape[2] * convolution.Shape[3]);
        for (int i = 0; i < weight.Length; i++)
        {
            int channel = i / area % ImageChannels;
            double scaled = convolution.Weight[i] / (double)normalization.Std[channel];
            weight[i] = (float)(scaled / 255);
            bias[i / (ImageChannels * area)] -= scaled * normalization.Mean[channel];
        }
        return convolution with { Weight = weight, Bias = Array.ConvertAll(bias, value => (float)value) };
    }

    private string Deepen(string x)
    {
        int channels = EarlyChannels;
        foreach (Stage stage in Bottlenecks)
            for (int block = 0; block < stage.Blocks; block++, channels = stage.Channels)
                x = Bottleneck($"{GlobalFeatureExtractor}.{stage.Name}.{block}", x, channels, stage.Channels,
                    block == 0 ? stage.Stride : 1);
        return x;
    }

    private string Bottleneck(string prefix, string x, int input, int output, int stride)
    {
        int inner = Expansion * input;
        string y = Pointwise($"{prefix}.block.0.conv.0", $"{prefix}.block.0.conv.1", x, input, inner, relu: true);
        y = Depthwise($"{prefix}.block.1.conv.0", $"{prefix}.block.1.conv.1", y, inner, stride);
        y = Pointwise($"{prefix}.block.2", $"{prefix}.block.3", y, inner, output, relu: false);
        return stride == 1 && input == output ? layers.Add($"{prefix}.add", x, y) : y;
    }

    private string Fuse(string high, string low)
    {
        const string Prefix = FastScnnArchitecture.FeatureFusion;
        low = layers.Activation(graph.Resize($"{Prefix}.upsample", low, like: high,
            size is null ? null : new(size.GlobalHeight, size.GlobalWidth, size.Height, size.Width)));
        low = Depthwise($"{Prefix}.dwconv.conv.0", $"{Prefix}.dwconv.conv.1", low, DeepChannels, stride: 1);
        low = Pointwise($"{Prefix}.conv_lower_res.0", $"{Prefix}.conv_lower_res.1", low, DeepChannels, DeepChannels,
            relu: false, bias: true);
        high = Pointwise($"{Prefix}.conv_higher_res.0", $"{Prefix}.conv_higher_res.1", high, EarlyChannels,
            DeepChannels, relu: false, bias: true);
        return layers.Add($"{Prefix}.add", high, low, relu: true);
    }

    private void Classify(string x)
    {
        foreach (string block in ClassifierBlocks)
            x = Separable($"{Classifier}.{block}", x, DeepChannels, DeepChannels, stride: 1);
        FoldedConvolution last = weights.Convolution(LastLayer, null, true, weights.ClassCount, DeepChannels, 1, 1);
        if (info.Graph == OnnxGraph.Scoring)
        {
            layers.LastConvolution(LastLayer, x, last, Logits);
            return;
        }
        x = layers.LastConvolution(LastLayer, x, last, LastLayer);
        graph.Resize(Logits, x, like: Image,
            size is null ? null : new(size.Height, size.Width, size.ImageHeight, size.ImageWidth));
    }

    private string Separable(string prefix, string x, int input, int output, int stride)
    {
        x = Depthwise($"{prefix}.conv.0", $"{prefix}.conv.1", x, input, stride);
        return Pointwise($"{prefix}.conv.3", $"{prefix}.conv.4", x, input, output, relu: true);
    }

    private string Depthwise(string convolution, string normalization, string x, int channels, int stride) =>
        layers.Convolution(convolution, x, weights.Convolution(convolution, normalization, false, channels, 1, 3, 3),
            stride, padding: 1, groups: channels, relu: true);

    private string Pointwise(string convolution, string normalization, string x, int input, int output, bool relu,
        bool bias = false) =>
        layers.Convolution(convolution, x, weights.Convolution(convolution, normalization, bias, output, input, 1, 1),
            relu: relu);
}

/// <summary>Pyramid pooling (Zhao et al., arXiv 1612.01105) as ONNX nodes. Averaging into b bins is a product with a
/// b-row matrix on either side; bin i covers floor(i n / b) up to, not including, ceil((i + 1) n / b), as in PyTorch's
/// adaptive average pooling, which ONNX does not have. The matrices are constants where the size is fixed; otherwise
/// the graph itself makes them from the size, in whole numbers.</summary>
/// <remarks>Positions are a running sum of ones: ONNX Runtime does not fold Range over a fixed dimension, but it folds
/// this.</remarks>
internal sealed class PyramidPoolingOnnx(OnnxGraphBuilder graph, NetworkLayers layers, FoldedWeights weights,
    FeatureSize? size)
{
    public string Build(string prefix, string x)
    {
        var levels = new List<string> { x };
        for (int level = 1; level <= PoolBins.Length; level++)
        {
            string name = $"{prefix}.conv{level}.conv";
            string pooled = Pool($"{prefix}.pool{level}", x, PoolBins[level - 1]);
            pooled = layers.SmallConvolution($"{name}.0", pooled,
                weights.Convolution($"{name}.0", $"{name}.1", false, PoolChannels, DeepChannels, 1, 1));
            levels.Add(graph.Resize($"{prefix}.upsample{level}", pooled, like: x,
                size is null ? null : new(PoolBins[level - 1], PoolBins[level - 1], size.GlobalHeight,
                    size.GlobalWidth)));
        }
        string joined = layers.Activation(graph.Node($"{prefix}.concat", "Concat", [.. levels],
            OnnxAttribute.Int("axis", 1)));
        return layers.Convolution($"{prefix}.out.conv.0", joined,
            weights.Convolution($"{prefix}.out.conv.0", $"{prefix}.out.conv.1", false, DeepChannels,
                DeepChannels + PoolBins.Length * PoolChannels, 1, 1), relu: true);
    }

    private string Pool(string name, string x, int bins)
    {
        if (bins == 1)
            return graph.Node(name, "GlobalAveragePool", [x]);
        string rows = size is null
            ? MatrixInGraph($"{name}.rows", x, bins, axis: 2)
            : graph.Weights($"{name}.rows", Matrix(bins, size.GlobalHeight), bins, size.GlobalHeight);
        string columns = size is null
            ? MatrixInGraph($"{name}.columns", x, bins, axis: 3)
            : graph.Weights($"{name}.columns", Transpose(Matrix(bins, size.GlobalWidth), bins), size.GlobalWidth, bins);
        return graph.Node(name, "MatMul", [rows, graph.Node($"{name}.narrow", "MatMul", [x, columns])]);
    }

    /// <summary>The averaging matrix, [bins, length].</summary>
    internal static float[] Matrix(int bins, int length)
    {
        var matrix = new float[bins * length];
        for (int bin = 0; bin < bins; bin++)
        {
            int start = bin * length / bins, end = ((bin + 1) * length + bins - 1) / bins;
            matrix.AsSpan(bin * length + start, end - start).Fill(1f / (end - start));
        }
        return matrix;
    }

    // The same in the graph: [bins, length] for rows, [length, bins] for columns.
    private string MatrixInGraph(string name, string x, int bins, int axis)
    {
        string length = graph.Node($"{name}.length", "Shape", [x], OnnxAttribute.Int("start", axis),
            OnnxAttribute.Int("end", axis + 1));
        string ones = graph.Node($"{name}.ones", "ConstantOfShape", [length],
            OnnxAttribute.Tensor("value",
                OnnxGraphBuilder.Tensor("one", OnnxModel.Int64Type, MemoryMarshal.AsBytes<long>([1L]), [1])));
        string positions = graph.Node($"{name}.positions", "CumSum", [ones, graph.Constant("zero", [0L])],
            OnnxAttribute.Int("exclusive", 1));
        if (axis == 3)
            positions = graph.Node($"{name}.column_positions", "Unsqueeze",
                [positions, graph.Constant("one", [1L], 1)]);

        long[] bin = [.. Enumerable.Range(0, bins)], next = [.. bin.Select(i => i + 1)];
        long[] shape = axis == 3 ? [1, bins] : [bins, 1];
        string count = graph.Constant($"bins{bins}", [(long)bins], 1);
        string start = graph.Node($"{name}.start_times_bins", "Mul",
            [graph.Constant($"{name}.bin", bin, shape), length]);
        start = graph.Node($"{name}.start", "Div", [start, count]);
        string end = graph.Node($"{name}.end_times_bins", "Mul",
            [graph.Constant($"{name}.next_bin", next, shape), length]);
        end = graph.Node($"{name}.end_rounding", "Add", [end, graph.Constant($"bins{bins}.less_one", [bins - 1L], 1)]);
        end = graph.Node($"{name}.end", "Div", [end, count]);

        string inside = graph.Node($"{name}.inside", "And",
        [
            graph.Node($"{name}.from_start", "GreaterOrEqual", [positions, start]),
            graph.Node($"{name}.before_end", "Less", [positions, end]),
        ]);
        inside = graph.Cast($"{name}.covered", inside, OnnxModel.FloatType);
        string width = graph.Node($"{name}.width", "Sub", [end, start]);
        width = graph.Cast($"{name}.divisor", width, OnnxModel.FloatType);
        if (graph.LayerType == OnnxModel.FloatType)
            return graph.Node(name, "Div", [inside, width]);
        return graph.Cast(name, graph.Node($"{name}.single", "Div", [inside, width]), graph.LayerType);
    }

    private static float[] Transpose(float[] matrix, int rows)
    {
        int columns = matrix.Length / rows;
        var transposed = new float[matrix.Length];
        for (int i = 0; i < matrix.Length; i++)
            transposed[i % columns * rows + i / columns] = matrix[i];
        return transposed;
    }
}

/// <summary>The sizes inside the network for an image of a fixed size.</summary>
/// <param name="ImageHeight">Height of the image.</param>
/// <param name="ImageWidth">Width of the image.</param>
/// <param name="Scale">What the sides of the image are multiplied by before the first layer.</param>
internal sealed record FeatureSize(int ImageHeight, int ImageWidth, double Scale = 1)
{
    /// <summary>Rows of the high-resolution branch and of the logits.</summary>
    public int Height => EarlySide((int)(ImageHeight * Scale));

    /// <summary>Columns of the high-resolution branch and of the logits.</summary>
    public int Width => EarlySide((int)(ImageWidth * Scale));

    /// <summary>Rows of the global features.</summary>
    public int GlobalHeight => DeepSide(Height);

    /// <summary>Columns of the global features.</summary>
    public int GlobalWidth => DeepSide(Width);
}
