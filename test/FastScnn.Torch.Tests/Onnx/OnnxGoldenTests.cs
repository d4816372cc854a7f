using FastScnn.Testing;
using FastScnn.Torch.Onnx;
using Microsoft.ML.OnnxRuntime;
using static FastScnn.Torch.Tests.Onnx.OnnxModels;

namespace FastScnn.Torch.Tests.Onnx;

/// <summary>Exported graphs in ONNX Runtime against PyTorch's own outputs.</summary>
[TestFixture(false)]
[TestFixture(true)]
public class OnnxGoldenTests(bool fixedSize)
{
    [TestCase("a", 1, 128, 256)]
    [TestCase("b", 1, 97, 161)]
    public void Interop_gives_PyTorchs_full_logits(string name, int count, int height, int width)
    {
        Npy input = Npy.Golden($"in_{name}_{count}x3x{height}x{width}.npy");
        using InferenceSession session = Open(Export(Options(OnnxGraph.Interop, height, width)));
        (float[] logits, long[] shape) = Run(session, input.As<float>(), input.Shape);
        Assert.That(shape, Is.EqualTo(new long[] { count, 19, height, width }));
        AssertClose(logits, Npy.Golden($"logits_{name}_{count}x3x{height}x{width}.npy").As<float>());
        AssertAgree(ArgMax(logits, shape), Npy.Golden($"argmax_{name}_{count}x3x{height}x{width}.npy").As<byte>());
    }

    [Test]
    public void Interop_takes_batches()
    {
        Npy input = Npy.Golden("in_c_2x3x256x512.npy");
        float[] image = Array.ConvertAll(input.As<sbyte>(), value => value / 32f);
        using InferenceSession session = Open(Export(Options(OnnxGraph.Interop, 256, 512)));
        (float[] logits, long[] shape) = Run(session, image, input.Shape);
        AssertClose(Every(8, logits, shape), Npy.Golden("logits_every8_c_2x3x256x512.npy").As<float>());
        AssertAgree(ArgMax(logits, shape), Npy.Golden("argmax_c_2x3x256x512.npy").As<byte>());
    }

    [Test]
    public void Interop_gives_what_PyTorchs_own_export_gives()
    {
        Npy c = Npy.Golden("in_c_2x3x256x512.npy");
        float[] image = Tile(Array.ConvertAll(c.As<sbyte>(), value => value / 32f));
        using InferenceSession session = Open(Export(Options(OnnxGraph.Interop, 512, 1024))),
            reference = Open(File.ReadAllBytes(TestFiles.Golden("ref_512x1024.onnx")));
        (float[] logits, long[] shape) = Run(session, image, [1, 3, 512, 1024]);
        (float[] expected, _) = Run(reference, image, [1, 3, 512, 1024]);
        AssertClose(logits, expected, "against PyTorch's export");
        AssertClose(Every(16, logits, shape), Npy.Golden("onnx_logits_every16_512x1024.npy").As<float>(),
            "against PyTorch");
        AssertAgree(ArgMax(logits, shape), Npy.Golden("onnx_argmax_512x1024.npy").As<byte>());
    }

    [Test]
    public void Scoring_takes_the_bytes_of_an_image()
    {
        byte[] image = TestImage.ReadPlanar(out int height, out int width);
        Npy expected = Npy.Golden("logits_lowres_d_360x480.npy");
        using InferenceSession session = Open(Export(Options(OnnxGraph.Scoring, height, width)));
        (float[] logits, long[] shape) = Run(session, image, [1, 3, height, width]);
        Assert.That(shape, Is.EqualTo(expected.Shape));
        AssertClose(logits, expected.As<float>());
    }

    [Test]
    public void Interop_of_an_image_gives_PyTorchs_full_logits()
    {
        byte[] image = TestImage.ReadPlanar(out int height, out int width);
        float[] normalized = TestImage.Normalize(image, Normalization.ImageNet);
        using InferenceSession session = Open(Export(Options(OnnxGraph.Interop, height, width)));
        (float[] logits, long[] shape) = Run(session, normalized, [1, 3, height, width]);
        AssertClose(Every(8, logits, shape), Npy.Golden("logits_every8_d_360x480.npy").As<float>());
        AssertAgree(ArgMax(logits, shape), Npy.Golden("argmax_d_360x480.npy").As<byte>());
    }

    private OnnxExportOptions Options(OnnxGraph graph, int height, int width) =>
        fixedSize ? new() { Graph = graph, Height = height, Width = width } : new() { Graph = graph };

    // Top row [c0 | c1], bottom row [c1 | c0], as the golden data's README says.
    private static float[] Tile(float[] c)
    {
        const int Height = 256, Width = 512;
        var image = new float[3 * 4 * Height * Width];
        for (int channel = 0; channel < 3; channel++)
            for (int y = 0; y < 2 * Height; y++)
                for (int half = 0; half < 2; half++)
                    c.AsSpan((((y / Height + half) % 2 * 3 + channel) * Height + y % Height) * Width, Width)
                        .CopyTo(image.AsSpan((channel * 2 * Height + y) * 2 * Width + half * Width));
        return image;
    }
}
