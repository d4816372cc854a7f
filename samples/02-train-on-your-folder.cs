#:project ../src/FastScnn.ML
#:project FastScnn.Scenes
#:package TorchSharp-cpu
#:property PublishAot=false

// Trains on images and masks of your own: images/train, masks/train, images/val, masks/val and classes.json.
//
//   dotnet run samples/02-train-on-your-folder.cs [data folder] [output folder] [epochs]
//
// Without a folder it draws street scenes. A second run with the same output folder goes on where the first one
// stopped.
using FastScnn.ML.Training;
using FastScnn.Scenes;
using FastScnn.Torch.Data;
using FastScnn.Torch.Losses;
using FastScnn.Torch.Training;
using Microsoft.ML;

string data = args.Length > 0 ? args[0] : DrawScenes(Path.Combine("artifacts", "samples", "streets"));
string output = args.Length > 1 ? args[1] : Path.Combine("artifacts", "samples", "run");
int epochs = args.Length > 2 ? int.Parse(args[2]) : 10;

var mlContext = new MLContext();
mlContext.Log += (_, e) =>
{
    // One line an epoch, with the loss and the validation scores.
    if (e.RawMessage.StartsWith("Epoch ", StringComparison.Ordinal)
        || e.RawMessage.StartsWith("Trained ", StringComparison.Ordinal))
        Console.WriteLine(e.RawMessage);
};
IDataView train = mlContext.SemanticSegmentation.LoadFromFolder(data, "train");
IDataView val = mlContext.SemanticSegmentation.LoadFromFolder(data, "val");

// Rare classes count more: the square root of the median frequency over the class's own.
IReadOnlyList<double> weights = SegmentationLoss.MedianFrequencyWeights(SegmentationDataset.FromFolder(data, "train"),
    power: 0.5);
using var model = mlContext.SemanticSegmentation.Trainers.FastScnn(new FastScnnSegmentationTrainerOptions
{
    ValidationSet = val,
    Training = new TrainingOptions
    {
        Epochs = epochs,
        OutputFolder = output,
        Resume = true,
        BatchSize = 8,
        Seed = 1,
        Augmentation = new() { CropHeight = 256, CropWidth = 320, Scale = (0.75, 1.5) },
        Loss = SegmentationLoss.CrossEntropy(weights),
        Optimizer = new AdamWSettings(),
        Schedule = LearningRateSchedule.Polynomial(0.003) with { WarmUpSteps = 20, MaxWarmUpFraction = 0.1 },
    },
}).Fit(train);

var metrics = mlContext.SemanticSegmentation.Evaluate(model.Transform(val));
Console.WriteLine(metrics);
model.SaveOnnx(Path.Combine(output, "model.onnx"));
Console.WriteLine($"the model, its card and the learning curves are in {output}");

static string DrawScenes(string folder)
{
    StreetSceneFolder.Write(folder, "train", 80, new StreetSceneOptions { Width = 240, Height = 180, Seed = 1 });
    StreetSceneFolder.Write(folder, "val", 16, new StreetSceneOptions { Width = 240, Height = 180, Seed = 1 });
    return folder;
}
