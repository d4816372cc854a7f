using FastScnn.Torch.Checkpoints;
using FastScnn.Torch.Training;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace FastScnn.Torch.Tests.Training;

/// <summary>The moving average of weights.</summary>
public class ExponentialMovingAverageTests
{
    private static readonly string[] s_keys = ["weight", "bias", "running_mean", "running_var", "num_batches_tracked"];

    [Test]
    public void Update_moves_the_average_by_the_rule()
    {
        using BatchNorm2d module = Module(10);
        using ExponentialMovingAverage average = new(module, decay: 0.9, rampUp: false);

        Fill(module, 20, batches: 5);
        average.Update();
        Assert.That(Values(average), Is.EqualTo(new[] { 11.0, 11, 11, 11, 5 }).Within(1e-14));

        Fill(module, 30, batches: 6);
        average.Update();
        Assert.That(Values(average), Is.EqualTo(new[] { 12.9, 12.9, 12.9, 12.9, 6 }).Within(1e-14));
        Assert.That(average.Updates, Is.EqualTo(2));
    }

    [Test]
    public void The_first_updates_keep_less()
    {
        using BatchNorm2d module = Module(0);
        using ExponentialMovingAverage average = new(module, decay: 0.24);
        Fill(module, 1, batches: 1);

        average.Update();
        Assert.That(Values(average)[0], Is.EqualTo(0.9).Within(1e-14), "1/10 kept");
        average.Update();
        Assert.That(Values(average)[0], Is.EqualTo(0.9 * 2 / 11 + 9 / 11.0).Within(1e-14), "2/11 kept");
        double before = Values(average)[0];
        average.Update();
        Assert.That(Values(average)[0], Is.EqualTo(before * 0.24 + 0.76).Within(1e-14), "the decay, as 3/12 is more");
    }

    [Test]
    public void Apply_lends_the_averages_and_gives_the_weights_back()
    {
        using BatchNorm2d module = Module(10);
        using ExponentialMovingAverage average = new(module, decay: 0.5, rampUp: false);
        Fill(module, 20, batches: 3);
        average.Update();
        Fill(module, 40, batches: 4);

        IDisposable lent = average.Apply();
        Assert.That(Values(module), Is.EqualTo(new[] { 15.0, 15, 15, 15, 3 }));
        lent.Dispose();
        Assert.That(Values(module), Is.EqualTo(new[] { 40.0, 40, 40, 40, 4 }));

        Fill(module, 50, batches: 5);
        lent.Dispose();
        Assert.That(Values(module)[0], Is.EqualTo(50), "a second disposal does nothing");
    }

    [Test]
    public void What_does_not_fit_is_refused_and_changes_nothing()
    {
        using BatchNorm2d module = Module(10), wide = nn.BatchNorm2d(3).to(ScalarType.Float64),
            single = nn.BatchNorm2d(1);
        using Linear layer = nn.Linear(1, 1);
        using ExponentialMovingAverage average = new(module), wideAverage = new(wide), singleAverage = new(single),
            layerAverage = new(layer);
        Fill(wide, 1, batches: 1);
        double[] before = Values(average);

        Assert.That(() => average.Restore(wideAverage.ToCheckpoint()),
            Throws.ArgumentException.With.Message.Contains("'weight' is Float64 [3] instead of Float64 [1]"));
        Assert.That(() => average.Restore(singleAverage.ToCheckpoint()),
            Throws.ArgumentException.With.Message.Contains("'weight' is Float32 [1] instead of Float64 [1]"));
        Assert.That(() => average.Restore(layerAverage.ToCheckpoint()),
            Throws.ArgumentException.With.Message.Contains(
                "3 missing: running_mean, running_var, num_batches_tracked"));
        Assert.That(() => layerAverage.Restore(average.ToCheckpoint()),
            Throws.ArgumentException.With.Message.Contains("3 unexpected: running_mean"));
        Assert.That(() => average.Restore(new Checkpoint(average.ToCheckpoint().Tensors)),
            Throws.InstanceOf<CheckpointException>().With.Message.Contains("ema.updates"));
        Assert.That(Values(average), Is.EqualTo(before));
    }

    [Test]
    public void It_owns_five_tensors_and_leaves_none()
    {
        using BatchNorm2d module = Module(1);
        long before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;

        ExponentialMovingAverage average;
        using (NewDisposeScope())
        {
            average = new(module);
            average.Update();
            using (average.Apply()) { }
            average.Restore(average.ToCheckpoint());
        }
        Assert.That(DisposeScopeManager.Statistics.ThreadTotalLiveCount - before, Is.EqualTo(5));
        average.Update();
        Assert.That(DisposeScopeManager.Statistics.ThreadTotalLiveCount - before, Is.EqualTo(5));

        average.Dispose();
        Assert.That(DisposeScopeManager.Statistics.ThreadTotalLiveCount, Is.EqualTo(before));
    }

    private static BatchNorm2d Module(double value)
    {
        BatchNorm2d module = nn.BatchNorm2d(1).to(ScalarType.Float64);
        Fill(module, value, batches: 0);
        return module;
    }

    private static void Fill(BatchNorm2d module, double value, long batches)
    {
        using IDisposable noGradients = no_grad();
        foreach (Tensor tensor in new[] { module.weight!, module.bias!, module.running_mean!, module.running_var! })
            tensor.fill_(value);
        module.num_batches_tracked!.fill_(batches);
    }

    private static double[] Values(BatchNorm2d module) =>
        [.. new[] { module.weight!, module.bias!, module.running_mean!,
            module.running_var! }.Select(tensor => tensor.item<double>()), module.num_batches_tracked!.item<long>()];

    private static double[] Values(ExponentialMovingAverage average)
    {
        IReadOnlyDictionary<string, CheckpointTensor> tensors = average.ToCheckpoint().Tensors;
        return [
            .. s_keys.Select(key => key == "num_batches_tracked" ? BitConverter.ToInt64(tensors[key].Bytes.Span)
                : BitConverter.ToDouble(tensors[key].Bytes.Span))];
    }
}
