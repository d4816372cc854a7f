using FastScnn.Testing;
using FastScnn.Torch.Onnx;
using Microsoft.ML.OnnxRuntime;
using static FastScnn.Torch.Tests.Onnx.OnnxModels;

namespace FastScnn.Torch.Tests.Onnx;

/// <summary>8-bit files, with ranges that the test measures itself.</summary>
public class OnnxQuantizationTests
{
    // Three in each of nine bottlenecks, the pooling's last one, three of the fusion, four of the classifier.
    private const int IntegerConvolutions = 35;

    private static readonly Lazy<(byte[] Planes, long[] Shape)> s_image =
        new(() => (TestImage.ReadPlanar(out int height, out int width), [1, 3, height, width]));
    private static readonly Lazy<Dictionary<string, ActivationRange>> s_ranges = new(Measure);

    private static byte[] Image => s_image.Value.Planes;

    private static long[] Shape => s_image.Value.Shape;

    [Test]
    public void The_winners_are_mostly_those_of_single_precision([Values] OnnxGraph graph, [Values] bool fixedSize)
    {
        OnnxExportOptions options = new() { Graph = graph, RawPixels = true };
        if (fixedSize)
            options = options with { Height = (int)Shape[2], Width = (int)Shape[3] };
        Assert.That(Agreement(options, Int8(options)), Is.GreaterThan(0.96));
    }

    [Test]
    public void Full_range_weights_are_finer_but_overflow_on_some_processors()
    {
        OnnxExportOptions full = Int8(new()) with
        {
            Quantization = new() { Ranges = s_ranges.Value, FullRangeWeights = true }
        };
        Assert.That(Export(full, CamVid), Is.Not.EqualTo(Export(Int8(new()), CamVid)));
        Assert.That(Agreement(new(), full), Is.GreaterThan(0.9));
    }

    [Test]
    public void ONNX_Runtime_makes_integers_of_every_convolution_that_gains()
    {
        List<string> operations = Optimized(Export(Int8(new()), CamVid));
        Assert.That(operations.Count(o => o == "QLinearConv"), Is.EqualTo(IntegerConvolutions));
        Assert.That(operations.Count(o => o == "QLinearAdd"), Is.EqualTo(7), "six shortcuts and the fusion");
    }

    [Test]
    public void Layers_that_are_to_stay_in_single_precision_do()
    {
        string[] kept = ["global_feature_extractor.bottleneck2.1.", "feature_fusion.conv_lower_res"];
        OnnxExportOptions options = Int8(new()) with
        {
            Quantization = new() { Ranges = s_ranges.Value, FloatLayers = kept }
        };
        List<string> operations = Optimized(Export(options, CamVid));
        Assert.That(operations.Count(o => o == "QLinearConv"), Is.EqualTo(IntegerConvolutions - 4));
        Assert.That(Agreement(new(), options), Is.GreaterThan(0.96));
    }

    [Test]
    public void All_layers_in_single_precision_give_the_logits_of_single_precision()
    {
        OnnxExportOptions options = Int8(new()) with
        {
            Quantization = new()
            {
                Ranges = s_ranges.Value,
                FloatLayers = ["global", "learning", "feature", "classifier"]
            }
        };
        using InferenceSession single = Open(Export(new(), CamVid)), kept = Open(Export(options, CamVid));
        AssertClose(Run(kept, Image, Shape).Values, Run(single, Image, Shape).Values);
    }

    [Test]
    public void The_file_is_a_third_as_large_and_says_what_it_is()
    {
        byte[] single = Export(new(), CamVid), integers = Export(Int8(new()), CamVid);
        Assert.That(integers, Has.Length.LessThan(0.36 * single.Length));
        using InferenceSession session = Open(integers);
        Assert.That(ModelInfo.FromOnnx(session.ModelMetadata.CustomMetadataMap),
            Has.Property("Precision").EqualTo(OnnxPrecision.Int8));
    }

    [Test]
    public void Missing_ranges_are_listed()
    {
        var ranges = new Dictionary<string, ActivationRange>(s_ranges.Value);
        ranges.Remove("feature_fusion.add.relu");
        OnnxExportOptions options = new() { Precision = OnnxPrecision.Int8, Quantization = new() { Ranges = ranges } };
        Assert.That(() => Export(options, CamVid),
            Throws.ArgumentException.With.Message.Contains("feature_fusion.add.relu").And.Message.Contains(
                "1 activations"));
    }

    [Test]
    public void Names_of_no_layer_are_listed()
    {
        OnnxExportOptions options = Int8(new()) with
        {
            Quantization = new()
            {
                Ranges = s_ranges.Value,
                FloatLayers = ["classifier.dsconv1", "clasifier", "classifier.conv.1"]
            }
        };
        Assert.That(() => Export(options, CamVid),
            Throws.ArgumentException.With.Message.Contains("'clasifier', 'classifier.conv.1';"));
    }

    [Test]
    public void Settings_that_do_not_go_together_are_refused()
    {
        var quantization = new OnnxQuantization { Ranges = s_ranges.Value };
        Assert.That(() => Export(new() { Precision = OnnxPrecision.Int8 }),
            Throws.ArgumentException.With.Message.Contains("FastScnnQuantizer"));
        Assert.That(() => Export(new() { Quantization = quantization }),
            Throws.ArgumentException.With.Message.Contains("Float32").And.Message.Contains("Int8"));
        Assert.That(() => Export(new()
        {
            Precision = OnnxPrecision.Int8,
            Quantization = quantization,
            ActivationOutputs = true
        }),
            Throws.ArgumentException.With.Message.Contains("ActivationOutputs"));
        Assert.That(() => new OnnxExportOptions { Precision = (OnnxPrecision)9 },
            Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("Float16"));
    }

    internal static OnnxExportOptions Int8(OnnxExportOptions options) =>
        options with { Precision = OnnxPrecision.Int8, Quantization = new() { Ranges = s_ranges.Value } };

    private static double Agreement(OnnxExportOptions single, OnnxExportOptions integers)
    {
        byte[][] winners = [.. new[] { single, integers }.Select(options =>
        {
            using InferenceSession session = Open(Export(options, CamVid));
            (float[] logits, long[] shape) = single.Graph == OnnxGraph.Scoring
                ? Run(session, Image, Shape)
                : Run(session, Array.ConvertAll(Image, pixel => (float)pixel), Shape);
            return ArgMax(logits, shape);
        })];
        return winners[0].Zip(winners[1]).Count(pair => pair.First == pair.Second) / (double)winners[0].Length;
    }

    private static List<string> Optimized(byte[] model)
    {
        string path = Path.Combine(TestFiles.NewFolder(), "optimized.onnx");
        using var options = new SessionOptions
        {
            OptimizedModelFilePath = path,
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL
        };
        using (new InferenceSession(model, options))
            return OnnxFile.Operations(File.ReadAllBytes(path));
    }

    private static Dictionary<string, ActivationRange> Measure()
    {
        using InferenceSession session = Open(Export(new() { ActivationOutputs = true }, CamVid));
        using OrtValue image = OrtValue.CreateTensorValueFromMemory(Image, Shape);
        using var run = new RunOptions();
        string[] names = [.. session.OutputNames.Where(name => name != "logits")];
        using IDisposableReadOnlyCollection<OrtValue> values = session.Run(run, ["image"], [image], names);
        return names.Zip(values).ToDictionary(pair => pair.First, pair =>
        {
            float[] activations = pair.Second.GetTensorDataAsSpan<float>().ToArray();
            return new ActivationRange(activations.Min(), activations.Max());
        });
    }
}
