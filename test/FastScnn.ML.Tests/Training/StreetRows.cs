using FastScnn.ML.Imaging;
using FastScnn.ML.Transforms;
using FastScnn.Scenes;
using FastScnn.Testing;
using FastScnn.Torch.Data;
using FastScnn.Torch.Training;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;

namespace FastScnn.ML.Tests.Training;

/// <summary>Generated scenes of 64 x 48 pixels: rows in memory, and files.</summary>
internal sealed class StreetRow
{
    public const int Width = 64;
    public const int Height = 48;

    [ImageType(Height, Width)]
    public MLImage? Image { get; set; }

    [SegmentationMapType]
    public SegmentationMap? Label { get; set; }

    public float Number { get; set; }

    public string ImageFile { get; set; } = "";

    public string MaskFile { get; set; } = "";

    /// <summary>The scenes of a folder with their files.</summary>
    public static StreetRow[] Of(SegmentationDataset dataset) => [.. dataset.Samples.Select((sample, i) => new StreetRow
    {
        Image = dataset.ReadImage(i, ImageDecoder.Decode).ToImage(),
        Label = new SegmentationMap(dataset.ReadMask(i), dataset.Classes),
        Number = i,
        ImageFile = sample.ImagePath,
        MaskFile = sample.MaskPath,
    })];

    /// <summary>Writes scenes as a folder data set.</summary>
    public static string Folder(int train, int val = 0)
    {
        string root = TestFiles.NewFolder();
        var options = new StreetSceneOptions { Width = Width, Height = Height };
        StreetSceneFolder.Write(root, "train", train, options);
        if (val > 0)
            StreetSceneFolder.Write(root, "val", val, options);
        return root;
    }

    /// <summary>A short training: one thread, batches of 4.</summary>
    public static TrainingOptions Short(int epochs = 2, int batchSize = 4) => new()
    {
        Epochs = epochs,
        BatchSize = batchSize,
        Seed = 5,
        Threads = 1,
    };
}

/// <summary>Keeps what is reported.</summary>
internal sealed class Reports : List<TrainingProgress>, IProgress<TrainingProgress>
{
    public Action<TrainingProgress> Reporting { get; init; } = _ => { };

    public void Report(TrainingProgress value)
    {
        Add(value);
        Reporting(value);
    }
}
