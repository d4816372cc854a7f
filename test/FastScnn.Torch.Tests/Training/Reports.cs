using FastScnn.Torch.Training;

namespace FastScnn.Torch.Tests.Training;

/// <summary>Keeps what a training reports, and may act on it.</summary>
internal sealed class Reports(Action<TrainingProgress>? act = null) : IProgress<TrainingProgress>
{
    public List<TrainingProgress> All { get; } = [];

    public IEnumerable<TrainingProgress> Steps => All.Where(report => report.Scores is null);

    public IEnumerable<TrainingProgress> Validations => All.Where(report => report.Scores is not null);

    public void Report(TrainingProgress value)
    {
        All.Add(value);
        act?.Invoke(value);
    }
}
