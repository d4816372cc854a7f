#:project ../src/FastScnn.ML
#:project FastScnn.Scenes
#:property PublishAot=false

// Saves a pipeline with the network inside, loads it as a service would, and serves single photos from a PredictionEngine.
//
//   dotnet run samples/04-save-load-and-serve.cs [model.onnx] [pipeline.zip] [photo ...]
using FastScnn.ML;
using FastScnn.Scenes;
using Microsoft.ML;

string modelFile = args.Length > 0 ? args[0] : Path.Combine("samples", "models", "fastscnn-scenes.onnx");
string pipelineFile = args.Length > 1 ? args[1] : Path.Combine("artifacts", "samples", "pipeline.zip");
string[] photos = args.Length > 2 ? args[2..] : DrawStreets(Path.Combine("artifacts", "samples"));

// Where models are made: nothing is trained here, so Fit only looks at the columns.
var mlContext = new MLContext();
IDataView empty = mlContext.Data.LoadFromEnumerable<PhotoRow>([]);
var pipeline = mlContext.Transforms.LoadImages("Photo", null, nameof(PhotoRow.File))
    .Append(mlContext.Transforms.FastScnnSegment(nameof(Segmented.PredictedLabel), "Photo", modelFile));
using (var model = pipeline.Fit(empty))
    mlContext.Model.Save(model, empty.Schema, pipelineFile);
Console.WriteLine($"{pipelineFile}: {new FileInfo(pipelineFile).Length / 1e6:F1} MB");

// Where they are served: the file is all that is needed. There is nothing to register, and no libtorch.
var service = new MLContext();
ITransformer loaded = service.Model.Load(pipelineFile, out _);
// An engine is for one thread at a time and owns the model; keep one for each thread (a pool), not one for each request.
using PredictionEngine<PhotoRow, Segmented> engine = service.Model.CreatePredictionEngine<PhotoRow, Segmented>(loaded);
foreach (string photo in photos)
{
    SegmentationMap map = engine.Predict(new PhotoRow { File = photo }).PredictedLabel!;
    int largest = Enumerable.Range(0, map.Classes.Count).MaxBy(id => map.Shares[id]);
    Console.WriteLine($"{Path.GetFileName(photo)}: {map.Width} x {map.Height}, mostly {map.Classes[largest].Name} ({map.Shares[largest]:P0}), {map.Timings.Total.TotalMilliseconds:F1} ms");
}

static string[] DrawStreets(string folder)
{
    StreetSceneFolder.Write(folder, "serve", 4, new StreetSceneOptions { Seed = 4 });
    return Directory.GetFiles(Path.Combine(folder, "images", "serve"));
}

class PhotoRow
{
    public string File { get; set; } = "";
}

class Segmented
{
    [SegmentationMapType]
    public SegmentationMap? PredictedLabel { get; set; }
}
