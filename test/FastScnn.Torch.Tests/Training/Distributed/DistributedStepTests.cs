using FastScnn.Torch.Data;
using FastScnn.Torch.Data.Loading;
using FastScnn.Torch.Losses;
using FastScnn.Torch.Training;
using FastScnn.Torch.Training.Distributed;
using TorchSharp;
using static TorchSharp.torch;

namespace FastScnn.Torch.Tests.Training.Distributed;

/// <summary>Steps of several processes, as threads. (Whole trainings under mpirun: <c>DistributedTrainingTests</c> of
/// the command line.)</summary>
public class DistributedStepTests
{
    private const int Steps = 5, Samples = 12;

    private static readonly TrainingOptions s_options = new()
    {
        BatchSize = Samples,
        Optimizer = new SgdSettings(),
        Schedule = LearningRateSchedule.Constant(0.01),
        Dropout = 0,
        MaxGradientNorm = 5,
        FreezeBatchNorm = true,
        Loss = SegmentationLoss.CrossEntropy([1, 3]),
    };

    [TestCase(2, 1)]
    [TestCase(3, 2)]
    public void Steps_of_several_processes_are_those_of_one(int count, int accumulate)
    {
        float[] expected = Train(s_options, new SingleProcess()).Weights;
        TrainingOptions options = s_options with
        {
            BatchSize = Samples / accumulate,
            AccumulateSteps = accumulate
        };
        var found = new (double Loss, float[] Weights)[count];

        Assert.That(ThreadGroup.Run(count, group => found[group.Rank] = Train(options, group)), Is.All.Null);

        Assert.That(found.Select(rank => rank.Weights), Is.All.EqualTo(found[0].Weights), "byte for byte");
        Assert.That(found.Select(rank => rank.Loss), Is.All.EqualTo(found[0].Loss));
        Assert.That(found[0].Weights.Zip(expected, (a, b) => Math.Abs(a - b)).Max(), Is.LessThan(1e-5));
    }

    [Test]
    public void Batch_norm_over_all_processes_is_that_of_the_whole_batch()
    {
        TrainingOptions options = s_options with { FreezeBatchNorm = false, SyncBatchNorm = true };
        float[] expected = Train(options, new SingleProcess(), steps: 1).Weights;
        var found = new (double Loss, float[] Weights)[2];

        Assert.That(ThreadGroup.Run(2, group => found[group.Rank] = Train(options, group, steps: 1)), Is.All.Null);

        Assert.That(found[1].Weights, Is.EqualTo(found[0].Weights), "byte for byte");
        double synchronised = Distance(found[0].Weights, expected);
        // Without it the slices' own statistics lead elsewhere. The norms of the pyramid amplify rounding, on some
        // processors in single weights to a tenth of that, so all weights are judged together.
        ThreadGroup.Run(2, group => found[group.Rank] = Train(options with { SyncBatchNorm = false },
            group, steps: 1));
        Assert.That(synchronised, Is.LessThan(0.05 * Distance(found[0].Weights, expected)));

        static double Distance(float[] a, float[] b) =>
            Math.Sqrt(a.Zip(b, (x, y) => ((double)x - y) * (x - y)).Sum());
    }

    [Test]
    public void Statistics_are_those_of_all_after_each_step_and_differing_weights_are_found()
    {
        const string Mean = "learning_to_downsample.conv.conv.1.running_mean";
        TrainingOptions options = s_options with { FreezeBatchNorm = false, AverageDecay = 0.9 };
        float[] expected = [];
        using (Learner alone = new(options, ClassList.Generic(2), Steps, CPU))
        {
            alone.TrainMode();
            alone.Step(Batch(0, null), 0);
            expected = alone.Network.get_buffer(Mean)!.data<float>().ToArray();
        }
        Exception?[] thrown = ThreadGroup.Run(2, group =>
        {
            using DisposeScope scope = NewDisposeScope();
            using Learner learner = new(options, ClassList.Generic(2), Steps, CPU, group);
            learner.TrainMode();
            learner.Step(Batch(0, group), 0);

            // The slices are as large as each other, so the mean of their means is that of the batch.
            Assert.That(learner.Network.get_buffer(Mean)!.data<float>().ToArray(), Is.EqualTo(expected).Within(1e-6));
            learner.CompareProcesses();
            byte[][] averages = group.Gather(learner.Capture(new(), new Dictionary<string, string>()).Average!
                .Tensors[Mean].Bytes.Span);
            Assert.That(averages[0], Is.EqualTo(averages[1]));

            using (no_grad())
                if (group.Rank == 1) learner.Network.parameters().First().mul_(1.0001f);
            Assert.That(learner.CompareProcesses,
                Throws.InvalidOperationException.With.Message.Contains("Process 2 of 2"));
        });
        Assert.That(thrown, Is.All.Null);
    }

    [Test]
    public void Dropout_differs_between_processes_and_depends_on_the_step_alone()
    {
        TrainingOptions options = s_options with { Dropout = 0.5, MaxGradientNorm = null };
        var found = new double[2][];
        Exception?[] thrown = ThreadGroup.Run(2, group =>
        {
            using Learner learner = new(options with { Schedule = LearningRateSchedule.Constant(1e-12) },
                ClassList.Generic(2), Steps, CPU, group);
            learner.TrainMode();
            // The same samples on both, so that only dropout tells them apart.
            SegmentationBatch batch = Batch(0, null);
            found[group.Rank] = [.. new[] { 3, 4, 3 }.Select(step =>
            {
                learner.Step(batch, step);
                return learner.Network.named_parameters().Last(item => item.name.StartsWith("classifier"))
                    .parameter.grad!.abs().sum().ToDouble();
            })];
        });
        Assert.That(thrown, Is.All.Null);
        Assert.That(found[0][2], Is.EqualTo(found[0][0]).Within(1e-6));
        Assert.That(found[0][1], Is.Not.EqualTo(found[0][0]).Within(1e-6));
    }

    private static (double Loss, float[] Weights) Train(TrainingOptions options, ProcessGroup group,
        int steps = Steps)
    {
        using DisposeScope scope = NewDisposeScope();
        using Learner learner = new(options, ClassList.Generic(2), Steps, CPU, group);
        learner.TrainMode();
        double loss = 0;
        for (int step = 0; step < steps; step++) loss = learner.Step(Batch(step, group), step).Loss;
        return (loss, [.. learner.Network.parameters().SelectMany(parameter => parameter.data<float>().ToArray())]);
    }

    // A process's slice; ignored pixels are spread unevenly.
    private static SegmentationBatch Batch(int step, ProcessGroup? group)
    {
        SamplePair[] samples = [.. Enumerable.Range(0, Samples).Select(i => new SamplePair($"{i}", "", ""))];
        SegmentationBatch whole = new(0, samples, 64, 64);
        Random random = new(step);
        random.NextBytes(whole.Images);
        // Noise of one brightness pools to nearly one value, whose norm over the batch is then rounding alone.
        for (int i = 0; i < whole.Images.Length; i++)
            whole.Images[i] = (byte)(whole.Images[i] * (1 + i / (whole.Images.Length / Samples)) / Samples);
        for (int i = 0; i < whole.Labels.Length; i++)
            whole.Labels[i] = (byte)(random.Next(whole.Labels.Length) < i ? 255 : random.Next(2));
        if (group is null) return whole;
        (int start, int count) = BatchLoader.Part(Samples, group.Rank, group.Count).GetOffsetAndLength(Samples);
        SegmentationBatch slice = new(0, samples[start..(start + count)], 64, 64, samples);
        whole.ImageAt(start, count).CopyTo(slice.Images);
        whole.LabelsAt(start, count).CopyTo(slice.Labels);
        return slice;
    }
}
