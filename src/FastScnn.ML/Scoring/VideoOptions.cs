using FastScnn.ML.Imaging;
using FastScnn.Torch;
using FastScnn.Torch.Data;

namespace FastScnn.ML.Scoring;

/// <summary>How <see cref="FastScnnSegmenter.SegmentVideoAsync"/> treats a stream of frames. The defaults suit a file:
/// every frame, each on its own.</summary>
/// <example><code>
/// var camera = new VideoOptions { Policy = FramePolicy.NewestFrame, Smoothing = 0.5, FrameDropped = pool.Return };
/// </code></example>
public sealed record VideoOptions
{
    /// <summary>Which frames are segmented. Default: <see cref="FramePolicy.EveryFrame"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value has no name.</exception>
    public FramePolicy Policy
    {
        get;
        init => field = Enum.IsDefined(value) ? value : throw new ArgumentOutOfRangeException(
            nameof(Policy), value, $"Expected {FramePolicy.EveryFrame} or {FramePolicy.NewestFrame}.");
    }

    /// <summary>How many frames are held at once, 1 or more: those being worked on, those whose maps wait to be
    /// fetched, and the one whose map the caller has. The source is not asked for another while so many are held.
    /// <see cref="FramePolicy.NewestFrame"/> holds two more, the frame that waits for the network and the one that
    /// replaces it, and keeps one of this number for the caller. Default: 0, as <see
    /// cref="FastScnnSegmenter.SegmentManyAsync(IEnumerable{string}, int, CancellationToken)"/> takes it, and 2 for
    /// <see cref="FramePolicy.NewestFrame"/>: one frame in the network, and one with the caller.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The number is negative.</exception>
    public int MaxConcurrency { get; init => field = Check.AtLeast(value, 0); }

    /// <summary>The weight of the past in the scores of a frame, 0 up to but not including 1. Scores at the network's
    /// own size (an eighth of each side), before they are enlarged, become <c>Smoothing x average so far + (1 -
    /// Smoothing) x scores of this frame</c>: masks flicker less, and follow movements later. A frame of another size
    /// than the one before starts afresh, and so does one that changes the best class of more than a third of the
    /// places, which is another scene. Where <see cref="FastScnnSegmenterOptions.Inference"/> asks for several runs,
    /// each has its own average. Default: 0, each frame stands for itself.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The number is not in 0..1, or is 1.</exception>
    public double Smoothing { get; init => field = Check.BelowOne(value); }

    /// <summary>Called once for every frame that was taken from the source and comes with no result, so that its memory
    /// can be used again: those that newer ones replaced, and those on their way when the enumeration ends early.
    /// Called on any thread, also while the caller works on a result; it must not throw. Default: null.</summary>
    public Action<PixelBuffer>? FrameDropped { get; init; }

    internal int FramesHeld => MaxConcurrency > 0 ? MaxConcurrency
        : Policy == FramePolicy.NewestFrame ? 2 : FastScnnSegmenter.DefaultConcurrency;

    internal int FramesInWork => Policy == FramePolicy.NewestFrame ? Math.Max(1, FramesHeld - 1) : FramesHeld;
}

/// <summary>Which frames of a stream are segmented.</summary>
public enum FramePolicy
{
    /// <summary>All; the source waits where they come faster than they can be segmented. For files.</summary>
    EveryFrame,

    /// <summary>The newest whenever the network is free; the others are dropped and counted. For live sources, which
    /// are read as fast as they give frames.</summary>
    NewestFrame,
}

/// <summary>A frame of a stream and its map.</summary>
/// <param name="Index">The frame's number in the source, from 0; dropped ones are counted too.</param>
/// <param name="Image">The frame, as the source gave it.</param>
/// <param name="Map">Its classes.</param>
/// <seealso cref="FastScnnSegmenter.SegmentVideoAsync"/>
public sealed record SegmentedFrame(long Index, PixelBuffer Image, SegmentationMap Map)
{
    /// <summary>How many of the source's frames before this one were dropped.</summary>
    public long Dropped { get; init; }

    /// <summary>The time between the frame's arrival from the source and the start of its work.</summary>
    public TimeSpan Waited { get; init; }
}
