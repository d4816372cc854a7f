#:project ../src/FastScnn.ML
#:project FastScnn.Scenes
#:package TorchSharp-cpu
#:property PublishAot=false

// Starts from weights that know photographs of roads and learns classes of your own: few images are enough for a start.
//
//   dotnet run samples/07-fine-tune-to-your-classes.cs [data folder] [output folder] [epochs] [weights.safetensors]
//
// The weights may be used for anything with credit to the authors of the photographs (see samples/models).
using FastScnn.ML.Training;
using FastScnn.Scenes;
using FastScnn.Torch.Checkpoints;
using FastScnn.Torch.Data;
using FastScnn.Torch.Training;
using Microsoft.ML;

string data = args.Length > 0 ? args[0] : DrawScenes(Path.Combine("artifacts", "samples", "drivable"));
string output = args.Length > 1 ? args[1] : Path.Combine("artifacts", "samples", "fine-tuned");
int epochs = args.Length > 2 ? int.Parse(args[2]) : 5;
string weights = args.Length > 3 ? args[3] : Path.Combine("samples", "models", "fastscnn-roads.safetensors");

// The classes that the folder's masks are about, from its classes.json. All but the last layer is taken from the
// weights; that one is new, as the classes are others.
ClassList classes = SegmentationDataset.FromFolder(data, "train").Classes;
Checkpoint start = Checkpoint.Load(weights);
Console.WriteLine(
    $"from {start.ClassCount} classes to {classes.Count}: {string.Join(", ", classes.Select(c => c.Name))}");

var mlContext = new MLContext();
IDataView train = mlContext.SemanticSegmentation.LoadFromFolder(data, "train");
IDataView val = mlContext.SemanticSegmentation.LoadFromFolder(data, "val");
using var model = mlContext.SemanticSegmentation.Trainers.FastScnn(new FastScnnSegmentationTrainerOptions
{
    ValidationSet = val,
    Training = new TrainingOptions
    {
        InitialWeights = start,
        Epochs = epochs,
        OutputFolder = output,
        // As those weights were trained: images enlarged twice, so that thin things survive the network's eighth of the
        // resolution.
        InputScale = 2,
        // Few images say little about means and variances: keep those of the start.
        FreezeBatchNorm = true,
        BatchSize = 4,
        Seed = 1,
        Augmentation = new() { CropHeight = 256, CropWidth = 320, Scale = (0.75, 1.5) },
        Optimizer = new AdamWSettings(),
        Schedule = LearningRateSchedule.Cosine(0.001),
    },
    Progress = new Progress<TrainingProgress>(step =>
    {
        if (step.Scores is { } scores)
            Console.WriteLine($"epoch {step.Epoch}: loss {step.MeanLoss:F3}, {scores}");
    }),
}).Fit(train);

var metrics = mlContext.SemanticSegmentation.Evaluate(model.Transform(val));
for (int id = 0; id < classes.Count; id++)
    Console.WriteLine($"{classes[id].Name,-16} {metrics.PerClassIoU[id],7:P1} IoU");
model.SaveOnnx(Path.Combine(output, "model.onnx"));
Console.WriteLine($"wrote {Path.Combine(output, "model.onnx")}");

// Street scenes whose 12 classes become three: where a car may drive, what moves, and the rest.
static string DrawScenes(string folder)
{
    string drawn = folder + "-scenes";
    var options = new StreetSceneOptions { Width = 160, Height = 120, Seed = 8 };
    var three = new ClassList([new("drivable", 128, 64, 128), new("moving", 220, 20, 60), new("other", 70, 70, 70)]);
    foreach ((string split, int count) in new[] { ("train", 24), ("val", 8) })
    {
        StreetSceneFolder.Write(drawn, split, count, options);
        var scenes = SegmentationDataset.FromFolder(drawn, split);
        string images = Directory.CreateDirectory(Path.Combine(folder, "images", split)).FullName;
        string masks = Directory.CreateDirectory(Path.Combine(folder, "masks", split)).FullName;
        foreach (SamplePair sample in scenes.Samples)
        {
            LabelMap labels = IndexPng.Read(sample.MaskPath);
            byte[] ids =
            [
                .. labels.Ids.ToArray().Select(id => scenes.Classes[id].Name switch { "road" => (byte)0,
                    "person" or "car" => (byte)1, _ => (byte)2 })
            ];
            File.Copy(sample.ImagePath, Path.Combine(images, Path.GetFileName(sample.ImagePath)), overwrite: true);
            IndexPng.Write(Path.Combine(masks, Path.GetFileName(sample.MaskPath)), labels.Width, labels.Height, ids,
                three);
        }
    }
    three.Save(Path.Combine(folder, "classes.json"));
    return folder;
}
