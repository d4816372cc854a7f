using System.Diagnostics;

namespace FastScnn.Torch.Training;

/// <summary>Measures loss and speed between reports.</summary>
internal sealed class Meter(TrainingOptions options, long steps, long firstStep)
{
    // Long enough to even out single steps, short enough to follow a change of load.
    private const int Window = 50;

    private readonly Queue<(TimeSpan Waited, TimeSpan Whole, int Images)> recent = new();
    private long mark;
    private TimeSpan waited;
    private double lossSum, loss, rate;
    private int batches;

    public void StartEpoch()
    {
        (lossSum, batches) = (0, 0);
        mark = Stopwatch.GetTimestamp();
    }

    public void DataArrived() => waited = Stopwatch.GetElapsedTime(mark);

    public void StepDone(double stepLoss, double learningRate, int images)
    {
        (loss, rate) = (stepLoss, learningRate);
        lossSum += stepLoss;
        batches++;
        recent.Enqueue((waited, Stopwatch.GetElapsedTime(mark), images));
        if (recent.Count > Window) recent.Dequeue();
        mark = Stopwatch.GetTimestamp();
    }

    public TrainingProgress Report(TrainingPosition position)
    {
        double seconds = recent.Sum(step => step.Whole.TotalSeconds);
        // The first step also loads kernels and starts threads.
        bool known = position.Step - firstStep >= 2 && seconds > 0;
        return new()
        {
            Epoch = position.Epoch + 1,
            Epochs = options.Epochs,
            Step = position.Step,
            Steps = steps,
            Loss = loss,
            MeanLoss = batches > 0 ? lossSum / batches : double.NaN,
            LearningRate = rate,
            ImagesPerSecond = known ? recent.Sum(step => step.Images) / seconds : 0,
            WaitingShare = seconds > 0 ? recent.Sum(step => step.Waited.TotalSeconds) / seconds : 0,
            Remaining = known ? TimeSpan.FromSeconds(seconds / recent.Count * (steps - position.Step)) : null,
            BestMeanIoU = position.BestMeanIoU,
        };
    }
}
