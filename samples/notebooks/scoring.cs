// %% [markdown]
// # Segment images
//
// A class for every pixel of an image: without a pipeline, and in a pipeline of ML.NET.
//
// The kernel of .NET Interactive, which such notebooks were made for, is archived upstream and may not load .NET 10. This command executes
// the cells one by one, without Jupyter, and writes their outputs into the file:
//
// ```
// dotnet run --project samples/FastScnn.Notebooks -- samples/notebooks/scoring.ipynb
// ```
//
// A street to look at, drawn with its exact mask, and the repository's MIT model, which knows such streets.
// %%
using FastScnn.ML.Imaging;
using FastScnn.ML.Scoring;
using FastScnn.Scenes;
using Microsoft.ML;
using Microsoft.ML.Data;

string folder = Path.Combine("artifacts", "notebooks", "scoring");
StreetSceneFolder.Write(folder, "val", 2, new StreetSceneOptions { Width = 400, Height = 300, Seed = 21 });
string file = Path.Combine(folder, "images", "val", "scene_000000.png");
MLImage image = ImageDecoder.Read(file);
display(image);
// %% [markdown]
// ## One image
//
// The map has the image's own size. Its PNG holds class ids, with the classes' colours as palette.
// %%
FastScnnSegmenter segmenter = FastScnnSegmenter.Load(Path.Combine("samples", "models", "fastscnn-scenes.onnx"));
SegmentationMap map = segmenter.Segment(file);
map.SaveColorPng(Path.Combine(folder, "mask.png"));
display(new FileInfo(Path.Combine(folder, "mask.png")));
Console.WriteLine($"{map.Width} x {map.Height} on {segmenter.ActiveProvider}");
// %% [markdown]
// What is in it, and the colours over the image:
// %%
foreach (int id in Enumerable.Range(0, map.Classes.Count).Where(id => map.ClassFractions[id] > 0.02).OrderByDescending(id => map.ClassFractions[id]))
    Console.WriteLine($"{map.Classes[id].Name,-12} {map.ClassFractions[id],6:P1}");
display(map.Overlay(image, opacity: 0.6));
// %% [markdown]
// ## In a pipeline
//
// The same as an estimator. A fitted pipeline is saved with the network inside and loads in a new process without anything to register.
// %%
class ImageRow { public string File { get; set; } = ""; }

var mlContext = new MLContext();
IDataView images = mlContext.Data.LoadFromEnumerable(Directory.GetFiles(Path.Combine(folder, "images", "val")).Order().Select(file => new ImageRow { File = file }));
var pipeline = mlContext.Transforms.LoadImages("Image", null, "File")
    .Append(mlContext.Transforms.FastScnnSegment("PredictedLabel", "Image", Path.Combine("samples", "models", "fastscnn-scenes.onnx")));
ITransformer model = pipeline.Fit(images);
mlContext.Model.Save(model, images.Schema, Path.Combine(folder, "pipeline.zip"));
ITransformer loaded = new MLContext().Model.Load(Path.Combine(folder, "pipeline.zip"), out _);
foreach (SegmentationMap predicted in loaded.Transform(images).GetColumn<SegmentationMap>("PredictedLabel"))
    Console.WriteLine($"{predicted.Width} x {predicted.Height}, {predicted.Classes.Count} classes");
