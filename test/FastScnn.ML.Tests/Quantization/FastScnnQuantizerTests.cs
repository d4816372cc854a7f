using FastScnn.ML.Imaging;
using FastScnn.ML.Quantization;
using FastScnn.ML.Scoring;
using FastScnn.Scenes;
using FastScnn.Testing;
using FastScnn.Torch.Checkpoints;
using FastScnn.Torch.Data;
using FastScnn.Torch.Metrics;
using FastScnn.Torch.Onnx;

namespace FastScnn.ML.Tests.Quantization;

public class FastScnnQuantizerTests
{
    private static readonly Lazy<Checkpoint> s_camVid =
        new(() => Checkpoint.Load(TestFiles.Shared("reference", "camvid-pytorch-60ep.pth"))
            .WithInfo(new() { Classes = ClassList.CamVid }));

    private static Checkpoint CamVid => s_camVid.Value;

    [TestCase(99.99)]
    [TestCase(100)]
    public void The_model_sees_other_images_as_the_one_of_single_precision_does(double percentile)
    {
        string file = NewFile();
        FastScnnQuantizer.Quantize(CamVid, Train(6), file, new() { Percentile = percentile });
        using var single = FastScnnSegmenter.Load(Models.CamVid);
        using var integers = FastScnnSegmenter.Load(file);
        Assert.That(integers.Classes, Is.EqualTo(single.Classes));
        foreach (string image in TestImages.Val(3))
            Assert.That(TestImages.Agreement(integers.Segment(image).ClassIds.Span,
                single.Segment(image).ClassIds.Span), Is.GreaterThan(0.95), image);
        Assert.That(new FileInfo(file).Length, Is.LessThan(0.36 * new FileInfo(Models.CamVid).Length));
    }

    [Test]
    public void An_int8_model_scores_within_a_point_of_the_one_it_came_from()
    {
        Checkpoint scenes = Checkpoint.Load(Path.Combine(TestFiles.Root, "samples", "models",
            "fastscnn-scenes.safetensors"));
        PixelBuffer[] seen = [.. Enumerable.Range(1, 4).Select(seed => Scene(seed).Image)];
        var ranges = FastScnnQuantizer.Calibrate(scenes, seen);
        double[] scores = [.. new OnnxExportOptions[]
        {
            new(), new() { Precision = OnnxPrecision.Int8, Quantization = new() { Ranges = ranges } }
        }.Select(options =>
        {
            using MemoryStream file = new();
            OnnxExporter.Export(scenes, file, options);
            using var segmenter = FastScnnSegmenter.Load(file.ToArray());
            var counts = new ConfusionCounts(segmenter.Classes.Count);
            foreach (int seed in Enumerable.Range(101, 6))
            {
                (PixelBuffer image, LabelMap labels) = Scene(seed);
                counts.Add(labels.Ids.Span, segmenter.Segment(image).ClassIds.Span, segmenter.Classes.IgnoreIndex);
            }
            return SegmentationScores.From(counts).MeanIoU;
        })];
        Assert.That(scores[0], Is.GreaterThan(0.4), "a model that knows nothing loses nothing");
        Assert.That(scores[1], Is.GreaterThan(scores[0] - 0.01));
    }

    [Test]
    public void The_same_images_in_any_order_give_the_same_file()
    {
        string first = NewFile(), second = NewFile();
        FastScnnQuantizer.Quantize(CamVid, Train(3), first, new() { Threads = 1 });
        FastScnnQuantizer.Quantize(CamVid, Train(3).Reverse(), second, new() { Threads = 1 });
        Assert.That(File.ReadAllBytes(second).AsSpan().SequenceEqual(File.ReadAllBytes(first)), Is.True);
    }

    [Test]
    public void Ranges_of_decoded_images_are_those_of_files()
    {
        Func<Stream, PixelBuffer> decoder = ImageDecoder.Decode;
        PixelBuffer[] decoded = [.. Train(2).Select(path =>
        {
            using FileStream stream = File.OpenRead(path);
            return decoder(stream);
        })];
        Assert.That(FastScnnQuantizer.Calibrate(CamVid, decoded),
            Is.EquivalentTo(FastScnnQuantizer.Calibrate(CamVid, Train(2))));
    }

    [Test]
    public void A_file_of_one_size_is_measured_at_that_size()
    {
        string file = NewFile();
        List<int> told = [];
        QuantizationOptions options = new()
        {
            Export = new() { Height = 128, Width = 160, Graph = OnnxGraph.Interop },
            FloatLayers = ["classifier."]
        };
        FastScnnQuantizer.Quantize(CamVid, Train(2), file, options, new Told(told));
        Assert.That(told, Is.EqualTo(new[] { 1, 2 }));
        using var segmenter = FastScnnSegmenter.Load(file);
        Assert.That(segmenter.Segment(TestImages.Street).Width, Is.EqualTo(480));
        Assert.That(FastScnnQuantizer.Calibrate(CamVid, Train(2), options),
            Is.Not.EquivalentTo(FastScnnQuantizer.Calibrate(CamVid, Train(2))));
    }

    [Test]
    public void No_images_is_an_error_and_leaves_the_file_alone()
    {
        string file = NewFile();
        File.WriteAllText(file, "precious");
        Assert.That(() => FastScnnQuantizer.Quantize(CamVid, Array.Empty<string>(), file),
            Throws.ArgumentException.With.Message.Contains("No images"));
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        Assert.That(() => FastScnnQuantizer.Quantize(CamVid, Train(1), file, cancellationToken: cancelled.Token),
            Throws.InstanceOf<OperationCanceledException>());
        Assert.That(File.ReadAllText(file), Is.EqualTo("precious"));
        Assert.That(Directory.GetFiles(Path.GetDirectoryName(file)!), Has.Length.EqualTo(1));
    }

    [Test]
    public void Bad_images_are_named()
    {
        string folder = TestFiles.NewFolder(), text = Path.Combine(folder, "text.jpg"),
            small = Path.Combine(folder, "small.jpg");
        File.WriteAllText(text, "no image");
        File.WriteAllBytes(small, TestImages.Jpeg(20, 300));
        Assert.That(() => FastScnnQuantizer.Calibrate(CamVid, [text]),
            Throws.TypeOf<InvalidDataException>().With.Message.Contains("text.jpg"));
        Assert.That(() => FastScnnQuantizer.Calibrate(CamVid, [small]),
            Throws.TypeOf<InvalidDataException>().With.Message.Contains("small.jpg").And.Message.Contains("20 x 300"));
        Assert.That(() => FastScnnQuantizer.Calibrate(CamVid, ["none.jpg"]),
            Throws.TypeOf<FileNotFoundException>().With.Message.Contains("none.jpg"));
        Assert.That(() => FastScnnQuantizer.Calibrate(CamVid, [folder]),
            Throws.TypeOf<FileNotFoundException>().With.Message.Contains("folder"));
        Assert.That(() => FastScnnQuantizer.Calibrate(CamVid, Train(1), new() { MaxPixels = 1000 }),
            Throws.TypeOf<InvalidDataException>().With.Message.Contains("1000"));
    }

    [Test]
    public void Layers_that_give_no_numbers_are_named()
    {
        // Too large for single precision once more layers have multiplied it.
        var checkpoint = new Checkpoint(CamVid.Tensors.Select(t => t.Key == "feature_fusion.conv_higher_res.0.weight"
            ? KeyValuePair.Create(t.Key,
                CheckpointTensor.FromSingle([.. Enumerable.Repeat(1e38f, 64 * 128)], 128, 64, 1, 1))
            : t));
        Assert.That(() => FastScnnQuantizer.Calibrate(checkpoint, Train(1)),
            Throws.TypeOf<InvalidDataException>().With.Message.Contains("feature_fusion").And.Message.Contains(
                "not finite"));
    }

    [TestCase(50)]
    [TestCase(100.1)]
    [TestCase(double.NaN)]
    public void A_percentile_out_of_range_is_refused(double percentile) =>
        Assert.That(() => new QuantizationOptions { Percentile = percentile },
            Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("50"));

    [Test]
    public void Other_bad_options_are_refused()
    {
        Assert.That(() => new QuantizationOptions { Threads = -1 }, Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => new QuantizationOptions { MaxPixels = 0 }, Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => new QuantizationOptions { Export = null! }, Throws.ArgumentNullException);
        Assert.That(() => new QuantizationOptions { FloatLayers = null! }, Throws.ArgumentNullException);
    }

    private static (PixelBuffer Image, LabelMap Labels) Scene(int seed) =>
        StreetScene.Generate(new() { Width = 480, Height = 360, Seed = seed });

    private static string[] Train(int count) =>
        [.. Directory.GetFiles(TestFiles.Shared("camvid", "images", "train")).Order(StringComparer.Ordinal)
            .Where((_, i) => i % 50 == 7).Take(count)];

    private static string NewFile() => Path.Combine(TestFiles.NewFolder(), "model.onnx");

    private sealed class Told(List<int> images) : IProgress<int>
    {
        public void Report(int value) => images.Add(value);
    }
}
