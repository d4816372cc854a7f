using FastScnn.Torch.Checkpoints;
using FastScnn.Torch.Data;
using FastScnn.Torch.Onnx;
using Microsoft.ML.OnnxRuntime;
using static FastScnn.Torch.Tests.Onnx.OnnxModels;

namespace FastScnn.Torch.Tests.Onnx;

public class OnnxModelInfoTests
{
    private static readonly Normalization OwnNormalization = new() { Mean = [0.1f, 0.25f, 1f / 3], Std = [0.5f, 0.6f, 0.7f] };

    [TestCase(OnnxGraph.Scoring, 8)]
    [TestCase(OnnxGraph.Interop, 1)]
    public void TheFileCarriesIt(OnnxGraph graph, int stride)
    {
        byte[] model = Export(new() { Graph = graph, Classes = ClassList.Cityscapes, Normalization = OwnNormalization });
        using InferenceSession session = Open(model);
        OnnxModelInfo info = OnnxModelInfo.FromMetadata(session.ModelMetadata.CustomMetadataMap);
        Assert.That(info, Is.EqualTo(new OnnxModelInfo { Graph = graph, Classes = ClassList.Cityscapes, Normalization = OwnNormalization }));
        Assert.That(info.Stride, Is.EqualTo(stride));
        Assert.That(info.AlignCorners, Is.True);
        Assert.That(info.Producer, Does.StartWith("FastScnn.Torch "));
        Assert.That(session.ModelMetadata.ProducerName, Is.EqualTo("FastScnn.Torch"));
    }

    [Test]
    public void WhatTheOptionsLeaveOpenComesFromTheCheckpoint()
    {
        var classes = new ClassList(ClassList.Cityscapes, ignoreIndex: 200);
        var checkpoint = new Checkpoint(Golden.Tensors, new CheckpointInfo { Classes = classes, Normalization = OwnNormalization }.ToMetadata());
        Assert.That(Info(Export(new(), checkpoint)), Is.EqualTo(new OnnxModelInfo { Graph = OnnxGraph.Scoring, Classes = classes, Normalization = OwnNormalization }));
        Assert.That(Info(Export(new())), Is.EqualTo(new OnnxModelInfo { Graph = OnnxGraph.Scoring, Classes = ClassList.Generic(19), Normalization = Normalization.ImageNet }));
    }

    [Test]
    public void ScoringAppliesTheNormalization()
    {
        byte[] bytes = OnnxSizesTests.Pattern(97, 161);
        using InferenceSession scoring = Open(Export(new() { Normalization = OwnNormalization })), interop = Open(Export(new() { Graph = OnnxGraph.Interop }));
        (float[] low, long[] lowShape) = Run(scoring, bytes, [1, 3, 97, 161]);
        (float[] full, long[] fullShape) = Run(interop, TestPhoto.Normalize(bytes, OwnNormalization), [1, 3, 97, 161]);
        AssertClose(Corners(low, lowShape), Corners(full, fullShape), "corners, which enlarging with aligned corners keeps");
    }

    [Test]
    public void AnInteropGraphOfRawPixelsNamesTheNormalizationThatLeavesThemAlone()
    {
        OnnxModelInfo info = Info(Export(new() { Graph = OnnxGraph.Interop, RawPixels = true, Normalization = OwnNormalization }));
        Assert.That(info.Normalization.Mean, Is.EqualTo(new float[] { 0, 0, 0 }));
        Assert.That(info.Normalization.Std.Select(std => 255 * std), Is.All.EqualTo(1).Within(1e-6));
        Assert.That(Info(Export(new() { RawPixels = true, Normalization = OwnNormalization })).Normalization, Is.EqualTo(OwnNormalization), "a scoring graph");
    }

    [TestCase("fastscnn.graph")]
    [TestCase("fastscnn.classes")]
    [TestCase("fastscnn.std")]
    [TestCase("fastscnn.stride")]
    public void AMissingEntryIsNamed(string key)
    {
        var metadata = new Dictionary<string, string>(Valid());
        metadata.Remove(key);
        Assert.That(() => OnnxModelInfo.FromMetadata(metadata), Throws.TypeOf<InvalidDataException>().With.Message.Contains($"'{key}'"));
    }

    [TestCase("fastscnn.graph", "other")]
    [TestCase("fastscnn.classes", "{ \"classes\": [] }")]
    [TestCase("fastscnn.classes", "?")]
    [TestCase("fastscnn.mean", "1 2")]
    [TestCase("fastscnn.std", "1 2 x")]
    [TestCase("fastscnn.std", "1 2 0")]
    [TestCase("fastscnn.stride", "1")]
    [TestCase("fastscnn.align_corners", "yes")]
    public void AnImpossibleEntryIsNamed(string key, string value)
    {
        var metadata = new Dictionary<string, string>(Valid()) { [key] = value };
        Assert.That(() => OnnxModelInfo.FromMetadata(metadata), Throws.TypeOf<InvalidDataException>().With.Message.Contains($"'{key}'"));
    }

    [Test]
    public void EntriesOfOtherToolsArePassedOver()
    {
        var metadata = new Dictionary<string, string>(Valid()) { ["author"] = "someone" };
        Assert.That(OnnxModelInfo.FromMetadata(metadata).Classes, Is.EqualTo(ClassList.CamVid));
    }

    private static IReadOnlyDictionary<string, string> Valid() => new OnnxModelInfo { Graph = OnnxGraph.Scoring, Classes = ClassList.CamVid }.ToMetadata();

    private static OnnxModelInfo Info(byte[] model)
    {
        using InferenceSession session = Open(model);
        return OnnxModelInfo.FromMetadata(session.ModelMetadata.CustomMetadataMap);
    }

    private static float[] Corners(float[] values, long[] shape)
    {
        int height = (int)shape[2], width = (int)shape[3];
        return [.. Enumerable.Range(0, (int)shape[1]).SelectMany(channel => (int[])[0, width - 1, (height - 1) * width, height * width - 1],
            (channel, corner) => values[channel * height * width + corner])];
    }
}
