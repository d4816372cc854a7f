using System.Globalization;
using System.Text.RegularExpressions;
using FastScnn.ML.Evaluation;
using FastScnn.ML.Scoring;
using FastScnn.ML.Transforms;
using FastScnn.Scenes;
using FastScnn.Testing;
using FastScnn.Torch.Checkpoints;
using FastScnn.Torch.Data;
using FastScnn.Torch.Onnx;
using FastScnn.Torch.Training;
using Microsoft.ML;

namespace FastScnn.ML.Tests.Samples;

/// <summary>The models in <c>samples/models</c> know what their cards say.</summary>
public class ShippedModelTests
{
    [Test]
    public void The_scenes_model_knows_scenes_that_it_has_not_seen()
    {
        string data = TestFiles.NewFolder();
        StreetSceneFolder.Write(data, "val", 6, new() { Seed = 7 });

        SemanticSegmentationMetrics metrics = Score("fastscnn-scenes.onnx",
            SegmentationDataset.FromFolder(data, "val"));

        Assert.That(metrics.Classes, Is.EqualTo(StreetScene.Classes));
        Assert.That(metrics.PixelAccuracy, Is.GreaterThan(0.85));
        Assert.That(metrics.MeanIoU, Is.GreaterThan(0.4));
    }

    [Test]
    public void The_CamVid_model_scores_what_its_card_says()
    {
        SemanticSegmentationMetrics metrics = Score("fastscnn-camvid.onnx",
            SegmentationDataset.FromFolder(TestFiles.Shared("camvid"), "val"));

        Assert.That(metrics.Classes, Is.EqualTo(ClassList.CamVid));
        double claimed = double.Parse(
            Regex.Match(File.ReadAllText(Model("fastscnn-camvid.md")), @"\*\*([\d.]+) % mIoU").Groups[1].Value,
            CultureInfo.InvariantCulture);
        // Decoders of JPEG differ by a step or two.
        Assert.That(metrics.MeanIoU * 100, Is.EqualTo(claimed).Within(0.2));
    }

    [TestCase("fastscnn-scenes")]
    [TestCase("fastscnn-roads")]
    [TestCase("fastscnn-camvid")]
    public void The_weights_to_fine_tune_are_those_of_the_model(string name)
    {
        Checkpoint weights = Checkpoint.Load(Model(name + ".safetensors"));
        Assert.That(weights.HasAuxiliaryHead);
        Assert.That(weights.Info.Training.Keys, Does.Contain("seed").And.Contain("validation mIoU"));
        using MemoryStream exported = new();
        OnnxExporter.Export(weights, exported);
        using FastScnnSegmenter fromWeights = FastScnnSegmenter.Load(exported.ToArray()),
            shipped = FastScnnSegmenter.Load(Model(name + ".onnx"));
        PixelBuffer scene = StreetScene.Generate(new() { Seed = 3 }).Image;
        Assert.That(Ids(shipped, scene), Is.EqualTo(Ids(fromWeights, scene)));
        Assert.That(shipped.Classes, Is.EqualTo(fromWeights.Classes));
        Assert.That(new FileInfo(Model(name + ".onnx")).Length, Is.LessThan(5_000_000));
    }

    [TestCase("fastscnn-scenes")]
    [TestCase("fastscnn-roads")]
    [TestCase("fastscnn-camvid")]
    public void The_curves_of_a_card_are_drawn_from_its_log(string name) =>
        Assert.That(File.ReadAllText(Model(name + ".svg")),
            Is.EqualTo(TrainingFolder.DrawCurves(Model(name + ".log.jsonl"))));

    private static byte[] Ids(FastScnnSegmenter segmenter, PixelBuffer image) =>
        segmenter.Segment(image).ClassIds.ToArray();

    private static SemanticSegmentationMetrics Score(string model, SegmentationDataset dataset)
    {
        MLContext mlContext = new();
        IDataView images = mlContext.SemanticSegmentation.LoadFrom(dataset);
        using FastScnnSegmentationTransformer transformer =
            mlContext.Transforms.FastScnnSegment("PredictedLabel", "Image", Model(model)).Fit(images);
        return mlContext.SemanticSegmentation.Evaluate(transformer.Transform(images));
    }

    private static string Model(string file) => Path.Combine(TestFiles.Root, "samples", "models", file);
}
