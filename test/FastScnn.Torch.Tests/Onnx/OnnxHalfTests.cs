using FastScnn.Testing;
using FastScnn.Torch.Checkpoints;
using FastScnn.Torch.Onnx;
using Microsoft.ML.OnnxRuntime;
using static FastScnn.Torch.Tests.Onnx.OnnxModels;

namespace FastScnn.Torch.Tests.Onnx;

/// <summary>Files in half precision, which ONNX Runtime also runs on the processor.</summary>
public class OnnxHalfTests
{
    [Test]
    public void The_winners_are_those_of_single_precision([Values] OnnxGraph graph, [Values] bool fixedSize,
        [Values(1, 2)] double scale)
    {
        byte[] image = TestImage.ReadPlanar(out int height, out int width);
        OnnxExportOptions single = new() { Graph = graph, RawPixels = true };
        Checkpoint weights = CamVid.WithInfo(new() { InputScale = scale });
        if (fixedSize)
            single = single with { Height = height, Width = width };
        (float[] expected, long[] shape) = RunAny(Export(single, weights), image, [1, 3, height, width]);
        (float[] half, long[] halfShape) = RunAny(Export(single with { Precision = OnnxPrecision.Float16 }, weights),
            image, [1, 3, height, width]);
        Assert.That(halfShape, Is.EqualTo(shape));
        byte[] winners = ArgMax(expected, shape), halfWinners = ArgMax(half, shape);
        int same = winners.Zip(halfWinners).Count(pair => pair.First == pair.Second);
        Assert.That((double)same / winners.Length, Is.GreaterThan(0.995));
        Assert.That(half, Is.Not.EqualTo(expected), "these are not half precision");
    }

    [Test]
    public void The_file_is_half_as_large_and_says_what_it_is()
    {
        byte[] single = Export(new()), half = Export(new() { Precision = OnnxPrecision.Float16 });
        Assert.That(half, Has.Length.LessThan(0.55 * single.Length));
        using InferenceSession session = Open(half), other = Open(single);
        Assert.That(ModelInfo.FromOnnx(session.ModelMetadata.CustomMetadataMap).Precision,
            Is.EqualTo(OnnxPrecision.Float16));
        Assert.That(ModelInfo.FromOnnx(other.ModelMetadata.CustomMetadataMap).Precision,
            Is.EqualTo(OnnxPrecision.Float32));
        Assert.That((session.InputMetadata["image"].ElementType, session.OutputMetadata["logits"].ElementType),
            Is.EqualTo((typeof(byte), typeof(float))));
    }

    [Test]
    public void Weights_beyond_half_precision_are_named()
    {
        float[] values = new float[19 * 128];
        (values[5], values[6]) = (-70000, 80000);
        var checkpoint = new Checkpoint(Golden.Tensors.Select(
            t => t.Key == "classifier.conv.1.weight"
                ? KeyValuePair.Create(t.Key, CheckpointTensor.FromSingle(values, 19, 128, 1, 1)) : t));
        Assert.That(() => Export(new() { Precision = OnnxPrecision.Float16 }, checkpoint),
            Throws.TypeOf<CheckpointException>()
            .With.Message.Contains("classifier.conv.1.weight (-70000)").And.Message.Contains("65504"));
        Assert.That(Export(new(), checkpoint), Is.Not.Empty);
    }

    private static (float[] Values, long[] Shape) RunAny(byte[] model, byte[] image, long[] shape)
    {
        using InferenceSession session = Open(model);
        return session.InputMetadata["image"].ElementType == typeof(byte)
            ? Run(session, image, shape)
            : Run(session, Array.ConvertAll(image, pixel => (float)pixel), shape);
    }
}
