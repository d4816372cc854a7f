using System.Text.Json;
using FastScnn.Testing;
using FastScnn.Torch.Losses;
using FastScnn.Torch.Network;
using FastScnn.Torch.Tests.Network;
using FastScnn.Torch.Training;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace FastScnn.Torch.Tests.Training;

/// <summary>The reference implementation's whole way to learn, OHEM with auxiliary loss and SGD with decay of
/// everything, against PyTorch.</summary>
public class OhemTrainingTests
{
    [Test]
    public void Three_SGD_steps_equal_PyTorch_in_double_precision()
    {
        using DisposeScope scope = NewDisposeScope();
        JsonElement golden = JsonDocument.Parse(File.ReadAllText(TestFiles.Golden("golden.json"))).RootElement;
        using FastScnnNetwork network = Golden.Network("ref19_aux.pth").to(ScalarType.Float64);
        network.train();
        // The reference implementation holds its weights in single precision.
        OutputLoss loss =
            new(SegmentationLoss.Ohem(
                classWeights: SegmentationLoss.CityscapesWeights.Select(weight => (double)(float)weight),
                ignoreIndex: -1));
        Tensor input = Golden.Tensor("train_in.npy").to(ScalarType.Float64), labels = Golden.Tensor("train_label.npy");
        using OptimizerHelper optimizer = new SgdSettings { DecayAllParameters = true }.Create(network, 0.01);

        foreach (JsonElement expected in golden.GetProperty("step_losses").GetProperty("mixohem_f64").EnumerateArray())
        {
            using DisposeScope stepScope = NewDisposeScope();
            optimizer.zero_grad();
            Tensor value = loss.Forward(network.call(input), labels);
            Assert.That(value.item<double>(), Is.EqualTo(expected.GetDouble()).Within(1e-9));
            value.backward();
            optimizer.step();
        }

        double[] bias =
        [
            .. golden.GetProperty("mixohem_after3_classifier_bias_f64").EnumerateArray()
                .Select(item => item.GetDouble())
        ];
        Assert.That(network.get_parameter("classifier.conv.1.bias")!.data<double>().ToArray(),
            Is.EqualTo(bias).Within(1e-9));
    }
}
