#:project ../src/FastScnn.ML
#:project FastScnn.Scenes
#:property PublishAot=false

// Exports a model for applications that have ML.NET and nothing of FastScnn, and scores a photo with ApplyOnnxModel.
// The second half stands alone: samples/FastScnn.StockMLNet is that application, without any FastScnn package.
//
//   dotnet run samples/05-score-with-stock-mlnet.cs [weights.safetensors] [stock.onnx] [photo]
using FastScnn.ML;
using FastScnn.Scenes;
using FastScnn.Torch.Checkpoints;
using FastScnn.Torch.Onnx;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;

const int Width = 480, Height = 360;
string weights = args.Length > 0 ? args[0] : Path.Combine("samples", "models", "fastscnn-scenes.safetensors");
string modelFile = args.Length > 1 ? args[1] : Path.Combine("artifacts", "samples", "stock.onnx");
string photo = args.Length > 2 ? args[2] : DrawStreet(Path.Combine("artifacts", "samples"));

// ApplyOnnxModel wants one fixed size and floats as ExtractPixels gives them; the graph does the rest.
Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(modelFile))!);
OnnxExporter.Export(Checkpoint.Load(weights), modelFile, new OnnxExportOptions { Graph = OnnxGraph.Interop, RawPixels = true, Width = Width, Height = Height });

// From here on only ML.NET.
var mlContext = new MLContext();
IDataView photos = mlContext.Data.LoadFromEnumerable([new PhotoRow { File = photo }]);
using var model = mlContext.Transforms.LoadImages("Photo", null, nameof(PhotoRow.File))
    .Append(mlContext.Transforms.ResizeImages("Resized", Width, Height, "Photo", ImageResizingEstimator.ResizingKind.Fill))
    .Append(mlContext.Transforms.ExtractPixels("image", "Resized"))
    .Append(mlContext.Transforms.ApplyOnnxModel("logits", "image", modelFile))
    .Fit(photos);
float[] logits = model.Transform(photos).GetColumn<float[]>("logits").Single();

// The scores are one plane a class; the class of a pixel is the plane with the largest.
const int Pixels = Width * Height;
int classes = logits.Length / Pixels;
byte[] ids = [.. Enumerable.Range(0, Pixels).Select(i => (byte)Enumerable.Range(0, classes).MaxBy(plane => logits[plane * Pixels + i]))];

// The segmenter gives the same for a photo of that size, at any size, and faster.
using var segmenter = FastScnnSegmenter.Load(modelFile);
using MLImage image = MLImage.CreateFromFile(photo);
Console.WriteLine($"{photo}: {image.Width} x {image.Height}, scored at {Width} x {Height}, {classes} classes");
foreach (var group in ids.GroupBy(id => id).OrderByDescending(group => group.Count()))
    Console.WriteLine($"{segmenter.Classes[group.Key].Name,-16} {(double)group.Count() / Pixels,7:P1}");
if ((image.Width, image.Height) == (Width, Height))
{
    ReadOnlySpan<byte> own = segmenter.Segment(image).ClassIds.Span;
    int same = 0;
    for (int i = 0; i < Pixels; i++)
        same += own[i] == ids[i] ? 1 : 0;
    Console.WriteLine($"pixels that FastScnnSegmenter gives the same class: {(double)same / Pixels:P2}");
}

static string DrawStreet(string folder)
{
    StreetSceneFolder.Write(folder, "stock", 1, new StreetSceneOptions { Width = Width, Height = Height, Seed = 5 });
    return Path.Combine(folder, "images", "stock", "scene_000000.png");
}

class PhotoRow
{
    public string File { get; set; } = "";
}
