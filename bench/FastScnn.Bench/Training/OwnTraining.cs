using System.Diagnostics;
using FastScnn.ML.Imaging;
using FastScnn.Torch.Data;
using FastScnn.Torch.Data.Augmentation;
using FastScnn.Torch.Training;

namespace FastScnn.Bench.Training;

/// <summary>The trainer on the images of a folder.</summary>
internal static class OwnTraining
{
    /// <summary>Trains a new network on some batches, as one long epoch.</summary>
    public static EndToEndTime Time(string root, BatchSize size, int workers, int batches, int threads)
    {
        long start = Stopwatch.GetTimestamp();
        TimeSpan time = default;
        double waiting = 0;
        RepeatedDataset dataset = new(SegmentationDataset.FromFolder(root, "train"), size.Images * batches);
        Train(dataset, Options(size, workers, threads), progress =>
        {
            if (progress.Step < batches) return;
            (time, waiting) = (Stopwatch.GetElapsedTime(start), progress.DataWaitFraction);
        });
        return new(time, size.Images * batches, waiting);
    }

    /// <summary>Trains through many epochs, and tells the process's resident bytes after some numbers of steps, of
    /// which the last ends it.</summary>
    public static object[] Memory(string root, BatchSize size, int workers, int[] steps, int threads)
    {
        List<object> bytes = [];
        TrainingOptions options = Options(size, workers, threads) with { Epochs = steps[^1], MaxSteps = steps[^1] };
        Train(SegmentationDataset.FromFolder(root, "train"), options, progress =>
        {
            if (steps.Contains((int)progress.Step)) bytes.Add(Environment.WorkingSet);
        });
        return [.. bytes];
    }

    private static void Train(SegmentationDataset dataset, TrainingOptions options, Action<TrainingProgress> report) =>
        new FastScnnTrainer(options).Train(dataset, validation: null, ImageDecoder.Decode, new Reporter(report));

    // Colour jitter, blur and a limit to the share of a class are left out: the peer's loader does without.
    private static TrainingOptions Options(BatchSize size, int workers, int threads) => new()
    {
        Epochs = 1,
        Threads = threads,
        Schedule = LearningRateSchedule.Constant(0.01),
        BatchSize = size.Images,
        Workers = workers,
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
