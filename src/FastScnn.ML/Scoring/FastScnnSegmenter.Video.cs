using FastScnn.Torch.Data;

namespace FastScnn.ML.Scoring;

public sealed partial class FastScnnSegmenter
{
    /// <summary>Segments the frames of a video or a camera while they come.</summary>
    /// <param name="frames">The frames, enumerated once. A frame's memory must not change before the caller asks for
    /// the result after its own, or <see cref="VideoOptions.FrameDropped"/> gives it back. The source is given a
    /// cancellation token (<c>[EnumeratorCancellation]</c>) that is cancelled when the enumeration ends early: one that
    /// does not observe it is waited for.</param>
    /// <param name="options">Which frames, how many at once, and smoothing; null for the defaults.</param>
    /// <param name="cancellationToken">Stops between frames; those under way are finished first.</param>
    /// <returns>The maps in the order of the frames, each as soon as it is done. None for a source without
    /// frames.</returns>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    /// <remarks>
    /// <para>Several frames are worked on at once, but no more are held than <see cref="VideoOptions.MaxConcurrency"/>
    /// says, however slowly results are fetched. Frames of another size within the stream are segmented at their
    /// size.</para>
    /// <para>What the source throws comes through as it is, after the maps of the frames before; what <see
    /// cref="Segment(PixelBuffer)"/> throws for a frame comes when its turn comes. Either ends the enumeration. The
    /// source is disposed, and work under way is done, when the enumeration ends: at the end of the frames, by a fault,
    /// by cancellation, or because the caller leaves.</para>
    /// </remarks>
    /// <example><code>
    /// await foreach (SegmentedFrame frame in segmenter.SegmentVideoAsync(camera.ReadFrames(),
    ///     new VideoOptions { Policy = FramePolicy.NewestFrame }, stop.Token))
    ///     Console.WriteLine($"frame {frame.Index}, {frame.Dropped} dropped: {frame.Map.ClassFractions[0]}");
    /// </code></example>
    public IAsyncEnumerable<SegmentedFrame> SegmentVideoAsync(IAsyncEnumerable<PixelBuffer> frames,
        VideoOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(frames);
        options ??= new VideoOptions();
        return FramePipeline.Run(frames, options, Begin, cancellationToken);

        // Each enumeration has its own past.
        FrameWork Begin()
        {
            ScoreAverage? average = options.Smoothing > 0 ? new ScoreAverage(options.Smoothing, Classes.Count)
                : null;
            return frame =>
            {
                ScoreAverage.Turn? turn = average?.Next(
                    _options.ApplyOrientation ? frame.UprightSize : (frame.Width, frame.Height));
                return stop =>
                {
                    try
                    {
                        stop.ThrowIfCancellationRequested();
                        return ScoringTelemetry.Observe(this, (frame, turn), static (self, given, start) =>
                            self.Segment(given.frame.Span, self.OrientationOf(given.frame), start, decode: default,
                                given.turn));
                    }
                    finally
                    {
                        turn?.End();
                    }
                };
            };
        }
    }
}
