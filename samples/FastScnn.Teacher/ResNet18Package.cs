using System.Runtime.InteropServices;
using FastScnn.Torch;
using FastScnn.Torch.Checkpoints;
using Google.Protobuf;

namespace FastScnn.Teacher;

/// <summary>The weights of a ResNet-18 trained on ImageNet, from the ONNX files of the NuGet package
/// Microsoft.ML.DnnImageFeaturizer.ResNet18 (MIT licence).</summary>
/// <param name="Encoder">The weights by torchvision's names, for normalized RGB.</param>
/// <param name="Normalization">What they were trained with; its deviation is that of ImageNet, which the weights of the
/// first layer take back.</param>
internal sealed record ResNet18Package(IReadOnlyDictionary<string, CheckpointTensor> Encoder,
    Normalization Normalization)
{
    /// <summary>The network: planes of blue, green and red, 0..255, without their mean.</summary>
    public static string NetworkFile { get; } = InOutput("ResNet18.onnx");

    /// <summary>What comes before it: subtracts a mean image.</summary>
    public static string PreprocessFile { get; } = InOutput("ResNetPreprocess.onnx");

    public static ResNet18Package Read()
    {
        (_, Dictionary<string, CheckpointTensor> prepare) = OnnxWeights.Read(PreprocessFile);
        Normalization normalization = new() { Mean = Mean(prepare["MeanImage"]) };
        (List<(string Operation, string[] Inputs)> nodes, Dictionary<string, CheckpointTensor> tensors) =
            OnnxWeights.Read(NetworkFile);
        var names = Names().GetEnumerator();
        Dictionary<string, CheckpointTensor> encoder = [];
        foreach ((string operation, string[] inputs) in nodes)
            switch (operation)
            {
                case "Conv" when names.MoveNext():
                    encoder.Add($"{names.Current.Convolution}.weight", tensors[inputs[1]]);
                    break;
                case "BatchNormalization":
                    string norm = names.Current.Norm;
                    string[] parts = ["weight", "bias", "running_mean", "running_var"];
                    for (int i = 0; i < parts.Length; i++) encoder.Add($"{norm}.{parts[i]}", tensors[inputs[i + 1]]);
                    break;
            }
        encoder["conv1.weight"] = ForNormalizedRgb(encoder["conv1.weight"], normalization);
        return new(encoder, normalization);
    }

    // In the order of the file.
    private static IEnumerable<(string Convolution, string Norm)> Names()
    {
        yield return ("conv1", "bn1");
        for (int stage = 1; stage <= TeacherArchitecture.Stages.Count; stage++)
            for (int block = 0; block < TeacherArchitecture.Stages[stage - 1].Blocks; block++)
            {
                string prefix = $"layer{stage}.{block}";
                if (stage > 1 && block == 0) yield return ($"{prefix}.downsample.0", $"{prefix}.downsample.1");
                yield return ($"{prefix}.conv1", $"{prefix}.bn1");
                yield return ($"{prefix}.conv2", $"{prefix}.bn2");
            }
    }

    // A crop may lie anywhere in the image: one mean for each channel, from the planes of blue, green and red.
    private static float[] Mean(CheckpointTensor image)
    {
        float[] values = image.ToSingle();
        int plane = values.Length / 3;
        return [.. new[] { 2, 1, 0 }.Select(channel =>
            (float)(values.AsSpan(channel * plane, plane).ToArray().Average(value => (double)value) / 255))];
    }

    // w (p - mean) = w 255 std ((p / 255 - mean / 255) / std), with channels from blue, green, red to red, green, blue.
    private static CheckpointTensor ForNormalizedRgb(CheckpointTensor weight, Normalization normalization)
    {
        float[] from = weight.ToSingle(), to = new float[from.Length];
        int area = (int)(weight.Shape[2] * weight.Shape[3]);
        for (int i = 0; i < from.Length; i++)
        {
            int filter = i / (3 * area), channel = i / area % 3;
            to[i] = from[(filter * 3 + 2 - channel) * area + i % area] * 255 * normalization.Std[channel];
        }
        return CheckpointTensor.FromSingle(to, [.. weight.Shape]);
    }

    private static string InOutput(string file) => Path.Combine(AppContext.BaseDirectory, file);
}

/// <summary>Reads operations and weights of an ONNX file. Field numbers:
/// https://github.com/onnx/onnx/blob/main/onnx/onnx.proto.</summary>
internal static class OnnxWeights
{
    private const int FloatType = 1;

    /// <summary>The nodes in their order, and the float32 initializers by name.</summary>
    public static (List<(string Operation, string[] Inputs)> Nodes, Dictionary<string, CheckpointTensor> Tensors) Read(
        string path)
    {
        List<(string, string[])> nodes = [];
        Dictionary<string, CheckpointTensor> tensors = [];
        using FileStream file = File.OpenRead(path);
        foreach ((int modelField, _, CodedInputStream model) in Fields(new(file)))
        {
            if (modelField != 7) continue;
            foreach ((int field, _, CodedInputStream graph) in Fields(Message(model)))
                if (field == 1)
                    nodes.Add(Node(Message(graph)));
                else if (field == 5)
                {
                    (string name, CheckpointTensor tensor) = Tensor(Message(graph));
                    tensors.Add(name, tensor);
                }
        }
        return (nodes, tensors);
    }

    private static (string Operation, string[] Inputs) Node(CodedInputStream node)
    {
        string operation = "";
        List<string> inputs = [];
        foreach ((int field, _, CodedInputStream input) in Fields(node))
            if (field == 1) inputs.Add(input.ReadString());
            else if (field == 4) operation = input.ReadString();
        return (operation, [.. inputs]);
    }

    private static (string Name, CheckpointTensor Tensor) Tensor(CodedInputStream tensor)
    {
        string name = "";
        long type = 0;
        List<long> shape = [];
        ByteString values = ByteString.Empty;
        foreach ((int field, WireFormat.WireType wire, CodedInputStream input) in Fields(tensor))
            switch (field)
            {
                case 1 when wire == WireFormat.WireType.LengthDelimited:
                    CodedInputStream sizes = Message(input);
                    while (!sizes.IsAtEnd) shape.Add(sizes.ReadInt64());
                    break;
                case 1:
                    shape.Add(input.ReadInt64());
                    break;
                case 2:
                    type = input.ReadInt64();
                    break;
                case 8:
                    name = input.ReadString();
                    break;
                // Packed floats, or bytes: both are little-endian.
                case 4 or 9:
                    values = input.ReadBytes();
                    break;
            }
        if (type != FloatType)
            throw new InvalidDataException($"The tensor '{name}' has the type {type}; expected {FloatType} (float).");
        return (name, CheckpointTensor.FromSingle(MemoryMarshal.Cast<byte, float>(values.Span), [.. shape]));
    }

    // What the caller leaves of a field is skipped.
    private static IEnumerable<(int Field, WireFormat.WireType Wire, CodedInputStream Input)> Fields(
        CodedInputStream input)
    {
        while (input.ReadTag() is var tag and not 0)
        {
            long start = input.Position;
            yield return (WireFormat.GetTagFieldNumber(tag), WireFormat.GetTagWireType(tag), input);
            if (input.Position == start) input.SkipLastField();
        }
    }

    private static CodedInputStream Message(CodedInputStream input) => input.ReadBytes().CreateCodedInput();
}
