using System.Diagnostics;

namespace FastScnn.Torch.Training;

/// <summary>Measures loss and speed between reports.</summary>
internal sealed class Meter(TrainingOptions options, long steps, long firstStep)
{
    // Long enough to even out single steps, short enough to follow a change of load.
    private const int Window = 50;

    private readonly Queue<(TimeSpan Waited, TimeSpan Whole, int Images)> _recent = new();
    private long _mark;
    private TimeSpan _waited;
    private double _lossSum, _loss, _rate;
    private int _batches;

    public void StartEpoch()
    {
        (_lossSum, _batches) = (0, 0);
        _mark = Stopwatch.GetTimestamp();
    }

    public void DataArrived() => _waited = Stopwatch.GetElapsedTime(_mark);

    public void StepDone(double stepLoss, double learningRate, int images)
    {
        (_loss, _rate) = (stepLoss, learningRate);
        _lossSum += stepLoss;
        _batches++;
        _recent.Enqueue((_waited, Stopwatch.GetElapsedTime(_mark), images));
        if (_recent.Count > Window) _recent.Dequeue();
        _mark = Stopwatch.GetTimestamp();
    }

    public TrainingProgress Report(TrainingPosition position)
    {
        double seconds = _recent.Sum(step => step.Whole.TotalSeconds);
        // The first step also loads kernels and starts threads.
        bool known = position.Step - firstStep >= 2 && seconds > 0;
        return new()
        {
            Epoch = position.Epoch + 1,
            Epochs = options.Epochs,
            Step = position.Step,
            Steps = steps,
            Loss = _loss,
            MeanLoss = _batches > 0 ? _lossSum / _batches : double.NaN,
            LearningRate = _rate,
            ImagesPerSecond = known ? _recent.Sum(step => step.Images) / seconds : 0,
            DataWaitFraction = seconds > 0 ? _recent.Sum(step => step.Waited.TotalSeconds) / seconds : 0,
            Remaining = known ? TimeSpan.FromSeconds(seconds / _recent.Count * (steps - position.Step)) : null,
            BestScores = position.BestMeanIoU is null ? null : position.BestScores,
        };
    }
}
