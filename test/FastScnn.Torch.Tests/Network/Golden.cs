using FastScnn.Testing;
using FastScnn.Torch.Checkpoints;
using FastScnn.Torch.Network;
using FastScnn.Torch.Tests.Onnx;
using static TorchSharp.torch;

namespace FastScnn.Torch.Tests.Network;

/// <summary>Golden arrays as tensors, and the comparisons that the golden files ask for.</summary>
internal static class Golden
{
    public const string InputA = "in_a_1x3x128x256.npy";
    public const string InputB = "in_b_1x3x97x161.npy";

    /// <summary>The network of a golden checkpoint in evaluation mode.</summary>
    public static FastScnnNetwork Network(string checkpoint)
    {
        FastScnnNetwork network = FastScnnNetwork.FromCheckpoint(Checkpoint.Load(TestFiles.Golden(checkpoint)),
            dropout: 0);
        network.eval();
        return network;
    }

    public static Tensor Tensor(string name) => Tensor(Npy.Golden(name));

    public static Tensor Tensor(Npy array) => array.Type switch
    {
        "<f4" => tensor(array.As<float>(), array.Shape),
        "<f8" => tensor(array.As<double>(), array.Shape),
        "<i8" => tensor(array.As<long>(), array.Shape),
        "<i4" => tensor([.. array.As<int>().Select(v => (long)v)], array.Shape),
        "|i1" => tensor([.. array.As<sbyte>().Select(v => (float)v)], array.Shape),
        _ => throw new NotSupportedException(array.Type),
    };

    /// <summary>The golden image as the network takes it.</summary>
    public static Tensor Image()
    {
        byte[] planar = TestImage.ReadPlanar(out int height, out int width);
        return tensor(TestImage.Normalize(planar, Normalization.ImageNet), [1, 3, height, width]);
    }

    /// <summary>Every <paramref name="step"/>-th row and column.</summary>
    public static Tensor Every(Tensor input, int step) =>
        input[.., .., TensorIndex.Slice(null, null, step), TensorIndex.Slice(null, null, step)];

    /// <summary>Equal within 1e-4 x max(1, the largest magnitude of the expected values).</summary>
    public static void AssertClose(Tensor actual, Tensor expected)
    {
        Assert.That(actual.shape, Is.EqualTo(expected.shape));
        double scale = Math.Max(1, expected.abs().max().to(ScalarType.Float64).item<double>());
        double difference = (actual - expected).abs().max().to(ScalarType.Float64).item<double>();
        Assert.That(difference, Is.LessThan(1e-4 * scale));
    }

    /// <summary>Over 99.99 % of the pixels have the class of the golden map.</summary>
    public static void AssertArgMax(Tensor logits, string name)
    {
        Npy expected = Npy.Golden(name);
        byte[] classes = expected.As<byte>();
        using Tensor map = logits.argmax(1);
        Assert.That(map.shape, Is.EqualTo(expected.Shape));
        long[] actual = map.data<long>().ToArray();
        int agree = actual.Where((id, i) => id == classes[i]).Count();
        Assert.That((double)agree / classes.Length, Is.GreaterThan(0.9999));
    }
}
