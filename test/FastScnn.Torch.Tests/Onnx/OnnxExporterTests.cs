using FastScnn.Testing;
using FastScnn.Torch.Checkpoints;
using FastScnn.Torch.Data;
using FastScnn.Torch.Onnx;
using static FastScnn.Torch.Tests.Onnx.OnnxModels;

namespace FastScnn.Torch.Tests.Onnx;

/// <summary>What the exporter refuses, and what it leaves out.</summary>
public class OnnxExporterTests
{
    [Test]
    public void The_auxiliary_head_is_left_out() =>
        Assert.That(Export(new(), Checkpoint.Load(TestFiles.Golden("ref19_aux.pth"))).AsSpan()
            .SequenceEqual(Export(new())), Is.True);

    [Test]
    public void Missing_tensors_are_listed()
    {
        var checkpoint = new Checkpoint(
            Golden.Tensors.Where(t => !t.Key.StartsWith("feature_fusion.dwconv", StringComparison.Ordinal)));
        Assert.That(() => Export(new(), checkpoint), Throws.TypeOf<CheckpointException>()
            .With.Message.Contains("Missing (5)").And.Message.Contains(
                "feature_fusion.dwconv.conv.0.weight").And.Message.Contains(
                    "feature_fusion.dwconv.conv.1.running_var"));
    }

    [Test]
    public void A_network_of_another_kind_is_refused()
    {
        var checkpoint = new Checkpoint(
            [KeyValuePair.Create("backbone.stem.weight", CheckpointTensor.FromSingle(new float[4], 4))]);
        Assert.That(() => Export(new(), checkpoint),
            Throws.TypeOf<CheckpointException>().With.Message.Contains("backbone.stem.weight"));
    }

    [Test]
    public void Wrong_shapes_are_listed_with_both_shapes()
    {
        Checkpoint checkpoint = Replace("global_feature_extractor.ppm.out.conv.0.weight",
            CheckpointTensor.FromSingle(new float[128 * 128], 128, 128, 1, 1));
        Assert.That(() => Export(new(), checkpoint), Throws.TypeOf<CheckpointException>()
            .With.Message.Contains(
                "global_feature_extractor.ppm.out.conv.0.weight is [128, 128, 1, 1], not [128, 256, 1, 1]"));
    }

    [TestCase(float.NaN)]
    [TestCase(-1f)]
    public void Weights_that_are_no_numbers_are_named(float variance)
    {
        Checkpoint checkpoint = Replace("classifier.dsconv1.conv.4.running_var",
            CheckpointTensor.FromSingle([.. Enumerable.Repeat(variance, 128)], 128));
        Assert.That(() => Export(new(), checkpoint), Throws.TypeOf<CheckpointException>()
            .With.Message.Contains("classifier.dsconv1.conv.3 (not finite with classifier.dsconv1.conv.4)"));
    }

    [Test]
    public void A_failed_export_leaves_the_file_alone()
    {
        string folder = TestFiles.NewFolder(), path = Path.Combine(folder, "model.onnx");
        File.WriteAllText(path, "precious");
        Assert.That(() => OnnxExporter.Export(Golden.WithInfo(new() { Classes = ClassList.CamVid }), path),
            Throws.ArgumentException.With.Message.Contains("11 classes").And.Message.Contains("19"));
        Assert.That(File.ReadAllText(path), Is.EqualTo("precious"));
        OnnxExporter.Export(Golden, path);
        Assert.That(File.ReadAllBytes(path).AsSpan().SequenceEqual(Export(new())), Is.True);
        Assert.That(Directory.GetFiles(folder), Has.Length.EqualTo(1), "a temporary file was left");
    }

    [Test]
    public void Bad_options_are_refused()
    {
        Assert.That(() => new OnnxExportOptions { Height = 31 },
            Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("32").And.Message.Contains("31"));
        Assert.That(() => new OnnxExportOptions { Width = -5 }, Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => new OnnxExportOptions { Graph = (OnnxGraph)7 }, Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => Export(new() { Height = 63, Width = 640 }, Golden.WithInfo(new() { InputScale = 0.5 })),
            Throws.ArgumentException.With.Message.Contains("63 x 640").And.Message.Contains("0.5"));
        Assert.That(() => Export(new() { Height = 64 }),
            Throws.ArgumentException.With.Message.Contains("height 64 and width any"));
    }

    private static Checkpoint Replace(string key, CheckpointTensor tensor) =>
        new(Golden.Tensors.Select(t => t.Key == key ? KeyValuePair.Create(key, tensor) : t));
}
