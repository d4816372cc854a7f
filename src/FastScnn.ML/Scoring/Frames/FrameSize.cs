namespace FastScnn.ML;

/// <summary>An input size that photos came in lately, and what is kept for the next ones. Guarded by its <see cref="FramePool"/>.</summary>
internal sealed class FrameSize(int width, int height)
{
    public int Width => width;

    public int Height => height;

    /// <summary>How many photos came in this size.</summary>
    public int Uses { get; set; }

    /// <summary>Frames that are in use.</summary>
    public int InUse { get; set; }

    /// <summary>Whether it is no longer kept: its frames are freed when they come back.</summary>
    public bool Dropped { get; set; }

    /// <summary>A session for this size alone, whose graph has no shape left to compute; null until the size has come often enough.</summary>
    public SizedSession? Session { get; set; }

    /// <summary>Whether such a session was made, or could not be.</summary>
    public bool SessionTried { get; set; }

    /// <summary>A session that failed, until the last frame that uses it has come back.</summary>
    public SizedSession? Retired { get; set; }

    /// <summary>Why photos of the size do not replay a CUDA graph, where that was tried.</summary>
    public string? WhyNoGraph { get; set; }

    /// <summary>The shape of the scores, once a photo has been through the network; null until then. Frames write it as they come to know it.</summary>
    public long[]? ScoresShape { get; set; }

    /// <summary>Frames that wait for a photo.</summary>
    public Stack<Frame> Idle { get; } = new();
}
