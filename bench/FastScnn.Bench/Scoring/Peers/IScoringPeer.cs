namespace FastScnn.Bench.Scoring.Peers;

/// <summary>One way to score an image.</summary>
internal interface IScoringPeer : IDisposable
{
    /// <summary>Scores the image once, whatever it costs.</summary>
    void Score();

    /// <summary>The class ids of the last image; null where the way makes none.</summary>
    byte[]? Mask { get; }
}
