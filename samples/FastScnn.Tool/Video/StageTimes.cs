using System.Diagnostics;
using System.Globalization;
using FastScnn.ML.Scoring;

namespace FastScnn.Tool.Video;

/// <summary>How long the stages of frames take: the 50th and 99th percentile of each, from memory that does not
/// grow.</summary>
internal sealed class StageTimes
{
    private readonly Lock _gate = new();
    private readonly (string Name, Percentiles Times)[] _stages =
    [
        .. new[] { "wait", "prepare", "network", "finish", "write" }.Select(name => (name, new Percentiles())),
    ];

    /// <summary>How many frames were added.</summary>
    public long Count { get; private set; }

    /// <summary>Adds a frame.</summary>
    /// <param name="frame">The frame; its own times are those until the map was there.</param>
    /// <param name="write">How long it took to draw and write it.</param>
    public void Add(SegmentedFrame frame, TimeSpan write)
    {
        var timings = frame.Map.Timings;
        TimeSpan[] times = [frame.Waited, timings.PreProcess, timings.Inference, timings.PostProcess, write];
        lock (_gate)
        {
            for (int i = 0; i < times.Length; i++) _stages[i].Times.Add(times[i].TotalMilliseconds);
            Count++;
        }
    }

    /// <summary>The percentiles in milliseconds by stage, as JSON holds them.</summary>
    public IReadOnlyDictionary<string, StagePercentiles> Read()
    {
        lock (_gate)
            return _stages.ToDictionary(stage => stage.Name,
                stage => new StagePercentiles(stage.Times.At(0.5), stage.Times.At(0.99)));
    }

    /// <summary>The same as a line to print.</summary>
    public string Describe() => "50th and 99th percentile in ms: " + string.Join(", ", Read().Select(stage =>
        string.Create(CultureInfo.InvariantCulture, $"{stage.Key} {stage.Value.P50:0.0} {stage.Value.P99:0.0}")));
}

/// <summary>Two percentiles of a stage, in milliseconds.</summary>
internal readonly record struct StagePercentiles(double P50, double P99);

/// <summary>Percentiles of positive numbers, each off by 1 % at most: counts in cells whose borders grow by
/// 2 %.</summary>
internal sealed class Percentiles
{
    // From a microsecond to about eight hours, in milliseconds.
    private const double Least = 1e-3, Growth = 1.02;

    private readonly long[] _counts = new long[1210];
    private long _total;

    public void Add(double value)
    {
        int cell = value <= Least ? 0 : (int)(Math.Log(value / Least) / Math.Log(Growth)) + 1;
        _counts[Math.Min(cell, _counts.Length - 1)]++;
        _total++;
    }

    /// <summary>The smallest value that this part of all does not exceed; 0 where there are none.</summary>
    public double At(double part)
    {
        long rank = Math.Max(1, (long)Math.Ceiling(part * _total)), seen = 0;
        for (int cell = 0; cell < _counts.Length && _total > 0; cell++)
            if ((seen += _counts[cell]) >= rank)
                return cell == 0 ? 0 : Math.Round(Least * Math.Pow(Growth, cell - 0.5), 3);
        return 0;
    }
}

/// <summary>Counts frames a second over the last seconds.</summary>
internal sealed class FrameRate
{
    private readonly Lock _gate = new();
    private readonly Queue<long> _times = new();

    /// <summary>Adds a frame that is done now.</summary>
    public void Add()
    {
        lock (_gate)
        {
            _times.Enqueue(Stopwatch.GetTimestamp());
            Forget();
        }
    }

    /// <summary>Frames a second over the last two seconds, or since the last two frames where they took longer: less
    /// and less while none comes.</summary>
    public double Read()
    {
        lock (_gate)
        {
            Forget();
            return _times.Count < 2 ? 0 : (_times.Count - 1) / Stopwatch.GetElapsedTime(_times.Peek()).TotalSeconds;
        }
    }

    private void Forget()
    {
        while (_times.Count > 2 && Stopwatch.GetElapsedTime(_times.Peek()) > TimeSpan.FromSeconds(2)) _times.Dequeue();
    }
}
