using FastScnn.Testing;
using FastScnn.Torch.Checkpoints;
using FastScnn.Torch.Data;
using FastScnn.Torch.Onnx;

namespace FastScnn.ML.Tests;

/// <summary>Model files that the tests share, exported once.</summary>
internal static class Models
{
    private static readonly Lazy<string> s_camVid = new(() => Export("reference/camvid-pytorch-60ep.pth", new() { Classes = ClassList.CamVid }));
    private static readonly Lazy<string> s_camVidInterop = new(() => Export("reference/camvid-pytorch-60ep.pth", new() { Classes = ClassList.CamVid, Graph = OnnxGraph.Interop }));
    private static readonly Lazy<string> s_golden = new(() => Export("golden/ref19.pth", new() { Classes = ClassList.Cityscapes }));

    /// <summary>Trained on CamVid, scoring graph.</summary>
    public static string CamVid => s_camVid.Value;

    /// <summary>Trained on CamVid, interop graph.</summary>
    public static string CamVidInterop => s_camVidInterop.Value;

    /// <summary>The golden weights, scoring graph.</summary>
    public static string Golden => s_golden.Value;

    public static string Export(string checkpoint, OnnxExportOptions options)
    {
        string file = Path.Combine(TestFiles.NewFolder(), "model.onnx");
        OnnxExporter.Export(Checkpoint.Load(TestFiles.Shared(checkpoint.Split('/'))), file, options);
        return file;
    }
}
