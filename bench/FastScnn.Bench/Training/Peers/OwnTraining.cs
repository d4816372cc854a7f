using System.Diagnostics;
using FastScnn.ML.Imaging;
using FastScnn.Torch.Data;
using FastScnn.Torch.Data.Augmentation;
using FastScnn.Torch.Training;

namespace FastScnn.Bench.Training.Peers;

/// <summary>The trainer on the images of a folder.</summary>
internal sealed class OwnTraining(Precision precision, int threads, MpiProcesses? processes = null)
{
    /// <summary>Trains a new network on some batches, as one long epoch.</summary>
    public EndToEndTime Time(string root, BatchSize size, int loaders, int batches)
    {
        long start = Stopwatch.GetTimestamp();
        return Train(root, size, loaders, batches, _ => start);
    }

    /// <summary>As <see cref="Time"/>, from the end of the first steps, which also compile code and start
    /// threads.</summary>
    public EndToEndTime Pace(string root, BatchSize size, int loaders, int batches)
    {
        long start = 0;
        return Train(root, size, loaders, EndToEndTime.FirstBatches + batches, step =>
        {
            if (step == EndToEndTime.FirstBatches) start = Stopwatch.GetTimestamp();
            return start;
        }) with
        { Images = size.Images * batches };
    }

    /// <summary>Trains through many epochs, and tells the process's resident bytes after some numbers of steps, of
    /// which the last ends it.</summary>
    public object[] Memory(string root, BatchSize size, int loaders, int[] steps)
    {
        List<object> bytes = [];
        TrainingOptions options = Options(size, loaders) with { Epochs = steps[^1], MaxSteps = steps[^1] };
        Train(SegmentationDataset.FromFolder(root, "train"), options, progress =>
        {
            if (steps.Contains((int)progress.Step)) bytes.Add(Environment.WorkingSet);
        });
        return [.. bytes];
    }

    private EndToEndTime Train(string root, BatchSize size, int loaders, int batches, Func<long, long> startAfter)
    {
        EndToEndTime? result = null;
        (double Waited, double Whole) first = default;
        RepeatedDataset dataset = new(SegmentationDataset.FromFolder(root, "train"), size.Images * batches);
        Train(dataset, Options(size, loaders), progress =>
        {
            TimeSpan time = Stopwatch.GetElapsedTime(startAfter(progress.Step));
            double whole = size.Images * progress.Step / progress.ImagesPerSecond;
            double waited = progress.DataWaitFraction * whole;
            if (progress.Step == EndToEndTime.FirstBatches) first = (waited, whole);
            if (progress.Step == batches) result = new(time, size.Images * batches,
                EndToEndTime.Share(waited - first.Waited, whole - first.Whole));
        });
        return result!;
    }

    private static void Train(SegmentationDataset dataset, TrainingOptions options, Action<TrainingProgress> report) =>
        new FastScnnTrainer(options).Train(dataset, validation: null, ImageDecoder.Decode, new Reporter(report));

    // Colour jitter, blur and a limit to the share of a class are left out: the peers' loaders do without.
    private TrainingOptions Options(BatchSize size, int loaders) => new()
    {
        Epochs = 1,
        Precision = precision,
        Threads = threads,
        Processes = processes,
        Schedule = LearningRateSchedule.Constant(0.01),
        BatchSize = size.Images,
        Workers = loaders,
        Augmentation = AugmentationOptions.CropOnly with
        {
            CropHeight = size.Height,
            CropWidth = size.Width,
            Scale = (0.5, 2),
            FlipProbability = 0.5
        },
    };

    private sealed class Reporter(Action<TrainingProgress> report) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => report(value);
    }
}
