using FastScnn.Scenes;
using FastScnn.Torch.Data;

namespace FastScnn.Demo;

/// <summary>Labelled images and a model for them.</summary>
/// <param name="Name">What the images are.</param>
/// <param name="Root">A folder data set with a split <c>val</c>.</param>
/// <param name="Model">The ONNX file.</param>
/// <param name="Options">How the folder is read; null for the defaults.</param>
internal sealed record DemoData(string Name, string Root, string Model, FolderDatasetOptions? Options = null)
{
    private const int Scenes = 20;

    /// <summary>Photographs of streets and roads where they lie beside the checkout, and otherwise street scenes that
    /// are drawn now.</summary>
    public static IReadOnlyList<DemoData> Choose(string checkout, string output)
    {
        string models = Path.Combine(checkout, "samples", "models"),
            shared = Path.GetFullPath(Path.Combine(checkout, "..", "shared"));
        DemoData[] photographs =
        [
            new("images of CamVid val", Path.Combine(shared, "camvid"), Path.Combine(models, "fastscnn-camvid.onnx")),
            new("images of RTK val", Path.Combine(shared, "rtk"), Path.Combine(models, "fastscnn-roads.onnx"),
                new FolderDatasetOptions
                {
                    Classes = ClassList.Load(Path.Combine(models, "fastscnn-roads.classes.json")),
                    // Its 13 classes as the model's seven: see the model's card.
                    LabelRanges = [(0, 0, 0), (1, 1, 1), (2, 2, 2), (3, 3, 3), (4, 4, 4), (5, 8, 6), (9, 12, 5)],
                }),
        ];
        DemoData[] there = [.. photographs.Where(data => Directory.Exists(data.Root))];
        return there.Length > 0 ? there : [DrawScenes(output, Path.Combine(models, "fastscnn-scenes.onnx"))];
    }

    /// <summary>The checkout that this program was built in.</summary>
    public static string FindCheckout()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "FastScnn.MLNet.sln")))
                return folder.FullName;
        throw new DirectoryNotFoundException(
            $"There is no FastScnn.MLNet.sln above {AppContext.BaseDirectory}: run the demo from a checkout.");
    }

    private static DemoData DrawScenes(string output, string model)
    {
        string scenes = Path.Combine(output, "scenes");
        // A seed that the model was not trained with.
        StreetSceneFolder.Write(scenes, "val", Scenes, new StreetSceneOptions { Seed = 7 });
        return new DemoData("generated street scenes", scenes, model);
    }
}
