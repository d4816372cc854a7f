// FastScnn.NoTorch <model.onnx> <image>: segments the image alone and in a pipeline and says what was loaded to do so,
// and what training lacks.
using System.Diagnostics;
using System.Security.Cryptography;
using FastScnn.ML.Imaging;
using FastScnn.ML.Scoring;
using FastScnn.ML.Transforms;
using Microsoft.ML;
using Microsoft.ML.Data;

(string model, string image) = (args[0], args[1]);
try
{
    // As ML.NET does with an assembly whose transformer a model file names.
    _ = typeof(FastScnnSegmenter).Assembly.GetTypes();

    using var segmenter = FastScnnSegmenter.Load(model);
    Print("segmenter", segmenter.Segment(image));

    var context = new MLContext();
    IDataView images = context.Data.LoadFromEnumerable([new Image { File = image }]);
    var pipeline = context.Transforms.LoadImages("Image", null, nameof(Image.File))
        .Append(context.Transforms.FastScnnSegment(nameof(Prediction.PredictedLabel), "Image", model));
    using var transformer = pipeline.Fit(images);
    Print("pipeline",
        context.Data.CreateEnumerable<Prediction>(transformer.Transform(images), reuseRowObject: false)
            .Single().PredictedLabel!);
}
catch (Exception e)
{
    Console.WriteLine($"{e.GetType().Name}: {e.Message}");
    return 1;
}

string[] assemblies = [.. AppDomain.CurrentDomain.GetAssemblies().Select(a => a.GetName().Name!).Where(IsTorch)];
string[] modules =
[
    .. Process.GetCurrentProcess().Modules.Cast<ProcessModule>().Select(m => m.ModuleName).Where(IsTorch)
];
Console.WriteLine($"torch: {string.Join(' ', assemblies.Concat(modules).Distinct())}");

try
{
    var context = new MLContext();
    context.SemanticSegmentation.Trainers.FastScnn().Fit(context.Data.LoadFromEnumerable(Unread())).Dispose();
}
catch (Exception e)
{
    Console.WriteLine($"training: {e.GetType().Name}: {e.Message}");
}
return 0;

static IEnumerable<Example> Unread()
{
    Console.WriteLine("a row was read");
    yield return new Example();
}

static void Print(string name, SegmentationMap map) =>
    Console.WriteLine($"{name}: {map.Width}x{map.Height} {Convert.ToHexString(SHA256.HashData(map.ClassIds.Span))}");

static bool IsTorch(string name) =>
    name.Contains("torch", StringComparison.OrdinalIgnoreCase)
        && !name.StartsWith("FastScnn.", StringComparison.Ordinal);

internal sealed class Image
{
    public string File { get; set; } = "";
}

internal sealed class Example
{
    [AnySizeImageType]
    public MLImage? Image { get; set; }

    [SegmentationMapType]
    public SegmentationMap? Label { get; set; }
}

internal sealed class Prediction
{
    [SegmentationMapType]
    public SegmentationMap? PredictedLabel { get; set; }
}
