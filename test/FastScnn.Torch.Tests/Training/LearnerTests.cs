using FastScnn.Torch.Data;
using FastScnn.Torch.Data.Loading;
using FastScnn.Torch.Training;
using TorchSharp;
using TorchSharp.Modules;
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
        Assert.That(learner.Network.modules().OfType<BatchNorm2d>().Count(norm => !norm.training), Is.EqualTo(44));
        Assert.That(learner.Network.modules().OfType<FastScnn.Torch.Network.Dropout>().Single().training);
        Assert.That(learner.Network.parameters()
            .All(parameter => parameter.requires_grad && parameter.grad is not null));
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
