using FastScnn.Torch.Losses;
using TorchSharp;
using static TorchSharp.torch;

namespace FastScnn.Torch.Tests.Losses;

/// <summary>Losses and their gradients against what PyTorch makes of the published definitions, in double
/// precision.</summary>
public class LossValueTests
{
    private static IEnumerable<TestCaseData<SegmentationLoss, double, double[], double>> Expected()
    {
        yield return new(SegmentationLoss.CrossEntropy(), 1.6789063408142626,
            [-0.046692763280374625, 0, 0.008080919567841773], 0.208892015025989)
        { TestName = "cross-entropy" };
        yield return new(SegmentationLoss.CrossEntropy(LossInputs.Weights), 1.7893212921811197,
            [-0.023915805582630907, 0, 0.01655603033411485], 0.2569367588165253)
        { TestName = "weighted" };
        yield return new(SegmentationLoss.Dice(), 0.6770534997295614, [-0.000630343660634933, 0, 0.0018448866099061538],
            0.04257708766786338)
        { TestName = "Dice" };
        yield return new(SegmentationLoss.Dice(smooth: 0), 0.7378194042341377,
            [-0.0006762634955480855, 0, 0.002064546916645445],
            0.046087636834791834)
        { TestName = "Dice, not smoothed" };
        yield return new(SegmentationLoss.Lovasz(), 0.7796534929435858,
            [-0.000706429330814281, 0, 0.001628068421415792],
            0.04282080073647589)
        { TestName = "Lovasz" };
        yield return new(SegmentationLoss.Ohem(0.1, 3), 2.770992339547793, [-0.19610960577757344, 0, 0],
            0.5128662014164604)
        { TestName = "OHEM, 5 below the threshold" };
        yield return new(SegmentationLoss.Ohem(0.1, 12), 2.2764762691824934,
            [-0.08171233574065559, 0, 0.0141416092437231], 0.31858499661376544)
        { TestName = "OHEM, 12 hardest" };
        yield return new(SegmentationLoss.Ohem(0.1, 12, LossInputs.Weights), 2.201511339946308,
            [-0.035019572460280965, 0, 0.024242758703525314], 0.35639031682775973)
        {
            TestName = "OHEM, 12 hardest, weighted"
        };
        yield return new(SegmentationLoss.Ohem(0.1, 21), 1.6789063408142626,
            [-0.046692763280374625, 0, 0.008080919567841773], 0.208892015025989)
        {
            TestName = "OHEM, as many as count"
        };
        yield return new(SegmentationLoss.Ohem(0.1, 99), 1.6789063408142626,
            [-0.046692763280374625, 0, 0.008080919567841773], 0.208892015025989)
        { TestName = "OHEM, more than count" };
        yield return new(
            SegmentationLoss.Sum((1, SegmentationLoss.CrossEntropy()), (0.5, SegmentationLoss.Dice()),
                (2, SegmentationLoss.Lovasz())),
            1.6789063408142626 + 0.5 * 0.6770534997295614 + 2 * 0.7796534929435858,
            [-0.046692763280374625 - 0.5 * 0.000630343660634933 - 2 * 0.000706429330814281, 0,
                0.008080919567841773 + 0.5 * 0.0018448866099061538 + 2 * 0.001628068421415792],
            double.NaN)
        { TestName = "sum" };
    }

    [TestCaseSource(nameof(Expected))]
    public void Value_and_gradient_are_those_of_the_definition(SegmentationLoss loss, double value,
        double[] firstGradients, double gradientNorm)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor logits = LossInputs.Logits();

        Tensor actual = loss.Forward(logits, LossInputs.Labels());
        actual.backward();

        Assert.That(actual.item<double>(), Is.EqualTo(value).Within(1e-12));
        Assert.That(logits.grad!.data<double>().ToArray()[..3], Is.EqualTo(firstGradients).Within(1e-12));
        if (!double.IsNaN(gradientNorm))
            Assert.That(Math.Sqrt(logits.grad!.square().sum().item<double>()), Is.EqualTo(gradientNorm).Within(1e-12));
    }

    [TestCaseSource(typeof(LossInputs), nameof(LossInputs.All))]
    public void Gradient_agrees_with_finite_differences(SegmentationLoss loss)
    {
        const double Step = 1e-6;
        using DisposeScope scope = NewDisposeScope();
        Tensor logits = LossInputs.Logits(), labels = LossInputs.Labels();
        loss.Forward(logits, labels).backward();
        double[] gradient = logits.grad!.data<double>().ToArray();

        for (int i = 0; i < gradient.Length; i++)
        {
            double difference = (At(loss, i, Step, labels) - At(loss, i, -Step, labels)) / (2 * Step);
            Assert.That(gradient[i], Is.EqualTo(difference).Within(1e-8), $"logit {i}");
        }
    }

    private static double At(SegmentationLoss loss, int index, double change, Tensor labels)
    {
        double[] values = LossInputs.Values();
        values[index] += change;
        using Tensor logits = tensor(values, LossInputs.Shape);
        using Tensor value = loss.Forward(logits, labels);
        return value.item<double>();
    }
}
