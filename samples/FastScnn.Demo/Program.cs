// Trained models in fluent ML.NET pipelines over labelled images -> masks, overlays and scores.
using FastScnn.Demo;
using FastScnn.ML.Evaluation;
using FastScnn.ML.Imaging;
using Microsoft.ML;
using Microsoft.ML.Data;

const int ImagesToWrite = 8;

string checkout = DemoData.FindCheckout();
string output = Directory.CreateDirectory(Path.Combine(checkout, "artifacts", "demo")).FullName;
foreach (DemoData data in DemoData.Choose(checkout, output))
{
    // 1. Images and their true maps, and a pipeline: images -> class maps -> overlays.
    MLContext mlContext = new();
    IDataView images = mlContext.SemanticSegmentation.LoadFromFolder(data.Root, "val", data.Options);
    var pipeline = mlContext.Transforms.FastScnnSegment("PredictedLabel", "Image", data.Model)
        .Append(mlContext.Transforms.DrawSegmentation("Overlay", "Image", "PredictedLabel"));
    using var model = pipeline.Fit(images);
    IDataView scored = model.Transform(images);

    // 2. The first ones as images.
    IDataView first = mlContext.Data.TakeRows(scored, ImagesToWrite);
    using (DataViewRowCursor cursor = first.GetRowCursor(first.Schema))
    {
        var getName = cursor.GetGetter<ReadOnlyMemory<char>>(first.Schema["Name"]);
        var getPrediction = cursor.GetGetter<SegmentationMap>(first.Schema["PredictedLabel"]);
        var getOverlay = cursor.GetGetter<MLImage>(first.Schema["Overlay"]);
        ReadOnlyMemory<char> name = default;
        SegmentationMap prediction = null!;
        MLImage overlay = null!;
        while (cursor.MoveNext())
        {
            getName(ref name);
            getPrediction(ref prediction);
            getOverlay(ref overlay);
            prediction.SaveColorPng(Path.Combine(output, $"{name}_mask.png"));
            overlay.Save(Path.Combine(output, $"{name}_overlay.png"));
        }
    }

    // 3. The scores over all of them.
    SemanticSegmentationMetrics metrics = mlContext.SemanticSegmentation.Evaluate(scored);
    Console.WriteLine(metrics.ConfusionMatrix.GetFormattedConfusionTable());
    for (int id = 0; id < metrics.Classes.Count; id++)
        Console.WriteLine($"{metrics.Classes[id].Name,-16} {metrics.PerClassIoU[id] * 100,6:F2} % IoU");
    Console.WriteLine($"{images.GetColumn<string>("Name").Count()} {data.Name}: {metrics}");
    Console.WriteLine($"{ImagesToWrite} masks and overlays are in {output}");
    Console.WriteLine();
}
