#:package Microsoft.ML
#:package Microsoft.ML.ImageAnalytics
#:package Microsoft.ML.OnnxTransformer
#:package Microsoft.ML.OnnxRuntime
#:package SkiaSharp
#:package SkiaSharp.NativeAssets.Linux.NoDependencies
#:property PublishAot=false

// Segments an image in an application that has ML.NET and nothing of FastScnn. The command line exports the model, for
// one size:
//
//   dotnet run --project samples/FastScnn.Tool -- export --checkpoint samples/models/fastscnn-roads.safetensors --output artifacts/stock.onnx --graph Interop --raw-pixels --width 480 --height 360
//   dotnet run samples/05-score-with-stock-mlnet.cs artifacts/stock.onnx 480 360 samples/FastScnn.Web/wwwroot/street.jpg artifacts/mask.png
//
// ResizeImages brings every image to that size, and the mask has it too. (ML.NET brings SkiaSharp; named here, its
// version is the checkout's.)
using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;

if (args.Length != 5)
{
    Console.Error.WriteLine("usage: 05-score-with-stock-mlnet.cs <model.onnx> <width> <height> <image> <mask.png>");
    return 2;
}
(string modelFile, string imageFile, string maskFile) = (args[0], args[3], args[4]);
(int width, int height) = (int.Parse(args[1], CultureInfo.InvariantCulture),
    int.Parse(args[2], CultureInfo.InvariantCulture));

// ApplyOnnxModel takes one fixed size and floats as ExtractPixels gives them; the graph normalizes them.
var mlContext = new MLContext();
IDataView empty = mlContext.Data.LoadFromEnumerable<ImageRow>([]);
using var model = mlContext.Transforms.LoadImages("Image", null, nameof(ImageRow.File))
    .Append(mlContext.Transforms.ResizeImages("Resized", width, height, "Image",
        ImageResizingEstimator.ResizingKind.Fill))
    .Append(mlContext.Transforms.ExtractPixels("image", "Resized"))
    .Append(mlContext.Transforms.ApplyOnnxModel("logits", "image", modelFile))
    .Fit(empty);
using PredictionEngine<ImageRow, Scores> engine = mlContext.Model.CreatePredictionEngine<ImageRow, Scores>(
    model, new PredictionEngineOptions { OwnsTransformer = false });
float[] logits = engine.Predict(new ImageRow { File = imageFile }).Logits;

// The scores are one plane a class; the class of a pixel is the plane with the largest.
int pixels = width * height, classes = logits.Length / pixels;
byte[] ids = new byte[pixels];
for (int plane = 1; plane < classes; plane++)
    for (int i = 0; i < pixels; i++)
        if (logits[plane * pixels + i] > logits[ids[i] * pixels + i])
            ids[i] = (byte)plane;

// The class ids as grey values.
using MLImage mask = MLImage.CreateFromPixels(width, height, MLPixelFormat.Bgra32,
    [.. ids.SelectMany(id => new byte[] { id, id, id, 255 })]);
mask.Save(maskFile);
Console.WriteLine($"{imageFile}: scored at {width} x {height}, {classes} classes");
foreach (IGrouping<byte, byte> group in ids.GroupBy(id => id).OrderByDescending(group => group.Count()))
    Console.WriteLine($"class {group.Key}: {(double)group.Count() / pixels:P1}");
int ours = AppDomain.CurrentDomain.GetAssemblies()
    .Count(assembly => assembly.GetName().Name!.StartsWith("FastScnn.", StringComparison.Ordinal));
Console.WriteLine($"assemblies of FastScnn in this process: {ours}");
return 0;

class ImageRow
{
    public string File { get; set; } = "";
}

class Scores
{
    [ColumnName("logits")]
    public float[] Logits { get; set; } = [];
}
