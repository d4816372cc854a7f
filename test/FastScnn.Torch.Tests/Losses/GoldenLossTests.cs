using System.Text.Json;
using FastScnn.Testing;
using FastScnn.Torch.Losses;
using FastScnn.Torch.Network;
using FastScnn.Torch.Tests.Network;
using TorchSharp;
using static TorchSharp.torch;

namespace FastScnn.Torch.Tests.Losses;

/// <summary>The losses of the reference implementation, on the network's own logits, against PyTorch.</summary>
public class GoldenLossTests
{
    private const long Ignored = -1;

    private static readonly SegmentationLoss s_crossEntropy = SegmentationLoss.CrossEntropy(ignoreIndex: Ignored);

    // The reference implementation holds its weights in single precision.
    private static readonly SegmentationLoss s_weighted = SegmentationLoss.Ohem(
        classWeights: SegmentationLoss.CityscapesWeights.Select(weight => (double)(float)weight), ignoreIndex: Ignored);

    private readonly JsonElement _golden =
        JsonDocument.Parse(File.ReadAllText(TestFiles.Golden("golden.json"))).RootElement;

    [TestCase(ScalarType.Float32, "f32", 5e-6)]
    [TestCase(ScalarType.Float64, "f64", 1e-12)]
    public void Losses_equal_PyTorch(ScalarType type, string suffix, double tolerance)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradients = no_grad();
        using FastScnnNetwork network = Network(type);
        Tensor labels = Golden.Tensor("train_label.npy");
        FastScnnOutput output = network.call(Golden.Tensor("train_in.npy").to(type));

        Check(s_crossEntropy.Forward(output.Logits, labels), "ce_main_ignore-1");
        Check(s_crossEntropy.Forward(output.AuxiliaryLogits!, labels), "ce_aux_ignore-1");
        Check(new OutputLoss(s_crossEntropy).Forward(output, labels), "mix_ce_aux0.4");
        Check(s_weighted.Forward(output.Logits, labels), "ohem_weighted_main_t0.7_k256");
        Check(new OutputLoss(s_weighted).Forward(output, labels), "ohem_weighted_mix_aux0.4_t0.7_k256");
        Check(Ohem(0.7, 256).Forward(output.Logits, labels), "ohem_unweighted_main_t0.7_k256");
        Check(Ohem(0.02, 20000).Forward(output.Logits, labels), "ohem_unweighted_main_t0.02_k20000");
        Check(Ohem(0.02, 256).Forward(output.Logits, labels), "ohem_unweighted_main_t0.02_k256");
        Check(Ohem(0.7, _golden.GetProperty("losses").GetProperty("valid").GetInt32()).Forward(output.Logits, labels),
            "ohem_unweighted_main_minkept_ge_valid");

        void Check(Tensor loss, string name) =>
            Assert.That(loss.ToDouble(),
                Is.EqualTo(_golden.GetProperty("losses").GetProperty($"{name}_{suffix}").GetDouble()).Within(tolerance),
                name);
    }

    private static SegmentationLoss Ohem(double threshold, int minKept) =>
        SegmentationLoss.Ohem(threshold, minKept, ignoreIndex: Ignored);

    private static FastScnnNetwork Network(ScalarType type)
    {
        FastScnnNetwork network = Golden.Network("ref19_aux.pth").to(type);
        network.train();
        return network;
    }
}
