using FastScnn.Torch.Data;
using FastScnn.Torch.Data.Loading;
using FastScnn.Torch.Losses;
using FastScnn.Torch.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace FastScnn.Torch.Tests.Training;

/// <summary>Single steps: gradient clipping and frozen batch normalisation.</summary>
public class LearnerTests
{
    private static readonly TrainingOptions s_options = new()
    {
        Optimizer = new SgdSettings { Momentum = 0, WeightDecay = 0 },
        Schedule = LearningRateSchedule.Constant(1),
        Dropout = 0,
    };

    [Test]
    public void A_step_is_as_long_as_the_limit_to_the_norm()
    {
        Assert.That(StepLength(s_options with { MaxGradientNorm = 1e-3 }), Is.EqualTo(1e-3).Within(1e-5));
        double free = StepLength(s_options);
        Assert.That(free, Is.GreaterThan(0.01));
        Assert.That(StepLength(s_options with { MaxGradientNorm = 1e3 }), Is.EqualTo(free),
            "a shorter gradient stays as it is");
    }

    [Test]
    public void Frozen_batch_norm_trains_on_one_image_and_keeps_its_statistics()
    {
        using DisposeScope scope = NewDisposeScope();
        using Learner learner = new(s_options with { FreezeBatchNorm = true, Dropout = 0.1, AuxiliaryHead = false },
            ClassList.Generic(2), 1, CPU);
        Dictionary<string, double> before = Statistics(learner);

        learner.TrainMode();
        learner.Step(Batch(1), 0);

        Assert.That(Statistics(learner), Is.EqualTo(before));
        Assert.That(learner.Network.modules().OfType<FastScnn.Torch.Network.BatchNorm>().Count(norm => !norm.training), Is.EqualTo(44));
        Assert.That(learner.Network.modules().OfType<FastScnn.Torch.Network.Dropout>().Single().training);
        Assert.That(learner.Network.parameters()
            .All(parameter => parameter.requires_grad && parameter.grad is not null));
    }

    [Test]
    public void Batches_that_are_added_up_take_the_step_of_the_whole()
    {
        double[] weights = [1, 3];
        SegmentationLoss[] losses = [SegmentationLoss.CrossEntropy(), SegmentationLoss.CrossEntropy(weights),
            SegmentationLoss.Sum((0.5, SegmentationLoss.CrossEntropy(weights)), (2, SegmentationLoss.CrossEntropy()))];
        // Batch norm would see other batches. Half of the first image's pixels, and all of the last, are ignored.
        SegmentationBatch batch = Batch(6);
        batch.LabelsAt(0).Slice(0, 2048).Fill(255);
        batch.LabelsAt(5).Fill(255);
        foreach (SegmentationLoss loss in losses)
            foreach (int stride in new[] { 1, 2 })
            {
                TrainingOptions whole = s_options with
                {
                    BatchSize = 6,
                    FreezeBatchNorm = true,
                    Loss = loss,
                    LossStride = stride
                };
                (double wholeLoss, float[] expected) = Step(whole, batch);
                (double partsLoss, float[] found) = Step(whole with { BatchSize = 2, AccumulateSteps = 3 }, batch);
                Assert.That(partsLoss, Is.EqualTo(wholeLoss).Within(1e-5), $"{loss}");
                Assert.That(found.Zip(expected, (a, b) => Math.Abs(a - b)).Max(), Is.LessThan(2e-6), $"{loss}");
            }
    }

    [Test]
    public void A_last_step_that_is_too_small_for_its_batches_goes_in_fewer()
    {
        using DisposeScope scope = NewDisposeScope();
        using Learner learner = new(s_options with { BatchSize = 2, AccumulateSteps = 4 }, ClassList.Generic(2), 1,
            CPU);
        learner.TrainMode();
        // Batches of 2, 2 and 1 would leave batch norm one sample.
        learner.Step(Batch(5), 0);
        Assert.That(learner.Network.named_buffers().First(item => item.name.EndsWith("num_batches_tracked"))
            .buffer.ToInt64(), Is.EqualTo(2));
    }

    private static (double Loss, float[] Weights) Step(TrainingOptions options, SegmentationBatch batch)
    {
        using DisposeScope scope = NewDisposeScope();
        using Learner learner = new(options, ClassList.Generic(2), 1, CPU);
        learner.TrainMode();
        double loss = learner.Step(batch, 0).Loss;
        return (loss, [.. learner.Network.parameters().SelectMany(parameter => parameter.data<float>().ToArray())]);
    }

    private static double StepLength(TrainingOptions options)
    {
        using DisposeScope scope = NewDisposeScope();
        using Learner learner = new(options, ClassList.Generic(2), 1, CPU);
        Tensor[] before = [.. learner.Network.parameters().Select(parameter => parameter.detach().clone())];
        learner.TrainMode();
        learner.Step(Batch(2), 0);
        return Math.Sqrt(learner.Network.parameters()
            .Zip(before, (after, start) => (after - start).square().sum().ToDouble()).Sum());
    }

    private static Dictionary<string, double> Statistics(Learner learner) =>
        learner.Network.named_buffers().ToDictionary(item => item.name, item => item.buffer.sum().ToDouble());

    private static SegmentationBatch Batch(int images)
    {
        SegmentationBatch batch = new(0, [.. Enumerable.Range(0, images).Select(i => new SamplePair($"{i}", "", ""))],
            64, 64);
        Random random = new(1);
        random.NextBytes(batch.Images);
        for (int i = 0; i < batch.Labels.Length; i++) batch.Labels[i] = (byte)random.Next(2);
        return batch;
    }
}
