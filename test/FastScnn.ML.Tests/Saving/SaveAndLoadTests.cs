using System.Text;
using System.Text.Json.Nodes;
using FastScnn.ML.Imaging;
using FastScnn.ML.Scoring;
using FastScnn.ML.Tests.Transforms;
using FastScnn.ML.Transforms;
using FastScnn.Testing;
using FastScnn.Torch;
using FastScnn.Torch.Data;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace FastScnn.ML.Tests.Saving;

/// <summary>What Model.Save writes and Model.Load gives back, in one process.</summary>
public class SaveAndLoadTests
{
    private static readonly ClassList s_classes =
        new([new SegmentationClass("Straße", 255, 0, 0), new SegmentationClass("空", 0, 200, 0),
            new SegmentationClass("a \"b\"", 1, 2, 3)], 7);

    private readonly MLContext _context = new(seed: 1);

    [Test]
    public void A_segmentation_comes_back_as_itself_with_its_settings()
    {
        IDataView data = ImageData(40, 33);
        using FastScnnSegmentationTransformer model = Tiny(_context, new FastScnnSegmenterOptions
        {
            Classes = s_classes,
            MaxPixels = 40 * 33,
            Normalization = new Normalization { Mean = [0.1f, 0.2f, 0.3f], Std = [0.4f, 0.5f, 1 / 3f] },
            Inference = new InferenceOptions { Flip = true },
            ConfidenceThreshold = 0.9999,
        }).Fit(data);
        using var loaded = (FastScnnSegmentationTransformer)ModelZip.Save(_context, model).Load(new MLContext());
        Assert.That((loaded.OutputColumnName, loaded.InputColumnName), Is.EqualTo(("Map", "Image")));
        Assert.That(loaded.Classes, Is.EqualTo(s_classes));
        Assert.That(loaded.Inference, Is.EqualTo(new InferenceOptions { Flip = true }));
        Assert.That(loaded.ActiveProvider, Is.EqualTo("CPUExecutionProvider"));
        Assert.That(loaded.Transform(data).Ids("Map"), Is.EqualTo(model.Transform(data).Ids("Map")));
        Assert.That(loaded.Transform(data).Ids("Map").SelectMany(ids => ids), Has.Some.EqualTo(7), "doubtful pixels");
        Assert.That(loaded.GetOutputSchema(data.Schema)["Map"].Type, Is.EqualTo(SegmentationMapDataViewType.Instance));
        IDataView larger = ImageData(41, 33);
        Assert.That(() => loaded.Transform(larger).Ids("Map"), Throws.Exception.With.Message.Contains("41 x 33"),
            "MaxPixels");
    }

    [Test]
    public void Every_setting_is_either_saved_or_the_loading_contexts()
    {
        string[] saved =
        [
            nameof(FastScnnSegmenterOptions.Classes), nameof(FastScnnSegmenterOptions.Normalization),
            nameof(FastScnnSegmenterOptions.MaxPixels), nameof(FastScnnSegmenterOptions.Inference),
            nameof(FastScnnSegmenterOptions.ConfidenceThreshold),
        ];
        string[] contexts =
        [
            nameof(FastScnnSegmenterOptions.GpuDeviceId), nameof(FastScnnSegmenterOptions.FallbackToCpu),
            nameof(FastScnnSegmenterOptions.IntraOpThreads), nameof(FastScnnSegmenterOptions.CreateSessionOptions),
            nameof(FastScnnSegmenterOptions.Cuda), nameof(FastScnnSegmenterOptions.ExecutionProviders),
        ];
        // A transformer gets images that are decoded already, one at a time.
        string[] files = [nameof(FastScnnSegmenterOptions.ApplyOrientation),
            nameof(FastScnnSegmenterOptions.AcceptIncomplete), nameof(FastScnnSegmenterOptions.BatchSize)];
        Assert.That(
            typeof(FastScnnSegmenterOptions).GetProperties().Select(property => property.Name),
            Is.EquivalentTo([.. saved, .. contexts, .. files]),
            "a new setting that changes maps belongs into FastScnnSegmentationTransformer.Settings, and into "
                + "A_segmentation_comes_back_as_itself_with_its_settings");
    }

    [Test]
    public void A_model_of_another_tool_comes_back_with_the_normalization_of_its_options()
    {
        string file = TestFiles.Golden("ref_512x1024.onnx");
        IDataView data = ImageData(1024, 512);
        using FastScnnSegmentationTransformer model =
            _context.Transforms.FastScnnSegment(new FastScnnSegmentationOptions
            {
                OutputColumnName = "Map",
                InputColumnName = "Image",
                ModelFile = file,
                Segmenter = new FastScnnSegmenterOptions
                {
                    Classes = ClassList.Cityscapes,
                    Normalization = new Normalization { Mean = [0.45f, 0.45f, 0.45f], Std = [0.2f, 0.2f, 0.2f] },
                },
            }).Fit(data);
        using var loaded = (FastScnnSegmentationTransformer)ModelZip.Save(_context, model).Load(new MLContext());
        Assert.That(loaded.Transform(data).Ids("Map"), Is.EqualTo(model.Transform(data).Ids("Map")));
    }

    [Test]
    public void Inference_options_and_score_columns_come_back()
    {
        IDataView data = ImageData(80, 60);
        var inference = new InferenceOptions
        {
            Flip = true,
            Scales = [0.75, 1.5],
            TileHeight = 48,
            TileWidth = 64,
            TileOverlap = 0.5,
            OutputSize = SegmentationSize.Model,
            WorkingSide = 32,
        };
        using FastScnnSegmentationTransformer model = Tiny(
            _context, new FastScnnSegmenterOptions { Classes = s_classes, Inference = inference }, "Score",
            ScoreKind.Logits, "Confidence").Fit(data);
        using var loaded = (FastScnnSegmentationTransformer)ModelZip.Save(_context, model).Load(new MLContext());
        Assert.That(loaded.Inference, Is.EqualTo(inference));
        Assert.That((loaded.ScoreColumnName, loaded.ScoreKind, loaded.ConfidenceColumnName),
            Is.EqualTo(("Score", ScoreKind.Logits, "Confidence")));
        Assert.That(loaded.Transform(data).Ids("Map"), Is.EqualTo(model.Transform(data).Ids("Map")));
        foreach (string column in new[] { "Score", "Confidence" })
            Assert.That(Vectors(loaded, column), Is.EqualTo(Vectors(model, column)));

        float[][] Vectors(ITransformer from, string column) => [.. from.Transform(data).GetColumn<float[]>(column)];
    }

    [Test]
    public void A_region_of_interest_comes_back_and_is_not_named_where_there_is_none()
    {
        IDataView data = ImageData(80, 60);
        var inference = new InferenceOptions { RegionOfInterest = new(0, 0.1, 1 / 3.0, 1) };
        using FastScnnSegmentationTransformer model =
            Tiny(_context, new FastScnnSegmenterOptions { Classes = s_classes, Inference = inference }).Fit(data);
        using FastScnnSegmentationTransformer whole =
            Tiny(_context, new FastScnnSegmenterOptions { Classes = s_classes }).Fit(data);
        ModelZip zip = ModelZip.Save(_context, model);
        using var loaded = (FastScnnSegmentationTransformer)zip.Load(new MLContext());
        Assert.That(loaded.Inference, Is.EqualTo(inference));
        Assert.That(loaded.Transform(data).Ids("Map"), Is.EqualTo(model.Transform(data).Ids("Map")));
        Assert.That(loaded.Transform(data).Ids("Map"), Is.Not.EqualTo(whole.Transform(data).Ids("Map")));
        Assert.That(Text(ModelZip.Save(_context, whole), "Settings.json"),
            Does.Not.Contain("regionOfInterest").And.Not.Contain("workingSide"), "older versions read it");
        var settings = (JsonObject)JsonNode.Parse(Text(zip, "Settings.json"))!;
        settings["inference"]!["regionOfInterest"]!["right"] = 1.5;
        zip[zip.Path("Settings.json")] = Encoding.UTF8.GetBytes(settings.ToJsonString());
        Assert.That(Assert.Catch(() => zip.Load(new MLContext())).ToString(), Does.Contain("to 1.5, 1: expected left"));
    }

    [Test]
    public void A_file_from_before_there_were_inference_options_has_the_defaults()
    {
        IDataView data = ImageData(40, 33);
        using FastScnnSegmentationTransformer model =
            Tiny(_context, new FastScnnSegmenterOptions { Classes = s_classes }).Fit(data);
        ModelZip zip = ModelZip.Save(_context, model);
        var settings = (JsonObject)JsonNode.Parse(Text(zip, "Settings.json"))!;
        foreach (string later in new[] { "scoreColumn", "scoreKind", "confidenceColumn", "inference" })
            Assert.That(settings.Remove(later), Is.True, later);
        zip[zip.Path("Settings.json")] = Encoding.UTF8.GetBytes(settings.ToJsonString());
        using var loaded = (FastScnnSegmentationTransformer)zip.Load(new MLContext());
        Assert.That(loaded.Inference, Is.EqualTo(new InferenceOptions()));
        Assert.That(loaded.Transform(data).Ids("Map"), Is.EqualTo(model.Transform(data).Ids("Map")));
    }

    [Test]
    public void Map_loading_and_drawing_come_back_as_themselves()
    {
        string folder = TestFiles.NewFolder();
        ITransformer loading =
            Fit(_context.Transforms.LoadSegmentationMaps("Truth", folder, s_classes, "Label"));
        ITransformer anywhere =
            Fit(_context.Transforms.LoadSegmentationMaps("Label", null, s_classes));
        var chain = new TransformerChain<ITransformer>(loading, anywhere, Drawing(1 / 3d));
        ITransformer[] loaded = [
            .. (TransformerChain<ITransformer>)ModelZip.Save(_context, chain).Load(new MLContext())];
        var (first, second, third) = ((SegmentationMapLoadingTransformer)loaded[0],
            (SegmentationMapLoadingTransformer)loaded[1], (SegmentationDrawingTransformer)loaded[2]);
        Assert.That((first.OutputColumnName, first.InputColumnName, first.ImageFolder, first.Classes),
            Is.EqualTo(("Truth", "Label", folder, s_classes)));
        Assert.That((second.OutputColumnName, second.InputColumnName, second.ImageFolder),
            Is.EqualTo(("Label", "Label", (string?)null)));
        Assert.That((third.OutputColumnName, third.ImageColumnName, third.MapColumnName, third.Opacity),
            Is.EqualTo(("Drawing", "Image", "Map", 1 / 3d)));
    }

    [Test]
    public void A_loaded_model_is_saved_again_as_the_same_bytes()
    {
        IDataView data = ImageData(40, 33);
        var chain = new TransformerChain<ITransformer>(
            Tiny(_context, new FastScnnSegmenterOptions { Classes = s_classes }).Fit(data),
            _context.Transforms.CopyColumns("Copy", "Number").Fit(data),
            Drawing(0.25));
        ModelZip first = ModelZip.Save(_context, chain);
        var other = new MLContext();
        Assert.That(ModelZip.Save(other, first.Load(other)), Is.EqualTo(first));
    }

    [Test]
    public void A_disposed_model_can_still_be_saved()
    {
        IDataView data = ImageData(40, 33);
        FastScnnSegmentationTransformer model = Tiny(_context, new FastScnnSegmenterOptions { Classes = s_classes })
            .Fit(data);
        List<byte[]> expected = model.Transform(data).Ids("Map");
        model.Dispose();
        using var loaded = (FastScnnSegmentationTransformer)ModelZip.Save(_context, model).Load(_context);
        Assert.That(loaded.Transform(data).Ids("Map"), Is.EqualTo(expected));
    }

    [Test]
    public void The_file_holds_the_onnx_file_as_it_was_and_settings_to_read()
    {
        using FastScnnSegmentationTransformer model = Tiny(_context, new FastScnnSegmenterOptions
        {
            Classes = ClassList.Create([new("ä", 1, 2, 3), new("b", 4, 5, 6), new("c", 7, 8, 9)]),
            Normalization = Normalization.ImageNet,
        }).Fit(ImageData(40, 33));
        ModelZip zip = ModelZip.Save(_context, model);
        Assert.That(zip[zip.Path("Model.onnx")], Is.EqualTo(Models.Tiny));
        Assert.That(Text(zip, "Settings.json"), Is.EqualTo(
            """
            {
              "outputColumn": "Map",
              "inputColumn": "Image",
              "scoreColumn": null,
              "scoreKind": "probabilities",
              "confidenceColumn": null,
              "classes": {
                "ignoreIndex": 255,
                "classes": [
                  {
                    "name": "ä",
                    "color": [
                      1,
                      2,
                      3
                    ]
                  },
                  {
                    "name": "b",
                    "color": [
                      4,
                      5,
                      6
                    ]
                  },
                  {
                    "name": "c",
                    "color": [
                      7,
                      8,
                      9
                    ]
                  }
                ]
              },
              "normalization": {
                "mean": [
                  0.485,
                  0.456,
                  0.406
                ],
                "std": [
                  0.229,
                  0.224,
                  0.225
                ]
              },
              "maxPixels": 67108864,
              "inference": {
                "flip": false,
                "scales": [
                  1
                ],
                "tileHeight": null,
                "tileWidth": null,
                "tileOverlap": 0.25,
                "outputSize": "photo"
              },
              "modelSha256": "201133d75f5d6119ec1a9f609e1e2bb39075bc27cd4f9608ba39198a0101b78c"
            }
            """));
        Assert.That(Text(ModelZip.Save(_context, Drawing(0.5)), "Settings.json"), Is.EqualTo(
            """
            {
              "outputColumn": "Drawing",
              "imageColumn": "Image",
              "mapColumn": "Map",
              "opacity": 0.5
            }
            """));
    }

    [Test]
    public void The_gpu_comes_from_the_loading_context_alone()
    {
        IDataView data = ImageData(40, 33);
        // No machine has this many.
        using FastScnnSegmentationTransformer model =
            Tiny(_context, new FastScnnSegmenterOptions
            {
                Classes = s_classes,
                GpuDeviceId = 1000,
                FallbackToCpu = true
            }).Fit(data);
        Assert.That(model.FallbackReason, Does.Contain("GPU 1000"));
        ModelZip zip = ModelZip.Save(_context, model);
        using (var plain = (FastScnnSegmentationTransformer)zip.Load(new MLContext()))
            Assert.That(plain.FallbackReason, Is.Null);

        var messages = new List<string>();
        var context = new MLContext { GpuDeviceId = 1001, FallbackToCpu = true };
        context.Log += (_, e) => messages.Add($"{e.Kind} {e.Message}");
        using (var fallen = (FastScnnSegmentationTransformer)zip.Load(context))
            Assert.That(fallen.FallbackReason, Does.Contain("GPU 1001"));
        Assert.That(messages.Count(m => m.StartsWith("Warning") && m.Contains("GPU 1001")), Is.EqualTo(1));
        Assert.That(messages.Count(m => m.StartsWith("Info") && m.Contains("runs on CPUExecutionProvider")),
            Is.EqualTo(1));
        context.FallbackToCpu = false;
        InvalidOperationException refused = Assert.Throws<InvalidOperationException>(() => zip.Load(context))!;
        Assert.That(refused.Message, Is.EqualTo("Error during class instantiation"),
            "what ML.NET says of any transformer");
        Assert.That(refused.Causes(),
            Has.Some.InstanceOf<InvalidOperationException>().With.Message.Contains("GPU 1001").And.Message.Contains(
                "fallbackToCpu"));
    }

    [Test]
    public void A_schema_of_images_alone_is_left_out()
    {
        IDataView data = _context.Data.LoadFromEnumerable([new ImageOnlyRow { Image = TestImages.Image(40, 33) }]);
        using FastScnnSegmentationTransformer model =
            Tiny(_context, new FastScnnSegmenterOptions { Classes = s_classes }).Fit(data);
        Assert.That(() => _context.Model.Save(model, data.Schema, new MemoryStream()),
            Throws.InvalidOperationException.With.Message.Contains("No valid columns to save"));
        using var file = new MemoryStream();
        _context.Model.Save(model, null, file);
        using var loaded = (FastScnnSegmentationTransformer)new MLContext().Model.Load(file,
            out DataViewSchema? schema);
        Assert.That(schema, Is.Null);
        Assert.That(loaded.Transform(data).Ids("Map"), Is.EqualTo(model.Transform(data).Ids("Map")));
    }

    internal static FastScnnSegmentationEstimator Tiny(
        MLContext context, FastScnnSegmenterOptions options, string? scores = null,
        ScoreKind kind = ScoreKind.Probabilities, string? confidence = null)
    {
        string file = Path.Combine(TestFiles.NewFolder(), "tiny.onnx");
        File.WriteAllBytes(file, Models.Tiny);
        return context.Transforms.FastScnnSegment(new FastScnnSegmentationOptions
        {
            OutputColumnName = "Map",
            InputColumnName = "Image",
            ModelFile = file,
            Segmenter = options,
            ScoreColumnName = scores,
            ScoreKind = kind,
            ConfidenceColumnName = confidence,
        });
    }

    private static string Text(ModelZip zip, string entry) => Encoding.UTF8.GetString(zip[zip.Path(entry)]);

    private IDataView ImageData(int width, int height) =>
        _context.Data.LoadFromEnumerable([new ImageRow { Image = TestImages.Image(width, height) },
            new ImageRow { Image = TestImages.Image(width, height, 2) }]);

    private ITransformer Fit(IEstimator<ITransformer> estimator) =>
        estimator.Fit(_context.Data.LoadFromEnumerable([new LabelRow()]));

    private ITransformer Drawing(double opacity)
    {
        var data = _context.Data.LoadFromEnumerable([new DrawingRow()]);
        return _context.Transforms.DrawSegmentation("Drawing", "Image", "Map", opacity).Fit(data);
    }

    private sealed class LabelRow
    {
        public string Label { get; set; } = "";
    }

    private sealed class ImageOnlyRow
    {
        [Microsoft.ML.Transforms.Image.ImageType(33, 40)]
        public MLImage? Image { get; set; }
    }

    private sealed class DrawingRow
    {
        [Microsoft.ML.Transforms.Image.ImageType(33, 40)]
        public MLImage? Image { get; set; }

        [SegmentationMapType]
        public SegmentationMap? Map { get; set; }
    }
}
