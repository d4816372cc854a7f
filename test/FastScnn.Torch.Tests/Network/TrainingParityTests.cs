using System.Text.Json;
using FastScnn.Testing;
using FastScnn.Torch.Network;
using TorchSharp;
using static TorchSharp.torch;

namespace FastScnn.Torch.Tests.Network;

/// <summary>Losses, gradients and three SGD steps against PyTorch.</summary>
public class TrainingParityTests
{
    private const double AuxiliaryWeight = 0.4;
    private const int IgnoredLabel = -1;

    // A constant shift that the next batch normalisation removes: their true gradient is 0.
    private static readonly string[] s_withoutGradient =
    [
        "feature_fusion.conv_lower_res.0.bias", "feature_fusion.conv_higher_res.0.bias"
    ];

    private readonly JsonElement _golden =
        JsonDocument.Parse(File.ReadAllText(TestFiles.Golden("golden.json"))).RootElement;

    [Test]
    public void Logits_with_batch_statistics_equal_PyTorch()
    {
        using DisposeScope scope = NewDisposeScope();
        using FastScnnNetwork network = Network();
        using IDisposable noGradients = no_grad();

        Tensor logits = network.ForwardAtEighth(Golden.Tensor("train_in.npy")).Logits;

        Golden.AssertClose(logits, Golden.Tensor("train_logits_lowres_step0.npy"));
    }

    [Test]
    public void Three_SGD_steps_equal_PyTorch_in_double_precision()
    {
        using DisposeScope scope = NewDisposeScope();
        using FastScnnNetwork network = Network().to(ScalarType.Float64);
        Tensor input = Golden.Tensor("train_in.npy").to(ScalarType.Float64);
        Tensor labels = Golden.Tensor("train_label.npy");
        double[] expected =
        [
            .. _golden.GetProperty("step_losses").GetProperty("mixce_f64").EnumerateArray()
                .Select(loss => loss.GetDouble())
        ];
        using optim.Optimizer optimizer = optim.SGD(network.parameters(), 0.01, 0.9, 0, 1e-4);

        for (int step = 0; step < 3; step++)
        {
            using DisposeScope stepScope = NewDisposeScope();
            optimizer.zero_grad();
            Tensor loss = MixedLoss(network.call(input), labels);
            Assert.That(loss.item<double>(), Is.EqualTo(expected[step]).Within(1e-9), $"loss before step {step}");
            loss.backward();
            if (step == 0) AssertGradients(network);
            optimizer.step();
        }

        AssertState(network);
        AssertEvaluation(network);
    }

    private void AssertGradients(FastScnnNetwork network)
    {
        Dictionary<string, Tensor> gradients = network.named_parameters().ToDictionary(p => p.name,
            p => p.parameter.grad!);
        Dictionary<string, Npy> expected = Npy.GoldenArchive("train_grads_mixce_step0_f64.npz");
        Assert.That(expected, Has.Count.EqualTo(19));
        foreach ((string name, Npy array) in expected)
        {
            Tensor gradient = Golden.Tensor(array);
            double scale = s_withoutGradient.Contains(name) ? 1 : gradient.abs().max().item<double>();
            Assert.That((gradients[name] - gradient).abs().max().item<double>(), Is.LessThan(1e-9 * scale), name);
        }
    }

    private static void AssertState(FastScnnNetwork network)
    {
        Dictionary<string, Tensor> state = network.state_dict();
        Dictionary<string, Npy> expected = Npy.GoldenArchive("train_state_after3_mixce_f64_as_f32.npz");
        Assert.That(state.Keys, Is.EquivalentTo(expected.Keys));
        foreach ((string name, Npy array) in expected)
        {
            Tensor value = Golden.Tensor(array).to(ScalarType.Float64);
            // The file holds the double-precision result rounded to single precision.
            double tolerance = 1e-6 * Math.Max(1, value.abs().max().item<double>());
            Assert.That((state[name].to(ScalarType.Float64) - value).abs().max().item<double>(), Is.LessThan(tolerance),
                name);
        }
    }

    private void AssertEvaluation(FastScnnNetwork network)
    {
        JsonElement checksums = _golden.GetProperty("logits_b_after3_f64");
        network.eval();
        using IDisposable noGradients = no_grad();
        Tensor logits = network.call(Golden.Tensor(Golden.InputB).to(ScalarType.Float64)).Logits;
        double[] first = [.. checksums.GetProperty("first5").EnumerateArray().Select(value => value.GetDouble())];

        Assert.That(logits.sum().item<double>(), Is.EqualTo(checksums.GetProperty("sum").GetDouble()).Within(1e-2));
        Assert.That(logits.abs().sum().item<double>(),
            Is.EqualTo(checksums.GetProperty("abs_sum").GetDouble()).Within(1e-2));
        Assert.That(logits[0, .., 0, 0].data<double>().ToArray()[..5], Is.EqualTo(first).Within(1e-6));
    }

    private static FastScnnNetwork Network()
    {
        FastScnnNetwork network = Golden.Network("ref19_aux.pth");
        network.train();
        return network;
    }

    private static Tensor Loss(Tensor logits, Tensor labels) =>
        nn.functional.cross_entropy(logits, labels, ignore_index: IgnoredLabel);

    private static Tensor MixedLoss(FastScnnOutput output, Tensor labels) =>
        Loss(output.Logits, labels) + AuxiliaryWeight * Loss(output.AuxiliaryLogits!, labels);
}
