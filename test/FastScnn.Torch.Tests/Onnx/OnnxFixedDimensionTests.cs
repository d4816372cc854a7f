using FastScnn.Testing;
using FastScnn.Torch.Onnx;
using Microsoft.ML.OnnxRuntime;
using static FastScnn.Torch.Tests.Onnx.OnnxModels;

namespace FastScnn.Torch.Tests.Onnx;

/// <summary>Dimensions that are fixed in the file, or by name when it is loaded.</summary>
public class OnnxFixedDimensionTests
{
    private static readonly string[] s_sizeArithmetic = ["Shape", "CumSum", "ConstantOfShape", "Div"];

    [TestCase(97, 161)]
    [TestCase(360, 480)]
    public void Fixing_dimensions_by_name_changes_no_logit(int height, int width)
    {
        byte[] model = Export(new()), image = OnnxSizesTests.Pattern(height, width);
        long[] shape = [1, 3, height, width];
        using InferenceSession free = Open(model), sides = Open(model, ("H", height), ("W", width)),
            all = Open(model, ("N", 1), ("H", height), ("W", width));
        float[] expected = Run(free, image, shape).Values;
        AssertClose(Run(sides, image, shape).Values, expected, "H and W fixed");
        AssertClose(Run(all, image, shape).Values, expected, "N, H and W fixed");
    }

    [TestCase(OnnxGraph.Scoring)]
    [TestCase(OnnxGraph.Interop)]
    public void Fixing_all_dimensions_folds_the_arithmetic_on_sizes(OnnxGraph graph)
    {
        byte[] model = Export(new() { Graph = graph });
        Assert.That(OnnxFile.Operations(model), Is.SupersetOf(s_sizeArithmetic),
            "without a size there is something to fold");
        string path = Path.Combine(TestFiles.NewFolder(), "folded.onnx");
        using (var options = new SessionOptions
        {
            OptimizedModelFilePath = path,
            GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_EXTENDED
        })
        {
            foreach ((string name, int value) in new[] { ("N", 1), ("H", 97), ("W", 161) })
                options.AddFreeDimensionOverrideByName(name, value);
            using var session = new InferenceSession(model, options);
        }
        Assert.That(OnnxFile.Operations(File.ReadAllBytes(path)),
            Has.No.Member(s_sizeArithmetic[0]).And.No.Member(s_sizeArithmetic[1])
            .And.No.Member(s_sizeArithmetic[2]).And.No.Member(s_sizeArithmetic[3]).And.Some.EqualTo("Resize"));
    }

    [TestCase(OnnxGraph.Scoring)]
    [TestCase(OnnxGraph.Interop)]
    public void A_file_of_one_size_has_no_arithmetic_on_sizes(OnnxGraph graph)
    {
        string[] needed = graph == OnnxGraph.Scoring
            ? ["Add", "Cast", "Concat", "Conv", "GlobalAveragePool", "MatMul", "Relu", "Resize"]
            : ["Add", "Concat", "Conv", "GlobalAveragePool", "MatMul", "Relu", "Resize"];
        List<string> operations = OnnxFile.Operations(Export(new() { Graph = graph, Height = 97, Width = 161 }));
        Assert.That(operations.Distinct().Order(), Is.EqualTo(needed));
        // As many convolutions and activations as PyTorch's own export has: batch norm is folded.
        Assert.That(operations.Count(o => o == "Conv"), Is.EqualTo(45));
        Assert.That(operations.Count(o => o == "Relu"), Is.EqualTo(34));
    }

    [Test]
    public void Every_resize_reaches_its_size()
    {
        for (int from = 1; from <= 300; from++)
        {
            for (int to = 1; to <= 300; to++)
            {
                float scale = OnnxGraphBuilder.Scale(from, to);
                Assert.That(((int)(from * scale), (int)Math.Floor(from * (double)scale)), Is.EqualTo((to, to)),
                    $"{from} to {to}");
            }
        }
    }

    [TestCase(OnnxGraph.Scoring, typeof(byte), "h,w")]
    [TestCase(OnnxGraph.Interop, typeof(float), "H,W")]
    public void Free_dimensions_have_names(OnnxGraph graph, Type element, string outputSides)
    {
        using InferenceSession session = Open(Export(new() { Graph = graph }));
        NodeMetadata input = session.InputMetadata["image"], output = session.OutputMetadata["logits"];
        Assert.That(input.ElementType, Is.EqualTo(element));
        Assert.That(input.Dimensions, Is.EqualTo(new[] { -1, 3, -1, -1 }));
        Assert.That(input.SymbolicDimensions, Is.EqualTo(new[] { "N", "", "H", "W" }));
        Assert.That(output.Dimensions, Is.EqualTo(new[] { -1, 19, -1, -1 }));
        Assert.That(string.Join(',', output.SymbolicDimensions), Is.EqualTo($"N,,{outputSides}"));
    }

    [Test]
    public void Fixed_dimensions_are_numbers()
    {
        using InferenceSession session = Open(Export(new() { Height = 97, Width = 161 }));
        Assert.That(session.InputMetadata["image"].Dimensions, Is.EqualTo(new[] { -1, 3, 97, 161 }));
        Assert.That(session.OutputMetadata["logits"].Dimensions, Is.EqualTo(new[] { -1, 19, 12, 20 }));
    }
}
