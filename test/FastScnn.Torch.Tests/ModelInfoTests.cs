using FastScnn.Testing;
using FastScnn.Torch.Checkpoints;
using FastScnn.Torch.Data;
using FastScnn.Torch.Onnx;
using FastScnn.Torch.Tests.Onnx;
using Microsoft.ML.OnnxRuntime;
using static FastScnn.Torch.Tests.Onnx.OnnxModels;

namespace FastScnn.Torch.Tests;

public class ModelInfoTests
{
    private static readonly Normalization s_own = new() { Mean = [0.1f, 0.25f, 1f / 3], Std = [0.5f, 0.6f, 0.7f] };

    private static readonly ModelInfo s_info = new()
    {
        Classes = new(ClassList.Cityscapes, ignoreIndex: 200),
        Normalization = s_own,
        InputScale = 2
    };

    [Test]
    public void A_checkpoint_file_carries_it()
    {
        string path = Path.Combine(TestFiles.NewFolder(), "model.safetensors");
        ModelInfo info = s_info with
        {
            Training = new Dictionary<string, string> { ["epochs"] = "60", ["mIoU"] = "0.51" }
        };

        new Checkpoint([], [new("format", "pt"), new("fastscnn.training.old", "1")]).WithInfo(info)
            .SaveSafetensors(path);
        Checkpoint read = Checkpoint.Load(path);

        Assert.That(read.Info with { Training = info.Training }, Is.EqualTo(info));
        Assert.That(read.Info.Training, Is.EquivalentTo(info.Training));
        Assert.That(read.Metadata["format"], Is.EqualTo("pt"));
    }

    [Test]
    public void A_checkpoint_that_says_nothing_has_the_defaults()
    {
        Assert.That(new Checkpoint([], [new("format", "pt")]).Info, Is.EqualTo(new ModelInfo()));
        Assert.That(new ModelInfo() is
        {
            Classes: null, InputScale: 1, InputChannels: 3, AlignCorners: true,
            Graph: null
        }, Is.True);
    }

    [TestCase(OnnxGraph.Scoring)]
    [TestCase(OnnxGraph.Interop)]
    public void An_ONNX_file_carries_what_the_checkpoint_says(OnnxGraph graph)
    {
        ModelInfo trained = s_info with { Training = new Dictionary<string, string> { ["epochs"] = "60" } };
        using InferenceSession session = Open(Export(new() { Graph = graph }, Golden.WithInfo(trained)));
        ModelInfo info = ModelInfo.FromOnnx(session.ModelMetadata.CustomMetadataMap);

        Assert.That(info, Is.EqualTo(s_info with { Graph = graph }));
        Assert.That(info.Producer, Does.StartWith("FastScnn.Torch "));
        Assert.That(session.ModelMetadata.ProducerName, Is.EqualTo("FastScnn.Torch"));
        Assert.That(session.ModelMetadata.CustomMetadataMap,
            Does.ContainKey("fastscnn.stride").WithValue(graph == OnnxGraph.Scoring ? "8" : "1")
            .And.ContainKey("fastscnn.inputScale").WithValue("2"));
    }

    [Test]
    public void An_ONNX_file_numbers_classes_that_nobody_named() =>
        Assert.That(InfoOf(new(), Golden),
            Is.EqualTo(new ModelInfo { Graph = OnnxGraph.Scoring, Classes = ClassList.Generic(19) }));

    [Test]
    public void A_scoring_graph_applies_the_normalization()
    {
        byte[] bytes = OnnxSizesTests.Pattern(97, 161);
        using InferenceSession scoring = Open(Export(new(), Golden.WithInfo(new() { Normalization = s_own }))),
            interop = Open(Export(new() { Graph = OnnxGraph.Interop }));
        (float[] low, long[] lowShape) = Run(scoring, bytes, [1, 3, 97, 161]);
        (float[] full, long[] fullShape) = Run(interop, TestImage.Normalize(bytes, s_own), [1, 3, 97, 161]);
        AssertClose(Corners(low, lowShape), Corners(full, fullShape),
            "corners, which enlarging with aligned corners keeps");
    }

    [Test]
    public void An_interop_graph_of_raw_pixels_names_the_normalization_that_leaves_them_alone()
    {
        Checkpoint checkpoint = Golden.WithInfo(s_info);
        Normalization raw = InfoOf(new() { Graph = OnnxGraph.Interop, RawPixels = true }, checkpoint).Normalization;
        Assert.That(raw.Mean, Is.EqualTo(new float[] { 0, 0, 0 }));
        Assert.That(raw.Std.Select(std => 255 * std), Is.All.EqualTo(1).Within(1e-6));
        Assert.That(InfoOf(new() { RawPixels = true }, checkpoint).Normalization, Is.EqualTo(s_own), "a scoring graph");
    }

    [TestCase("fastscnn.graph")]
    [TestCase("fastscnn.classes")]
    [TestCase("fastscnn.std")]
    [TestCase("fastscnn.stride")]
    public void A_missing_entry_of_an_ONNX_file_is_named(string key)
    {
        var metadata = new Dictionary<string, string>(Valid());
        metadata.Remove(key);
        Assert.That(() => ModelInfo.FromOnnx(metadata),
            Throws.TypeOf<InvalidDataException>().With.Message.Contains($"'{key}'"));
    }

    [TestCase("fastscnn.classes", "{ \"classes\": [] }", true)]
    [TestCase("fastscnn.classes", "{\"classes\": 3}", true)]
    [TestCase("fastscnn.mean", "0.1 0.2", true)]
    [TestCase("fastscnn.std", "1 2 x", true)]
    [TestCase("fastscnn.std", "1 1 0", true)]
    [TestCase("fastscnn.inputScale", "wide", true)]
    [TestCase("fastscnn.inputScale", "9", true)]
    [TestCase("fastscnn.graph", "other", false)]
    [TestCase("fastscnn.stride", "1", false)]
    [TestCase("fastscnn.align_corners", "yes", false)]
    [TestCase("fastscnn.precision", "int4", false)]
    public void An_impossible_entry_is_named(string key, string value, bool ofCheckpoints)
    {
        var metadata = new Dictionary<string, string>(Valid()) { [key] = value };
        Assert.That(() => ModelInfo.FromOnnx(metadata),
            Throws.TypeOf<InvalidDataException>().With.Message.Contains($"'{key}'").And.Message.Contains(value));
        if (ofCheckpoints)
            Assert.That(() => new Checkpoint([], metadata).Info,
                Throws.TypeOf<CheckpointException>().With.Message.Contains($"'{key}'").And.Message.Contains(value));
    }

    [Test]
    public void Entries_of_other_tools_are_ignored()
    {
        var metadata = new Dictionary<string, string>(Valid()) { ["author"] = "someone" };
        Assert.That(ModelInfo.FromOnnx(metadata).Classes, Is.EqualTo(ClassList.CamVid));
    }

    private static IReadOnlyDictionary<string, string> Valid() =>
        new ModelInfo { Graph = OnnxGraph.Scoring, Classes = ClassList.CamVid }.ToMetadata();

    private static ModelInfo InfoOf(OnnxExportOptions options, Checkpoint checkpoint)
    {
        using InferenceSession session = Open(Export(options, checkpoint));
        return ModelInfo.FromOnnx(session.ModelMetadata.CustomMetadataMap);
    }

    private static float[] Corners(float[] values, long[] shape)
    {
        int height = (int)shape[2], width = (int)shape[3];
        return [.. Enumerable.Range(0, (int)shape[1])
            .SelectMany(channel => (int[])[0, width - 1, (height - 1) * width, height * width - 1],
            (channel, corner) => values[channel * height * width + corner])];
    }
}
