// Trained weights -> ONNX -> a fluent ML.NET pipeline over real street photos -> masks, overlays and scores.
using FastScnn.Demo;
using FastScnn.ML;
using FastScnn.Torch.Checkpoints;
using FastScnn.Torch.Data;
using FastScnn.Torch.Metrics;
using FastScnn.Torch.Onnx;
using Microsoft.ML;
using Microsoft.ML.Data;

const int PicturesToWrite = 8;

string root = DemoData.FindRoot();
string output = Path.Combine(root, "artifacts", "demo");
if (DemoData.Find(root) is not { } data)
{
    Console.Error.WriteLine($"The demo reads CamVid and its weights from the folder 'shared' beside the checkout ({DemoData.SharedFolder(root)}), and this clone has none.");
    return 1;
}
Directory.CreateDirectory(output);

// 1. The PyTorch checkpoint becomes an ONNX file that serves photos of any size.
ClassList classes = ClassList.Load(data.Classes);
string model = Path.Combine(output, "camvid.onnx");
OnnxExporter.Export(Checkpoint.Load(data.Weights), model, new OnnxExportOptions { Classes = classes });

// 2. The pipeline: file names -> photos -> class maps -> overlays.
MLContext mlContext = new();
IDataView rows = mlContext.Data.LoadFromEnumerable(data.Rows);
var pipeline = mlContext.Transforms.LoadImages("Photo", data.Photos, nameof(DemoRow.PhotoFile))
    .Append(mlContext.Transforms.FastScnnSegment("PredictedLabel", "Photo", model))
    .Append(mlContext.Transforms.LoadSegmentationMaps("Label", data.Masks, classes, nameof(DemoRow.MaskFile)))
    .Append(mlContext.Transforms.DrawSegmentation("Overlay", "Photo", "PredictedLabel"));
IDataView scored = pipeline.Fit(rows).Transform(rows);

// 3. One pass: every photo is scored, the first ones are written as pictures.
ConfusionCounts counts = new(classes.Count);
using DataViewRowCursor cursor = scored.GetRowCursor(scored.Schema);
var getName = cursor.GetGetter<ReadOnlyMemory<char>>(scored.Schema[nameof(DemoRow.PhotoFile)]);
var getPrediction = cursor.GetGetter<SegmentationMap>(scored.Schema["PredictedLabel"]);
var getLabel = cursor.GetGetter<SegmentationMap>(scored.Schema["Label"]);
var getOverlay = cursor.GetGetter<MLImage>(scored.Schema["Overlay"]);
ReadOnlyMemory<char> name = default;
SegmentationMap prediction = null!, label = null!;
MLImage overlay = null!;
for (int i = 0; cursor.MoveNext(); i++)
{
    getPrediction(ref prediction);
    getLabel(ref label);
    counts.Add(label.ClassIds.Span, prediction.ClassIds.Span, classes.IgnoreIndex);
    if (i >= PicturesToWrite)
        continue;
    getName(ref name);
    getOverlay(ref overlay);
    string stem = Path.Combine(output, Path.GetFileNameWithoutExtension(name.ToString()));
    prediction.SaveColorPng(stem + "_mask.png");
    overlay.Save(stem + "_overlay.png");
}

SegmentationScores scores = SegmentationScores.From(counts);
Console.WriteLine($"{data.Rows.Count} photos of CamVid val: {scores.MeanIoU * 100:F2} % mIoU, {scores.PixelAccuracy * 100:F2} % pixAcc");
Console.WriteLine($"{PicturesToWrite} masks and overlays are in {output}");
return 0;
