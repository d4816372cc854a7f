using System.Diagnostics;
using FastScnn.Torch.Data;
using FastScnn.Torch.Data.Loading;
using FastScnn.Torch.Training;
using FastScnn.Torch.Training.Distributed;
using TorchSharp;

namespace FastScnn.Bench.Training.Peers;

/// <summary>The trainer's own step on random batches, with nothing to load.</summary>
/// <remarks>The network of a size lives on from call to call: what is measured is the middle of a training, not its
/// start.</remarks>
internal sealed class OwnSteps(Precision precision, int threads) : IDisposable
{
    private readonly TrainingOptions _options = new()
    {
        Precision = precision,
        Threads = threads,
        Schedule = LearningRateSchedule.Constant(0.01)
    };
    private readonly Dictionary<BatchSize, (Learner Learner, SegmentationBatch Batch)> _sizes = [];
    private LibtorchTurn? _turn;
    private long _step;

    public static ClassList Classes => ClassList.CamVid;

    /// <summary>The milliseconds of some more steps.</summary>
    public object[] Take(BatchSize size, int count)
    {
        // Held from call to call, as a training holds it: at its end memory goes back to the system.
        _turn ??= LibtorchTurn.Take(_options, new SingleProcess(), CancellationToken.None);
        if (!_sizes.TryGetValue(size, out var training))
            _sizes[size] = training = (NewLearner(_turn.Device), RandomBatch(size));
        object[] times = new object[count];
        for (int i = 0; i < count; i++)
        {
            long start = Stopwatch.GetTimestamp();
            training.Learner.Step(training.Batch, _step++);
            times[i] = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        }
        return times;
    }

    /// <summary>Lets another training of the process begin.</summary>
    public void Release()
    {
        _turn?.Dispose();
        _turn = null;
    }

    public void Dispose()
    {
        Release();
        foreach ((Learner learner, _) in _sizes.Values)
            learner.Dispose();
    }

    private Learner NewLearner(torch.Device device)
    {
        Learner learner = new(_options, Classes, long.MaxValue, device);
        learner.Network.TrainsInBFloat16 = ChosenPrecision.Of(_options).IsBFloat16;
        learner.TrainMode();
        return learner;
    }

    private static SegmentationBatch RandomBatch(BatchSize size)
    {
        SegmentationBatch batch = new(0,
            [.. Enumerable.Range(0, size.Images).Select(i => new SamplePair($"{i}", "", ""))], size.Width, size.Height);
        Random random = new(1);
        random.NextBytes(batch.Images);
        for (int i = 0; i < batch.Labels.Length; i++)
            batch.Labels[i] = (byte)random.Next(Classes.Count);
        return batch;
    }
}
