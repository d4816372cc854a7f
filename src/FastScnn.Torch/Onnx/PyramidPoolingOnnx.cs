using System.Runtime.InteropServices;

namespace FastScnn.Torch.Onnx;

/// <summary>
/// Pyramid pooling (Zhao et al., arXiv 1612.01105) as ONNX nodes. Averaging into b bins is a product with a b-row
/// matrix on either side; bin i covers floor(i n / b) up to, not including, ceil((i + 1) n / b), as in PyTorch's
/// adaptive average pooling, which ONNX does not have. The matrices are constants where the size is fixed;
/// otherwise the graph itself makes them from the size, in whole numbers.
/// </summary>
/// <remarks>Positions are a running sum of ones: ONNX Runtime does not fold Range over a fixed dimension, but it folds this.</remarks>
internal sealed class PyramidPoolingOnnx(OnnxGraphBuilder graph, NetworkLayers layers, FoldedWeights weights, FeatureSize? size)
{
    private static readonly int[] Bins = [1, 2, 3, 6];

    public string Build(string prefix, string x)
    {
        var levels = new List<string> { x };
        for (int level = 1; level <= Bins.Length; level++)
        {
            string name = $"{prefix}.conv{level}.conv";
            string pooled = Pool($"{prefix}.pool{level}", x, Bins[level - 1]);
            pooled = layers.SmallConvolution($"{name}.0", pooled, weights.Convolution($"{name}.0", $"{name}.1", false, 32, 128, 1, 1));
            levels.Add(graph.Resize($"{prefix}.upsample{level}", pooled, like: x,
                size is null ? null : new(Bins[level - 1], Bins[level - 1], size.GlobalHeight, size.GlobalWidth)));
        }
        string joined = layers.Activation(graph.Node($"{prefix}.concat", "Concat", [.. levels], OnnxAttribute.Int("axis", 1)));
        return layers.Convolution($"{prefix}.out.conv.0", joined,
            weights.Convolution($"{prefix}.out.conv.0", $"{prefix}.out.conv.1", false, 128, 256, 1, 1), relu: true);
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
        string length = graph.Node($"{name}.length", "Shape", [x], OnnxAttribute.Int("start", axis), OnnxAttribute.Int("end", axis + 1));
        string ones = graph.Node($"{name}.ones", "ConstantOfShape", [length],
            OnnxAttribute.Tensor("value", OnnxGraphBuilder.Tensor("one", OnnxModel.Int64Type, MemoryMarshal.AsBytes<long>([1L]), [1])));
        string positions = graph.Node($"{name}.positions", "CumSum", [ones, graph.Constant("zero", [0L])], OnnxAttribute.Int("exclusive", 1));
        if (axis == 3)
            positions = graph.Node($"{name}.column_positions", "Unsqueeze", [positions, graph.Constant("one", [1L], 1)]);

        long[] bin = [.. Enumerable.Range(0, bins)], next = [.. bin.Select(i => i + 1)];
        long[] shape = axis == 3 ? [1, bins] : [bins, 1];
        string count = graph.Constant($"bins{bins}", [(long)bins], 1);
        string start = graph.Node($"{name}.start_times_bins", "Mul", [graph.Constant($"{name}.bin", bin, shape), length]);
        start = graph.Node($"{name}.start", "Div", [start, count]);
        string end = graph.Node($"{name}.end_times_bins", "Mul", [graph.Constant($"{name}.next_bin", next, shape), length]);
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
