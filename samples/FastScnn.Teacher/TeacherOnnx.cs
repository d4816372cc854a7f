using FastScnn.Torch;
using FastScnn.Torch.Checkpoints;
using FastScnn.Torch.Onnx;

namespace FastScnn.Teacher;

/// <summary>Writes the teacher as an ONNX file of the kind that <see cref="OnnxGraph.Interop"/> describes, so that all
/// that takes models of this library takes it too.</summary>
internal sealed class TeacherOnnx
{
    private const string Image = "image", Logits = "logits";

    private readonly OnnxGraphBuilder _graph = new();
    private readonly NetworkLayers _layers;
    private readonly FoldedWeights _weights;

    private TeacherOnnx(Checkpoint checkpoint) => (_layers, _weights) = (new(_graph), new(checkpoint));

    /// <summary>Writes a file for images of any size.</summary>
    /// <param name="checkpoint">Weights, and the classes and the normalization that they were trained with.</param>
    /// <param name="path">The file; it is replaced when it exists.</param>
    public static void Export(Checkpoint checkpoint, string path)
    {
        ModelInfo info = checkpoint.Info with { Graph = OnnxGraph.Interop };
        int classes = info.Classes?.Count
            ?? throw new CheckpointException("The weights of the teacher do not say which classes they tell apart.");
        ProtoMessage graph = new TeacherOnnx(checkpoint).Build(info.InputScale, classes);
        WholeFile.Write(path, OnnxModel.Message(graph, info).WriteTo);
    }

    private ProtoMessage Build(double inputScale, int classes)
    {
        string x = inputScale == 1 ? Image : _graph.Enlarge("scaled", Image, (float)inputScale);
        const string Deepest = "decoder.reduce";
        string[] levels = Encode(x);
        x = Convolve($"{Deepest}.0", $"{Deepest}.1", levels[^1], TeacherArchitecture.Stages[^1].Channels,
            TeacherArchitecture.Channels, 1, relu: true);
        x = new PyramidPoolingOnnx(_graph, _layers, _weights, size: null).Build("decoder.ppm", x);
        for (int stage = levels.Length - 1; stage > 0; stage--)
        {
            string lateral = $"decoder.lateral{stage}", blend = $"decoder.blend{stage}";
            string finer = Convolve($"{lateral}.0", $"{lateral}.1", levels[stage - 1],
                TeacherArchitecture.Stages[stage - 1].Channels, TeacherArchitecture.Channels, 1);
            x = _layers.Add($"{blend}.add", finer, _graph.Resize($"{blend}.upsample", x, like: finer, size: null));
            x = Convolve($"{blend}.0", $"{blend}.1", x, TeacherArchitecture.Channels, TeacherArchitecture.Channels, 3,
                relu: true);
        }
        const string Last = "decoder.classifier";
        x = _layers.LastConvolution(Last, x,
            _weights.Convolution(Last, null, true, classes, TeacherArchitecture.Channels, 1, 1), Last);
        _graph.Resize(Logits, x, like: Image, size: null);
        _weights.ThrowIfIncomplete();
        return _graph.Finish("teacher", OnnxModel.Value(Image, OnnxModel.FloatType, "N", 3, "H", "W"),
            OnnxModel.Value(Logits, OnnxModel.FloatType, "N", classes, "H", "W"));
    }

    private string[] Encode(string x)
    {
        int channels = TeacherArchitecture.StemChannels;
        x = Convolve("encoder.conv1", "encoder.bn1", x, 3, channels, 7, stride: 2, relu: true);
        x = _graph.Node("encoder.maxpool", "MaxPool", [x], OnnxAttribute.Ints("kernel_shape", 3, 3),
            OnnxAttribute.Ints("strides", 2, 2), OnnxAttribute.Ints("pads", 1, 1, 1, 1));
        List<string> levels = [];
        foreach ((int wider, int count) in TeacherArchitecture.Stages)
        {
            for (int block = 0; block < count; block++, channels = wider)
                x = Residual($"encoder.layer{levels.Count + 1}.{block}", x, channels, wider);
            levels.Add(x);
        }
        return [.. levels];
    }

    private string Residual(string prefix, string x, int input, int output)
    {
        int stride = input == output ? 1 : 2;
        string y = Convolve($"{prefix}.conv1", $"{prefix}.bn1", x, input, output, 3, stride, relu: true);
        y = Convolve($"{prefix}.conv2", $"{prefix}.bn2", y, output, output, 3);
        string shortcut = stride == 1 ? x
            : Convolve($"{prefix}.downsample.0", $"{prefix}.downsample.1", x, input, output, 1, stride);
        return _layers.Add($"{prefix}.add", y, shortcut, relu: true);
    }

    private string Convolve(string name, string norm, string x, int input, int output, int kernel, int stride = 1,
        bool relu = false) =>
        _layers.Convolution(name, x, _weights.Convolution(name, norm, false, output, input, kernel, kernel), stride,
            padding: kernel / 2, relu: relu);
}
