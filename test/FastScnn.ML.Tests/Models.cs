using FastScnn.Testing;
using FastScnn.Torch.Checkpoints;
using FastScnn.Torch.Data;
using FastScnn.Torch.Onnx;

namespace FastScnn.ML.Tests;

/// <summary>Model files that the tests share, exported once.</summary>
internal static class Models
{
    private static readonly Lazy<string> s_camVid =
        new(() => Export("reference/camvid-pytorch-60ep.pth", new(), ClassList.CamVid));
    private static readonly Lazy<string> s_camVidInterop =
        new(() => Export("reference/camvid-pytorch-60ep.pth", new() { Graph = OnnxGraph.Interop }, ClassList.CamVid));
    private static readonly Lazy<string> s_golden = new(() => Export("golden/ref19.pth", new(), ClassList.Cityscapes));

    /// <summary>Trained on CamVid, scoring graph.</summary>
    public static string CamVid => s_camVid.Value;

    /// <summary>Trained on CamVid, interop graph.</summary>
    public static string CamVidInterop => s_camVidInterop.Value;

    /// <summary>The golden weights, scoring graph.</summary>
    public static string Golden => s_golden.Value;

    /// <summary>The bytes of a model of one Cast node (opset 13), uint8 image [1,3,H,W] to float logits: the class of a
    /// pixel is its largest channel (0 red, 1 green, 2 blue). It names no classes.</summary>
    public static byte[] Tiny => Convert.FromBase64String(
        "CAc6bAogCgVpbWFnZRIGbG9naXRzIgRDYXN0KgkKAnRvGAGgAQISAXRaIQoFaW1hZ2USGAoWCAISEgoCCAEKAggDCgMSAUgKAxIBV2IiCgZsb2dpdHMSGAoWCAESEgoCCAEKAggDCgMSAUgKAxIBV0IECgAQDQ==");

    /// <summary><see cref="Tiny"/> for images of one size; both sides below 128.</summary>
    public static byte[] TinyOfSize(int height, int width) =>
        Replace(Replace(Tiny, (byte)'H', height), (byte)'W', width);

    // A named dimension (field 2, one letter) becomes a number (field 1) in as many bytes.
    private static byte[] Replace(byte[] model, byte letter, int size)
    {
        for (int i = 0; i + 2 < model.Length; i++)
        {
            if (model.AsSpan(i, 3).SequenceEqual((ReadOnlySpan<byte>)[0x12, 1, letter]))
                (model[i], model[i + 1], model[i + 2]) = (0x08, (byte)(size | 0x80), 0);
        }
        return model;
    }

    public static string Export(string checkpoint, OnnxExportOptions options, ClassList? classes = null,
        double inputScale = 1)
    {
        string file = Path.Combine(TestFiles.NewFolder(), "model.onnx");
        Checkpoint weights = Checkpoint.Load(TestFiles.Shared(checkpoint.Split('/')))
            .WithInfo(new() { Classes = classes, InputScale = inputScale });
        OnnxExporter.Export(weights, file, options);
        return file;
    }
}
