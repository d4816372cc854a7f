using FastScnn.Torch;
using FastScnn.Torch.Data;
using FastScnn.Torch.Onnx;

namespace FastScnn.ML.Tests;

/// <summary>Models of three classes as other tools write them: a class for each channel of the image, of any size. They
/// name neither classes nor what made them.</summary>
internal static class ForeignModels
{
    /// <summary>Gives the channels, divided by 50.</summary>
    public static byte[] Logits => Make((graph, x) => x);

    /// <summary>The same, for any number of images.</summary>
    public static byte[] AnyNumber => Make((graph, x) => x, shape: ["N", 3, "H", "W"], images: "N");

    /// <summary>The same by its inputs and outputs, and gives the scores of one image for any number.</summary>
    public static byte[] OneImageInside => Make(
        (graph, x) => graph.Node("one", "Compress",
            [x, graph.Cast("first", graph.Constant("true", [1f], 1), 9)], OnnxAttribute.Int("axis", 0)),
        shape: ["N", 3, "H", "W"], images: "N");

    /// <summary>The same as the first, with a softmax at the end.</summary>
    public static byte[] Probabilities =>
        Make((graph, x) => graph.Node("probabilities", "Softmax", [x], OnnxAttribute.Int("axis", 1)));

    /// <summary>Gives class ids, as Int64 [batch, 1, rows, columns] or [batch, rows, columns].</summary>
    public static byte[] ClassIds(bool keepsPlane) => Make(
        (graph, x) => graph.Node("ids", "ArgMax", [x], OnnxAttribute.Int("axis", 1),
            OnnxAttribute.Int("keepdims", keepsPlane ? 1 : 0)),
        OnnxModel.Int64Type, keepsPlane ? [1, 1, "H", "W"] : [1, "H", "W"]);

    /// <summary>Gives class ids as floating-point numbers.</summary>
    public static byte[] FloatClassIds => Make(
        (graph, x) => graph.Cast("floats", graph.Node("ids", "ArgMax", [x], OnnxAttribute.Int("axis", 1)),
            OnnxModel.FloatType),
        OnnxModel.FloatType, [1, 1, "H", "W"]);

    /// <summary>Gives NaN for every class.</summary>
    public static byte[] NotNumbers => Make((graph, x) => graph.Node("logs", "Log",
        [graph.Node("less", "Sub", [x, graph.Constant("ten", [10f], 1)])]));

    /// <summary>Writes a model to a file.</summary>
    public static string ToFile(byte[] model)
    {
        string path = Path.Combine(FastScnn.Testing.TestFiles.NewFolder(), "foreign.onnx");
        File.WriteAllBytes(path, model);
        return path;
    }

    private static byte[] Make(Func<OnnxGraphBuilder, string, string> last, int type = OnnxModel.FloatType,
        object[]? shape = null, object? images = null)
    {
        OnnxGraphBuilder graph = new();
        string scaled = graph.Node("scaled", "Div",
            [graph.Cast("floats0", "image", OnnxModel.FloatType), graph.Constant("fifty", [50f], 1)]);
        string output = last(graph, scaled);
        ProtoMessage body = graph.Finish("foreign",
            OnnxModel.Value("image", OnnxModel.ByteType, images ?? 1, 3, "H", "W"),
            OnnxModel.Value(output, type, shape ?? [1, 3, "H", "W"]));
        ProtoMessage model = new ProtoMessage().Add(1, 8).Add(7, body)
            .Add(8, new ProtoMessage().Add(1, "").Add(2, 17));
        using MemoryStream file = new();
        model.WriteTo(file);
        return file.ToArray();
    }
}
