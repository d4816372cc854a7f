using FastScnn.Testing;
using FastScnn.Torch.Checkpoints;
using FastScnn.Torch.Data;
using FastScnn.Torch.Network;
using FastScnn.Torch.Onnx;
using Microsoft.ML.OnnxRuntime;
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
    public void GoldenWeightsGiveTheNetworksLogits(int height, int width) =>
        Compare(Golden, OnnxSizesTests.Pattern(height, width), height, width, Normalization.ImageNet);

    [Test]
    public void TrainedWeightsGiveTheNetworksLogitsOnAPhoto()
    {
        byte[] photo = TestPhoto.ReadPlanar(out int height, out int width);
        Compare(Checkpoint.Load(TestFiles.Shared("reference", "camvid-pytorch-60ep.pth")), photo, height, width, Normalization.ImageNet);
    }

    [Test]
    public void ANewNetworkIsExportedWithWhatItsCheckpointSays()
    {
        var facts = new ModelInfo { Classes = ClassList.CamVid, Normalization = new() { Mean = [0.4f, 0.5f, 0.6f], Std = [0.2f, 0.3f, 0.4f] } };
        using var network = new FastScnnNetwork(new() { Classes = 11 });
        Compare(network.ToCheckpoint(facts), OnnxSizesTests.Pattern(65, 97), 65, 97, facts.Normalization);
    }

    private static void Compare(Checkpoint checkpoint, byte[] image, int height, int width, Normalization normalization)
    {
        float[] normalized = TestPhoto.Normalize(image, normalization);
        long[] shape = [1, 3, height, width];
        (float[] eighth, float[] full) = RunNetwork(checkpoint, normalized, shape);
        using InferenceSession scoring = Open(Export(new(), checkpoint)), interop = Open(Export(new() { Graph = OnnxGraph.Interop }, checkpoint));
        AssertClose(Run(scoring, image, shape).Values, eighth, "scoring");
        AssertClose(Run(interop, normalized, shape).Values, full, "interop");
        using InferenceSession raw = Open(Export(new() { Graph = OnnxGraph.Interop, RawPixels = true }, checkpoint));
        AssertClose(Run(raw, Array.ConvertAll(image, pixel => (float)pixel), shape).Values, full, "interop of raw pixels");
    }

    private static (float[] Eighth, float[] Full) RunNetwork(Checkpoint checkpoint, float[] image, long[] shape)
    {
        using FastScnnNetwork network = FastScnnNetwork.FromCheckpoint(checkpoint);
        network.eval();
        using var gradients = no_grad();
        using Tensor input = tensor(image, shape);
        using FastScnnOutput eighth = network.ForwardAtEighth(input), full = network.call(input);
        return (eighth.Logits.data<float>().ToArray(), full.Logits.data<float>().ToArray());
    }
}
