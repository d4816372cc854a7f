using FastScnn.Torch.Checkpoints;
using FastScnn.Torch.Data;
using FastScnn.Torch.Network;
using FastScnn.Torch.Onnx;
using Microsoft.ML.OnnxRuntime;
using TorchSharp;
using static FastScnn.Torch.Tests.Onnx.OnnxModels;
using static TorchSharp.torch;

namespace FastScnn.Torch.Tests.Onnx;

/// <summary>Exported graphs in ONNX Runtime against the TorchSharp network that they come from.</summary>
public class OnnxNetworkTests
{
    [TestCase(32, 32)]
    [TestCase(33, 47)]
    [TestCase(97, 161)]
    [TestCase(127, 255)]
    [TestCase(240, 135)]
    [TestCase(375, 500)]
    public void Golden_weights_give_the_networks_logits(int height, int width) =>
        Compare(Golden, OnnxSizesTests.Pattern(height, width), height, width);

    // Graphs that enlarge or shrink their image before the network, against the network on an image that TorchSharp
    // resized.
    [TestCase(2, 61, 97)]
    [TestCase(2, 48, 64)]
    [TestCase(1.5, 65, 91)]
    [TestCase(0.5, 129, 97)]
    public void The_graph_scales_its_image(double scale, int height, int width) =>
        Compare(Golden.WithInfo(new() { InputScale = scale }), OnnxSizesTests.Pattern(height, width), height, width);

    [Test]
    public void Trained_weights_give_the_networks_logits_on_an_image()
    {
        byte[] image = TestImage.ReadPlanar(out int height, out int width);
        Compare(CamVid, image, height, width);
    }

    [Test]
    public void A_new_network_is_exported_with_what_its_checkpoint_says()
    {
        var facts = new ModelInfo
        {
            Classes = ClassList.CamVid,
            Normalization = new() { Mean = [0.4f, 0.5f, 0.6f], Std = [0.2f, 0.3f, 0.4f] }
        };
        using var network = new FastScnnNetwork(new() { Classes = 11 });
        Compare(network.ToCheckpoint(facts), OnnxSizesTests.Pattern(65, 97), 65, 97);
    }

    private static void Compare(Checkpoint checkpoint, byte[] image, int height, int width)
    {
        float[] normalized = TestImage.Normalize(image, checkpoint.Info.Normalization);
        long[] shape = [1, 3, height, width];
        (float[] eighth, float[] full) = RunNetwork(checkpoint, normalized, shape);
        using InferenceSession scoring = Open(Export(new(), checkpoint)),
            interop = Open(Export(new() { Graph = OnnxGraph.Interop }, checkpoint));
        AssertClose(Run(scoring, image, shape).Values, eighth, "scoring");
        AssertClose(Run(interop, normalized, shape).Values, full, "interop");
        OnnxExportOptions size = new() { Height = height, Width = width };
        using InferenceSession fixedScoring = Open(Export(size, checkpoint)),
            fixedInterop = Open(Export(size with { Graph = OnnxGraph.Interop }, checkpoint));
        AssertClose(Run(fixedScoring, image, shape).Values, eighth, "scoring of one size");
        AssertClose(Run(fixedInterop, normalized, shape).Values, full, "interop of one size");
        using InferenceSession raw = Open(Export(new() { Graph = OnnxGraph.Interop, RawPixels = true }, checkpoint));
        AssertClose(Run(raw, Array.ConvertAll(image, pixel => (float)pixel), shape).Values, full,
            "interop of raw pixels");
    }

    private static (float[] Eighth, float[] Full) RunNetwork(Checkpoint checkpoint, float[] image, long[] shape)
    {
        using FastScnnNetwork network = FastScnnNetwork.FromCheckpoint(checkpoint);
        network.eval();
        using var gradients = no_grad();
        using Tensor input = tensor(image, shape);
        double scale = checkpoint.Info.InputScale;
        using Tensor scaled = scale == 1 ? input.alias()
            : nn.functional.interpolate(input, scale_factor: [scale, scale], mode: InterpolationMode.Bilinear,
                align_corners: false);
        using FastScnnOutput eighth = network.ForwardAtEighth(scaled);
        using Tensor full = Bilinear.ResizeLike(eighth.Logits, input);
        return (eighth.Logits.data<float>().ToArray(), full.data<float>().ToArray());
    }
}
