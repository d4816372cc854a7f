using System.Diagnostics;
using FastScnn.ML.Imaging;
using FastScnn.Torch.Data;
using static System.FormattableString;

namespace FastScnn.ML.Scoring;

/// <summary>A rectangle of an image in shares of its sides, so that one serves images and frames of all sizes. Its
/// edges are rounded to whole pixels; it has one or more.</summary>
/// <example><code>
/// var belowTheSky = new RegionOfInterest(left: 0, top: 0.4, right: 1, bottom: 1);
/// </code></example>
public sealed record RegionOfInterest
{
    /// <summary>Makes a region.</summary>
    /// <param name="left">The left edge, as a share of the width: 0 or more, below <paramref name="right"/>.</param>
    /// <param name="top">The upper edge, as a share of the height: 0 or more, below <paramref name="bottom"/>.</param>
    /// <param name="right">The right edge, as a share of the width, 1 or less.</param>
    /// <param name="bottom">The lower edge, as a share of the height, 1 or less.</param>
    /// <exception cref="ArgumentException">The edges are not such shares.</exception>
    public RegionOfInterest(double left, double top, double right, double bottom)
    {
        bool isAcross = left >= 0 && left < right && right <= 1, isDown = top >= 0 && top < bottom && bottom <= 1;
        if (!isAcross || !isDown)
            throw new ArgumentException(
                Invariant($"A region of interest from {left}, {top} to {right}, {bottom}: expected left, top, right ")
                    + "and bottom as shares of the image's sides, 0 to 1, left below right and top below bottom.",
                isAcross ? nameof(top) : nameof(left));
        (Left, Top, Right, Bottom) = (left, top, right, bottom);
    }

    /// <summary>The left edge, as a share of the width.</summary>
    public double Left { get; }

    /// <summary>The upper edge, as a share of the height.</summary>
    public double Top { get; }

    /// <summary>The right edge, as a share of the width.</summary>
    public double Right { get; }

    /// <summary>The lower edge, as a share of the height.</summary>
    public double Bottom { get; }
}

/// <summary>The part of an image that is segmented, in pixels.</summary>
internal readonly record struct ImagePart
{
    private readonly int _imageWidth, _imageHeight, _left, _top;

    public ImagePart(int width, int height, RegionOfInterest? region)
    {
        (_imageWidth, _imageHeight, Width, Height) = (width, height, width, height);
        if (region is null)
            return;
        (_left, Width) = Along(width, region.Left, region.Right);
        (_top, Height) = Along(height, region.Top, region.Bottom);
    }

    public int Width { get; }

    public int Height { get; }

    public bool IsWhole => (Width, Height) == (_imageWidth, _imageHeight);

    public PixelSpan Of(PixelSpan image) => IsWhole ? image : image.Crop(_left, _top, Width, Height);

    /// <summary>Brings planes of the part's values to the size of the image.</summary>
    /// <param name="values">The planes, one after the other.</param>
    /// <param name="outside">The value around the part.</param>
    public T[] Place<T>(T[] values, T outside) => IsWhole ? values : Place((ReadOnlySpan<T>)values, outside);

    /// <summary>Brings what was found for the part to the size of the image: around it pixels are of no class, and
    /// scores and confidence are 0.</summary>
    /// <param name="scored">Maps and scores of the part.</param>
    /// <param name="start">When work on the image began, for the timings.</param>
    public ScoredSegmentation Place(ScoredSegmentation scored, long start)
    {
        byte[] ids = Place(scored.Map.ClassIds.Span, scored.Map.Classes.IgnoreIndex);
        float[] scores = Place(scored.Scores.Span, 0), confidence = Place(scored.Confidence.Span, 0);
        SegmentationTimings timings = scored.Map.Timings;
        timings = timings with
        {
            PostProcess = Stopwatch.GetElapsedTime(start) - timings.PreProcess - timings.Inference
        };
        return new ScoredSegmentation(
            new SegmentationMap(new LabelMap(_imageWidth, _imageHeight, ids), scored.Map.Classes, timings),
            scored.ScoreKind, scores, confidence);
    }

    private T[] Place<T>(ReadOnlySpan<T> values, T outside)
    {
        int planes = values.Length / (Width * Height);
        var placed = new T[(long)planes * _imageWidth * _imageHeight];
        Array.Fill(placed, outside);
        for (int plane = 0; plane < planes; plane++)
            for (int y = 0; y < Height; y++)
                values.Slice((plane * Height + y) * Width, Width)
                    .CopyTo(placed.AsSpan((plane * _imageHeight + _top + y) * _imageWidth + _left));
        return placed;
    }

    private static (int Start, int Length) Along(int side, double from, double to)
    {
        int start = Math.Min(Pixel(from), side - 1);
        return (start, Math.Max(1, Pixel(to) - start));

        int Pixel(double share) => (int)Math.Round(share * side, MidpointRounding.AwayFromZero);
    }
}
