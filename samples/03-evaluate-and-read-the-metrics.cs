#:project ../src/FastScnn.ML
#:project FastScnn.Scenes
#:property PublishAot=false

// Scores a model on labelled images and shows how to read what comes out.
//
//   dotnet run samples/03-evaluate-and-read-the-metrics.cs [model.onnx] [data folder] [report.html]
using FastScnn.ML.Evaluation;
using FastScnn.ML.Imaging;
using FastScnn.ML.Reporting;
using FastScnn.ML.Scoring;
using FastScnn.Scenes;
using FastScnn.Torch.Data;
using Microsoft.ML;
using Microsoft.ML.Data;

string modelFile = args.Length > 0 ? args[0] : Path.Combine("samples", "models", "fastscnn-scenes.onnx");
string data = args.Length > 1 ? args[1] : DrawScenes(Path.Combine("artifacts", "samples", "streets-to-score"));
string reportFile = args.Length > 2 ? args[2] : Path.Combine("artifacts", "samples", "report.html");

// As with every model of ML.NET: data, Transform, Evaluate.
var mlContext = new MLContext();
IDataView val = mlContext.SemanticSegmentation.LoadFromFolder(data, "val");
using var model = mlContext.Transforms.FastScnnSegment("PredictedLabel", "Image", modelFile).Fit(val);
SemanticSegmentationMetrics metrics = mlContext.SemanticSegmentation.Evaluate(model.Transform(val));

// Pixel accuracy is mostly about the large classes; the mean IoU counts every class the same, so it falls with the rare
// ones.
Console.WriteLine(
    $"pixel accuracy {metrics.PixelAccuracy:P2}   of {metrics.LabelledPixels} labelled pixels, so many have the "
        + "right class");
Console.WriteLine(
    $"mean IoU       {metrics.MeanIoUText}   the mean of overlap / union over the classes that are labelled or "
        + "predicted");
Console.WriteLine();

// Low precision: other things are taken for this class. Low recall: this class is taken for others; the matrix says for
// which.
Console.WriteLine($"{"class",-16} {"IoU",8} {"precision",10} {"recall",8}   most often taken for");
SegmentationConfusionMatrix confusion = metrics.ConfusionMatrix;
for (int id = 0; id < metrics.Classes.Count; id++)
{
    int other = Enumerable.Range(0, metrics.Classes.Count).Where(k => k != id)
        .MaxBy(k => confusion.GetCountForClassPair(k, id));
    string taken = confusion.GetCountForClassPair(other, id) > 0 ? metrics.Classes[other].Name : "-";
    Console.WriteLine(
        $"{metrics.Classes[id].Name,-16} {metrics.PerClassIoU[id],8:P1} {metrics.PerClassPrecision[id],10:P1} "
            + $"{metrics.PerClassRecall[id],8:P1}   {taken}");
}

// The same as a page, with the images that came out worst and best.
var images = SegmentationDataset.FromFolder(data, "val");
var report = new SegmentationReport(images.Classes, new SegmentationReportOptions { Title = "Streets" });
using (var segmenter = FastScnnSegmenter.Load(modelFile))
    foreach (var sample in images.Samples)
        using (MLImage image = ImageDecoder.Read(sample.ImagePath))
            report.Add(sample.Name, image, SegmentationMap.Load(sample.MaskPath, images.Classes),
                segmenter.Segment(image));
report.Save(reportFile);
Console.WriteLine($"wrote {reportFile}");

static string DrawScenes(string folder)
{
    StreetSceneFolder.Write(folder, "val", 12, new StreetSceneOptions { Seed = 7 });
    return folder;
}
