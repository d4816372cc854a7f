// Segments a photo with the transforms of ML.NET alone, in an application that has no FastScnn package. The model comes from
//   dotnet run --project samples/FastScnn.Tool -- export --checkpoint weights.pth --output stock.onnx --graph Interop --raw-pixels --width 480 --height 360
// and is for that one size: ResizeImages brings every photo to it, and the mask has it too.
//
//   dotnet run --project samples/FastScnn.StockMLNet -- stock.onnx 480 360 street.jpg mask.png
using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;

if (args.Length != 5)
{
    Console.Error.WriteLine("usage: FastScnn.StockMLNet <model.onnx> <width> <height> <photo> <mask.png>");
    return 2;
}
(string modelFile, string photo, string maskFile) = (args[0], args[3], args[4]);
(int width, int height) = (int.Parse(args[1], CultureInfo.InvariantCulture), int.Parse(args[2], CultureInfo.InvariantCulture));

var mlContext = new MLContext();
IDataView empty = mlContext.Data.LoadFromEnumerable(Array.Empty<Photo>());
using var model = mlContext.Transforms.LoadImages("Photo", null, nameof(Photo.File))
    .Append(mlContext.Transforms.ResizeImages("Resized", width, height, "Photo", ImageResizingEstimator.ResizingKind.Fill))
    .Append(mlContext.Transforms.ExtractPixels("image", "Resized"))
    .Append(mlContext.Transforms.ApplyOnnxModel("logits", "image", modelFile))
    .Fit(empty);
using PredictionEngine<Photo, Scores> engine = mlContext.Model.CreatePredictionEngine<Photo, Scores>(
    model, new PredictionEngineOptions { OwnsTransformer = false });

byte[] classIds = LargestScores(engine.Predict(new Photo { File = photo }).Logits, width * height);

// The class ids as grey values.
using MLImage mask = MLImage.CreateFromPixels(width, height, MLPixelFormat.Bgra32, [.. classIds.SelectMany(id => new byte[] { id, id, id, 255 })]);
mask.Save(maskFile);
foreach (IGrouping<byte, byte> share in classIds.GroupBy(id => id).OrderByDescending(share => share.Count()))
    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"class {share.Key}: {100.0 * share.Count() / classIds.Length:F1} %"));
string[] ours = [.. AppDomain.CurrentDomain.GetAssemblies().Select(a => a.GetName().Name!)
    .Where(name => name.StartsWith("FastScnn.", StringComparison.Ordinal) && name != "FastScnn.StockMLNet")];
Console.WriteLine($"assemblies of FastScnn in this process: {ours.Length}");
return 0;

// The scores are one plane a class.
static byte[] LargestScores(float[] logits, int pixels)
{
    var ids = new byte[pixels];
    for (int plane = 1; plane < logits.Length / pixels; plane++)
        for (int i = 0; i < pixels; i++)
            if (logits[plane * pixels + i] > logits[ids[i] * pixels + i])
                ids[i] = (byte)plane;
    return ids;
}

internal sealed class Photo
{
    public string File { get; set; } = "";
}

internal sealed class Scores
{
    [ColumnName("logits")]
    public float[] Logits { get; set; } = [];
}
