using FastScnn.Torch.Data;

namespace FastScnn.ML;

/// <summary>A map with how sure the network is of it, and with the scores of all classes where they were asked for.</summary>
/// <remarks>Immutable and free of native memory, as the map.</remarks>
/// <seealso cref="FastScnnSegmenter.SegmentWithScores(string, ScoreKind?)"/>
public sealed class ScoredSegmentation
{
    internal ScoredSegmentation(SegmentationMap map, ScoreKind? scoreKind, ReadOnlyMemory<float> scores, ReadOnlyMemory<float> confidence) =>
        (Map, ScoreKind, Scores, Confidence) = (map, scoreKind, scores, confidence);

    /// <summary>The class with the largest score at each pixel, of the size that <see cref="InferenceOptions.OutputSize"/> says.</summary>
    public SegmentationMap Map { get; }

    /// <summary>What <see cref="Scores"/> holds; null where none were asked for.</summary>
    public ScoreKind? ScoreKind { get; }

    /// <summary>
    /// The scores, classes x height x width: the plane of class 0, row by row from the top left, then that of class 1 and so on, with the
    /// height and width of <see cref="Map"/>. The score of class k at (x, y) is at <c>(k * Map.Height + y) * Map.Width + x</c>. Empty where
    /// none were asked for.
    /// </summary>
    public ReadOnlyMemory<float> Scores { get; }

    /// <summary>The probability of each pixel's class, from 1 / classes to 1: height x width, row by row, as <see cref="SegmentationMap.ClassIds"/>.</summary>
    public ReadOnlyMemory<float> Confidence { get; }
}
