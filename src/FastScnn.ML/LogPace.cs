using System.Diagnostics;

namespace FastScnn.ML;

/// <summary>Says when a long step should report its progress to the log again. For use by one thread.</summary>
internal sealed class LogPace(TimeSpan? interval = null)
{
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(30);

    private long _lastLine = Stopwatch.GetTimestamp();

    /// <summary>Gets whether half a minute, or the interval given, went by since the last line.</summary>
    public bool IsDue => Stopwatch.GetElapsedTime(_lastLine) >= (interval ?? s_interval);

    /// <summary>A line was written.</summary>
    public void Reported() => _lastLine = Stopwatch.GetTimestamp();
}
