using FastScnn.Torch.Checkpoints;
using FastScnn.Torch.Network;
using FastScnn.Torch.Onnx;
using Microsoft.ML.OnnxRuntime;
using TorchSharp;
using static FastScnn.Torch.Tests.Onnx.OnnxModels;
using static TorchSharp.torch;

namespace FastScnn.Torch.Tests.Onnx;

/// <summary>Graphs that enlarge or shrink their image before the network, against the network on an image that TorchSharp resized.</summary>
public class OnnxInputScaleTests
{
    [TestCase(2, 61, 97)]
    [TestCase(2, 48, 64)]
    [TestCase(1.5, 65, 91)]
    [TestCase(0.5, 129, 97)]
    public void TheGraphScalesItsImage(double scale, int height, int width)
    {
        byte[] image = OnnxSizesTests.Pattern(height, width);
        float[] normalized = TestPhoto.Normalize(image, Normalization.ImageNet);
        long[] shape = [1, 3, height, width];
        (float[] eighth, float[] full) = RunNetwork(normalized, shape, scale);
        var facts = Golden.WithInfo(new() { InputScale = scale });

        foreach (OnnxExportOptions size in new OnnxExportOptions[] { new(), new() { Height = height, Width = width } })
        {
            using InferenceSession scoring = Open(Export(size, facts)), interop = Open(Export(size with { Graph = OnnxGraph.Interop }, facts));
            AssertClose(Run(scoring, image, shape).Values, eighth, "scoring");
            (float[] logits, long[] logitsShape) = Run(interop, normalized, shape);
            Assert.That(logitsShape, Is.EqualTo(new long[] { 1, 19, height, width }));
            AssertClose(logits, full, "interop");
        }
    }

    [Test]
    public void AScaleThatMakesTheImageTooSmallIsRefused() =>
        Assert.That(() => Export(new() { Height = 63, Width = 640 }, Golden.WithInfo(new() { InputScale = 0.5 })),
            Throws.ArgumentException.With.Message.Contains("63 x 640").And.Message.Contains("0.5"));

    private static (float[] Eighth, float[] Full) RunNetwork(float[] image, long[] shape, double scale)
    {
        using DisposeScope scope = NewDisposeScope();
        using FastScnnNetwork network = FastScnnNetwork.FromCheckpoint(Golden);
        network.eval();
        using IDisposable gradients = no_grad();
        Tensor input = tensor(image, shape);
        Tensor scaled = nn.functional.interpolate(input, scale_factor: [scale, scale], mode: InterpolationMode.Bilinear, align_corners: false);
        FastScnnOutput eighth = network.ForwardAtEighth(scaled);
        return (eighth.Logits.data<float>().ToArray(), Bilinear.ResizeLike(eighth.Logits, input).data<float>().ToArray());
    }
}
