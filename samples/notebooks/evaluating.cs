// %% [markdown]
// # Evaluate
//
// How good is a model on labelled images, and where does it err?
//
// The kernel of .NET Interactive, which such notebooks were made for, is archived upstream and may not load .NET 10. This command executes
// the cells one by one, without Jupyter, and writes their outputs into the file:
//
// ```
// dotnet run --project samples/FastScnn.Notebooks -- samples/notebooks/evaluating.ipynb
// ```
// %%
using FastScnn.ML.Evaluation;
using FastScnn.ML.Imaging;
using FastScnn.Scenes;
using Microsoft.ML;
using Microsoft.ML.Data;

string folder = Path.Combine("artifacts", "notebooks", "evaluating");
StreetSceneFolder.Write(folder, "val", 6, new StreetSceneOptions { Width = 320, Height = 240, Seed = 7 });
var mlContext = new MLContext();
IDataView val = mlContext.SemanticSegmentation.LoadFromFolder(folder, "val");
var model = mlContext.Transforms.FastScnnSegment("PredictedLabel", "Image", Path.Combine("samples", "models", "fastscnn-scenes.onnx")).Fit(val);
IDataView scored = model.Transform(val);
SemanticSegmentationMetrics metrics = mlContext.SemanticSegmentation.Evaluate(scored);
Console.WriteLine($"pixel accuracy {metrics.PixelAccuracy:P1}, mean IoU {metrics.MeanIoU:P1} over {metrics.LabelledPixels} pixels");
// %% [markdown]
// Pixel accuracy is mostly about the large classes. The mean IoU counts every class the same, so it falls with the rare and the thin ones:
// %%
for (int id = 0; id < metrics.Classes.Count; id++)
    Console.WriteLine($"{metrics.Classes[id].Name,-14} IoU {metrics.PerClassIoU[id],7:P1}  precision {metrics.PerClassPrecision[id],7:P1}  recall {metrics.PerClassRecall[id],7:P1}");
// %% [markdown]
// Low precision: other things are taken for the class. Low recall: it is taken for others, and the confusion matrix says for which.
//
// An image, its true classes, and the predicted ones:
// %%
string name = "scene_000000.png";
MLImage image = ImageDecoder.Read(Path.Combine(folder, "images", "val", name));
SegmentationMap truth = SegmentationMap.Load(Path.Combine(folder, "masks", "val", name), metrics.Classes);
SegmentationMap prediction = scored.GetColumn<SegmentationMap>("PredictedLabel").First();
display(image);
display(truth.Overlay(image, opacity: 1));
display(prediction.Overlay(image, opacity: 1));
// %% [markdown]
// The same for all images as one page, the worst and the best of them with their errors:
// %%
mlContext.SemanticSegmentation.CreateReport(scored).Save(Path.Combine(folder, "report.html"));
Console.WriteLine("wrote report.html");
