namespace FastScnn.Bench;

/// <summary>Times of one thing, in milliseconds.</summary>
internal sealed class Samples
{
    private readonly List<double> _milliseconds = [];

    public bool IsEmpty => _milliseconds.Count == 0;

    public double Median => _milliseconds.Order().ElementAt(_milliseconds.Count / 2);

    public void Add(TimeSpan time) => Add(time.TotalMilliseconds);

    public void Add(double milliseconds) => _milliseconds.Add(milliseconds);

    public override string ToString() => $"{Median:F1} ({_milliseconds.Min():F1}..{_milliseconds.Max():F1})";
}
