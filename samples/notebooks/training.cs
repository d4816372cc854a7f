// %% [markdown]
// # Train
//
// Images and masks in, a model out. The images here are small drawn streets, so that a few epochs take seconds; yours go into the same folders.
//
// The kernel of .NET Interactive, which such notebooks were made for, is archived upstream and may not load .NET 10. This command executes
// the cells one by one, without Jupyter, and writes their outputs into the file:
//
// ```
// dotnet run --project samples/FastScnn.Notebooks -- samples/notebooks/training.ipynb
// ```
// %%
using FastScnn.ML.Training;
using FastScnn.ML.Transforms;
using FastScnn.Scenes;
using FastScnn.Torch.Checkpoints;
using FastScnn.Torch.Training;
using Microsoft.ML;
using Microsoft.ML.Data;

string folder = Path.Combine("artifacts", "notebooks", "training");
if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
StreetSceneFolder.Write(folder, "train", 16, new StreetSceneOptions { Width = 160, Height = 120, Seed = 1 });
StreetSceneFolder.Write(folder, "val", 4, new StreetSceneOptions { Width = 160, Height = 120, Seed = 1 });
foreach (string path in Directory.GetDirectories(folder).Concat(Directory.GetFiles(folder)).Order()) Console.WriteLine(Path.GetFileName(path));
display(MLImage.CreateFromFile(Path.Combine(folder, "images", "train", "scene_000000.png")));
display(new FileInfo(Path.Combine(folder, "masks", "train", "scene_000000.png")));
// %% [markdown]
// ## The recipe
//
// It starts from the repository's MIT weights, which saw other streets, so that few images are enough. Without `InitialWeights` it starts from nothing
// and wants a hundred epochs.
// %%
var mlContext = new MLContext();
IDataView train = mlContext.SemanticSegmentation.LoadFromFolder(folder, "train");
IDataView val = mlContext.SemanticSegmentation.LoadFromFolder(folder, "val");
var trainer = mlContext.SemanticSegmentation.Trainers.FastScnn(new FastScnnSegmentationTrainerOptions
{
    ValidationSet = val,
    Training = new TrainingOptions
    {
        Epochs = 4,
        InitialWeights = Checkpoint.Load(Path.Combine("samples", "models", "fastscnn-scenes.safetensors")),
        OutputFolder = Path.Combine(folder, "run"),
        BatchSize = 4,
        Seed = 1,
        Augmentation = new() { CropHeight = 96, CropWidth = 128, Scale = (0.8, 1.25) },
        Optimizer = new AdamWSettings(),
        Schedule = LearningRateSchedule.Cosine(0.001),
    },
});
// %%
FastScnnSegmentationTransformer model = trainer.Fit(train);
foreach (string file in Directory.GetFiles(Path.Combine(folder, "run")).Select(Path.GetFileName).Order()) Console.WriteLine(file);
// %% [markdown]
// ## What came of it
// %%
var metrics = mlContext.SemanticSegmentation.Evaluate(model.Transform(val));
Console.WriteLine($"mIoU {metrics.MeanIoU:P1}, pixel accuracy {metrics.PixelAccuracy:P1}");
display(new FileInfo(Directory.GetFiles(Path.Combine(folder, "run"), "*.svg").Single()));
