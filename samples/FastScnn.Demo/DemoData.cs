using FastScnn.Scenes;

namespace FastScnn.Demo;

/// <summary>Labelled images and a model for them.</summary>
/// <param name="Name">What the images are.</param>
/// <param name="Root">A folder data set with a split <c>val</c>.</param>
/// <param name="Model">The ONNX file.</param>
internal sealed record DemoData(string Name, string Root, string Model)
{
    private const int Scenes = 20;

    /// <summary>CamVid where it lies beside the checkout, and otherwise street scenes that are drawn now.</summary>
    public static DemoData Choose(string checkout, string output)
    {
        string models = Path.Combine(checkout, "samples", "models");
        string camVid = Path.GetFullPath(Path.Combine(checkout, "..", "shared", "camvid"));
        if (Directory.Exists(camVid))
            return new DemoData("images of CamVid val", camVid, Path.Combine(models, "fastscnn-camvid.onnx"));
        string scenes = Path.Combine(output, "scenes");
        // A seed that the model was not trained with.
        StreetSceneFolder.Write(scenes, "val", Scenes, new StreetSceneOptions { Seed = 7 });
        return new DemoData("generated street scenes", scenes, Path.Combine(models, "fastscnn-scenes.onnx"));
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
}
