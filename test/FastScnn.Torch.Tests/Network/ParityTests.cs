using System.Text.Json;
using FastScnn.Testing;
using FastScnn.Torch.Network;
using TorchSharp;
using static TorchSharp.torch;

namespace FastScnn.Torch.Tests.Network;

/// <summary>Inference against PyTorch, tensor by tensor.</summary>
public class ParityTests
{
    private DisposeScope _scope = null!;
    private IDisposable _noGradients = null!;

    [SetUp]
    public void Open()
    {
        _scope = NewDisposeScope();
        _noGradients = no_grad();
    }

    [TearDown]
    public void Close()
    {
        _noGradients.Dispose();
        _scope.Dispose();
    }

    [TestCase("a_1x3x128x256")]
    [TestCase("b_1x3x97x161")]
    public void Logits_equal_PyTorch(string size)
    {
        using FastScnnNetwork network = Golden.Network("ref19.pth");
        Tensor input = Golden.Tensor($"in_{size}.npy");

        FastScnnOutput output = network.call(input);

        Golden.AssertClose(output.Logits, Golden.Tensor($"logits_{size}.npy"));
        Golden.AssertArgMax(output.Logits, $"argmax_{size}.npy");
        Golden.AssertClose(network.ForwardAtEighth(input).Logits, Golden.Tensor($"logits_lowres_{size}.npy"));
        Assert.That(output.AuxiliaryLogits, Is.Null);
    }

    [Test]
    public void Batch_equals_PyTorch()
    {
        using FastScnnNetwork network = Golden.Network("ref19.pth");
        Tensor input = Golden.Tensor("in_c_2x3x256x512.npy") / 32;

        Tensor logits = network.call(input).Logits;

        Golden.AssertClose(Golden.Every(logits, 8), Golden.Tensor("logits_every8_c_2x3x256x512.npy"));
        Golden.AssertArgMax(logits, "argmax_c_2x3x256x512.npy");
        Golden.AssertClose(network.ForwardAtEighth(input).Logits, Golden.Tensor("logits_lowres_c_2x3x256x512.npy"));
    }

    [Test]
    public void Image_of_a_size_that_the_reference_implementation_refuses_equals_PyTorch()
    {
        using FastScnnNetwork network = Golden.Network("ref19.pth");
        Tensor input = Golden.Image();

        Tensor logits = network.call(input).Logits;

        Golden.AssertClose(Golden.Every(logits, 8), Golden.Tensor("logits_every8_d_360x480.npy"));
        Golden.AssertArgMax(logits, "argmax_d_360x480.npy");
        Golden.AssertClose(network.ForwardAtEighth(input).Logits, Golden.Tensor("logits_lowres_d_360x480.npy"));
    }

    [Test]
    public void Stages_equal_PyTorch()
    {
        using FastScnnNetwork network = Golden.Network("ref19.pth");

        (Tensor early, Tensor deep, Tensor fused) = network.ForwardStages(Golden.Tensor(Golden.InputB));

        Golden.AssertClose(early, Golden.Tensor("stage_ltd_b_1x3x97x161.npy"));
        Golden.AssertClose(deep, Golden.Tensor("stage_gfe_b_1x3x97x161.npy"));
        Golden.AssertClose(fused, Golden.Tensor("stage_ffm_b_1x3x97x161.npy"));
    }

    [Test]
    public void Auxiliary_logits_equal_PyTorch()
    {
        using FastScnnNetwork network = Golden.Network("ref19_aux.pth");
        using FastScnnNetwork plain = Golden.Network("ref19.pth");
        Tensor input = Golden.Tensor(Golden.InputB);

        FastScnnOutput output = network.call(input);

        Golden.AssertClose(Golden.Every(output.AuxiliaryLogits!, 2),
            Golden.Tensor("auxlogits_every2_b_1x3x97x161.npy"));
        Golden.AssertClose(network.ForwardAtEighth(input).AuxiliaryLogits!,
            Golden.Tensor("auxlogits_lowres_b_1x3x97x161.npy"));
        Golden.AssertClose(output.Logits, plain.call(input).Logits);
    }

    [Test]
    public void Auxiliary_sums_of_a_batch_equal_PyTorch()
    {
        JsonElement golden =
            JsonDocument.Parse(File.ReadAllText(TestFiles.Golden("golden.json"))).RootElement.GetProperty("aux_sum_c");
        using FastScnnNetwork network = Golden.Network("ref19_aux.pth");

        Tensor logits = network.call(Golden.Tensor("in_c_2x3x256x512.npy") / 32).AuxiliaryLogits!.to(
            ScalarType.Float64);

        double absolute = golden.GetProperty("abs_sum").GetDouble();
        Assert.That(logits.sum().item<double>(),
            Is.EqualTo(golden.GetProperty("sum").GetDouble()).Within(1e-5 * absolute));
        Assert.That(logits.abs().sum().item<double>(), Is.EqualTo(absolute).Within(1e-5 * absolute));
    }
}
