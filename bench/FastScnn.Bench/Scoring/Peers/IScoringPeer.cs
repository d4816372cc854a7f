namespace FastScnn.Bench.Scoring.Peers;

/// <summary>One way to score a photo.</summary>
internal interface IScoringPeer : IDisposable
{
    /// <summary>Scores the photo once, whatever it costs.</summary>
    void Score();

    /// <summary>The class ids of the last photo; null where the way makes none.</summary>
    byte[]? Mask { get; }
}
