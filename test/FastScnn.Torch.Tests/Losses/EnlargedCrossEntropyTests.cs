using FastScnn.Torch.Losses;
using FastScnn.Torch.Network;
using FastScnn.Torch.Tests.TorchSharpFacts;
using TorchSharp;
using static TorchSharp.torch;

namespace FastScnn.Torch.Tests.Losses;

/// <summary>Cross-entropy of small logits against libtorch's of the enlarged ones.</summary>
public class EnlargedCrossEntropyTests
{
    [TestCase(2, 11, 40, 52, 320, 416)]
    [TestCase(1, 2, 13, 17, 97, 131)]
    [TestCase(3, 19, 9, 8, 10, 9)]
    [TestCase(2, 3, 1, 1, 5, 7)]
    [TestCase(1, 5, 2, 1, 9, 1)]
    [TestCase(1, 4, 17, 3, 18, 40)]
    [TestCase(1, 200, 8, 8, 60, 60)]
    public void Loss_and_gradient_are_those_of_the_enlarged_logits(int images, int classes, int height, int width,
        int labelHeight, int labelWidth)
    {
        using DisposeScope scope = NewDisposeScope();
        manual_seed(1);
        Tensor logits = randn(images, classes, height, width) * 4;
        Tensor labels = randint(0, classes, [images, labelHeight, labelWidth], ScalarType.Int64);
        labels[rand(images, labelHeight, labelWidth) < 0.2] = tensor(255L);
        labels[0, 0, 0] = tensor(1L);
        double[][] weights = [[], [.. Enumerable.Range(0, classes).Select(c => 0.5 + c % 3)]];
        foreach (double[] classWeights in weights)
            foreach (bool channelsLast in new[] { false, true })
            {
                OutputLoss loss = new(SegmentationLoss.CrossEntropy(classWeights.Length == 0 ? null : classWeights));
                Tensor small = (channelsLast ? Layout.ChannelsLast(logits) : logits).detach().requires_grad_();
                Tensor exact = logits.to(ScalarType.Float64).detach().requires_grad_();
                Tensor found = loss.Forward(new(small, null), labels), expected = loss.Forward(new(exact, null), labels);
                found.Times(3).backward();
                expected.Times(3).backward();

                Assert.That(found.item<float>(), Is.EqualTo(expected.item<double>()).Within(2e-6).Percent.Or
                    .EqualTo(expected.item<double>()).Within(2e-6 * Math.Max(1, expected.item<double>())));
                double scale = exact.grad!.abs().max().item<double>();
                Assert.That((small.grad!.to(ScalarType.Float64) - exact.grad!).abs().max().item<double>(),
                    Is.LessThan(2e-5 * scale));
            }
    }

    [Test]
    public void The_number_of_threads_changes_no_bit()
    {
        using DisposeScope scope = NewDisposeScope();
        manual_seed(2);
        Tensor logits = randn(3, 7, 30, 20), labels = randint(0, 7, [3, 200, 150], ScalarType.Int64);
        int before = get_num_threads();
        try
        {
            (float Loss, float[] Gradient)[] results = [.. new[] { 1, 2, 5 }.Select(threads =>
            {
                set_num_threads(threads);
                Tensor small = logits.detach().requires_grad_();
                Tensor loss = EnlargedCrossEntropy.Compute(small, labels, null, 255);
                loss.backward();
                return (loss.item<float>(), small.grad!.contiguous().data<float>().ToArray());
            })];
            foreach ((float loss, float[] gradient) in results)
                Assert.That(loss == results[0].Loss && gradient.SequenceEqual(results[0].Gradient));
        }
        finally
        {
            set_num_threads(before);
        }
    }

    [Test]
    public void What_is_not_a_number_shows_in_the_loss([Values(float.NaN, float.PositiveInfinity)] float value)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor logits = zeros(1, 3, 4, 4), labels = zeros(1, 20, 20, dtype: ScalarType.Int64);
        logits[0, 2, 1, 1] = value;
        Assert.That(float.IsFinite(EnlargedCrossEntropy.Compute(logits, labels, null, 255).item<float>()), Is.False);
    }

    [Test]
    public void Far_apart_logits_neither_overflow_nor_vanish()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor logits = zeros(1, 2, 2, 2), labels = zeros(1, 9, 9, dtype: ScalarType.Int64);
        logits[0, 1] = tensor(1000f);
        Tensor small = logits.requires_grad_();
        Tensor loss = EnlargedCrossEntropy.Compute(small, labels, null, 255);
        loss.backward();

        Assert.That(loss.item<float>(), Is.EqualTo(1000f).Within(1e-3));
        Assert.That(small.grad![0, 0].sum().item<float>(), Is.EqualTo(-1f).Within(1e-5));
    }

    [Test]
    public void It_leaves_no_tensor_behind()
    {
        using Tensor logits = rand(2, 3, 8, 8).requires_grad_(), labels = zeros(2, 64, 64, dtype: ScalarType.Int64);
        TensorLeaks.AssertNone(
            () => new OutputLoss(SegmentationLoss.CrossEntropy()).Forward(new(logits, logits), labels).backward());
    }
}
