#:project ../src/FastScnn.ML
#:project FastScnn.Scenes
#:property PublishAot=false

// Saves a pipeline with the network inside, loads it as a service would, and serves single images from a
// PredictionEngine.
//
//   dotnet run samples/04-save-load-and-serve.cs [model.onnx] [pipeline.zip] [image ...]
using FastScnn.ML.Imaging;
using FastScnn.ML.Transforms;
using FastScnn.Scenes;
using Microsoft.ML;

string modelFile = args.Length > 0 ? args[0] : Path.Combine("samples", "models", "fastscnn-scenes.onnx");
string pipelineFile = args.Length > 1 ? args[1] : Path.Combine("artifacts", "samples", "pipeline.zip");
string[] images = args.Length > 2 ? args[2..] : DrawStreets(Path.Combine("artifacts", "samples"));

// Where models are made: nothing is trained here, so Fit only looks at the columns.
var mlContext = new MLContext();
IDataView empty = mlContext.Data.LoadFromEnumerable<ImageRow>([]);
var pipeline = mlContext.Transforms.LoadImages("Image", null, nameof(ImageRow.File))
    .Append(mlContext.Transforms.FastScnnSegment(nameof(Segmented.PredictedLabel), "Image", modelFile));
using (var model = pipeline.Fit(empty))
    mlContext.Model.Save(model, empty.Schema, pipelineFile);
Console.WriteLine($"{pipelineFile}: {new FileInfo(pipelineFile).Length / 1e6:F1} MB");

// Where they are served: the file is all that is needed. There is nothing to register, and no libtorch.
var service = new MLContext();
ITransformer loaded = service.Model.Load(pipelineFile, out _);
// An engine is for one thread at a time and owns the model; keep one for each thread (a pool), not one for each
// request.
using PredictionEngine<ImageRow, Segmented> engine = service.Model.CreatePredictionEngine<ImageRow, Segmented>(loaded);
foreach (string image in images)
{
    SegmentationMap map = engine.Predict(new ImageRow { File = image }).PredictedLabel!;
    int largest = Enumerable.Range(0, map.Classes.Count).MaxBy(id => map.ClassFractions[id]);
    Console.WriteLine(
        $"{Path.GetFileName(image)}: {map.Width} x {map.Height}, mostly {map.Classes[largest].Name} "
            + $"({map.ClassFractions[largest]:P0}), {map.Timings.Total.TotalMilliseconds:F1} ms");
}

static string[] DrawStreets(string folder)
{
    StreetSceneFolder.Write(folder, "serve", 4, new StreetSceneOptions { Seed = 4 });
    return Directory.GetFiles(Path.Combine(folder, "images", "serve"));
}

class ImageRow
{
    public string File { get; set; } = "";
}

class Segmented
{
    [SegmentationMapType]
    public SegmentationMap? PredictedLabel { get; set; }
}
