using System.Diagnostics;
using FastScnn.Torch.Data;
using Microsoft.ML.Data;

namespace FastScnn.ML;

public sealed partial class FastScnnSegmenter
{
    /// <summary>Segments a photo file and gives the confidence and, where wanted, the scores of all classes with the map.</summary>
    /// <remarks>
    /// Scores take 4 bytes for each class and pixel: with 19 classes 160 MB for a photo of 2048 x 1024. At
    /// <see cref="SegmentationSize.Model"/> they take a 64th of that.
    /// </remarks>
    /// <param name="path">The file, as <see cref="Segment(string)"/> takes it.</param>
    /// <param name="scores">What scores to give; null for the map and its confidence alone.</param>
    /// <returns>The map that <see cref="Segment(string)"/> gives, with what it was chosen by.</returns>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file cannot be decoded; the message names it.</exception>
    /// <exception cref="ArgumentException">
    /// The photo is larger than <see cref="FastScnnSegmenterOptions.MaxPixels"/>, or its scores are more than an array holds.
    /// </exception>
    /// <exception cref="ObjectDisposedException">The segmenter was disposed.</exception>
    public ScoredSegmentation SegmentWithScores(string path, ScoreKind? scores = ScoreKind.Probabilities)
    {
        long start = Stopwatch.GetTimestamp();
        using DecodedImage image = ImageDecoder.Open(path, _decoding, (width, height) => CheckSize(width, height, path));
        return SegmentWithScores(image.Span, image.Orientation, scores, start, Stopwatch.GetElapsedTime(start));
    }

    /// <summary>Segments an encoded photo and gives the confidence and, where wanted, the scores of all classes with the map.</summary>
    /// <param name="stream">The encoded photo, as <see cref="Segment(Stream)"/> takes it.</param>
    /// <param name="scores">What scores to give; null for the map and its confidence alone.</param>
    /// <returns>As <see cref="SegmentWithScores(string, ScoreKind?)"/>.</returns>
    /// <exception cref="InvalidDataException">The stream cannot be decoded.</exception>
    /// <exception cref="ArgumentException">As <see cref="SegmentWithScores(string, ScoreKind?)"/>.</exception>
    /// <exception cref="ObjectDisposedException">The segmenter was disposed.</exception>
    public ScoredSegmentation SegmentWithScores(Stream stream, ScoreKind? scores = ScoreKind.Probabilities)
    {
        ArgumentNullException.ThrowIfNull(stream);
        long start = Stopwatch.GetTimestamp();
        using DecodedImage image = ImageDecoder.Open(stream, StreamName, _decoding, (width, height) => CheckSize(width, height));
        return SegmentWithScores(image.Span, image.Orientation, scores, start, Stopwatch.GetElapsedTime(start));
    }

    /// <summary>Segments a decoded photo and gives the confidence and, where wanted, the scores of all classes with the map.</summary>
    /// <param name="image">The photo; it stays the caller's.</param>
    /// <param name="scores">What scores to give; null for the map and its confidence alone.</param>
    /// <returns>As <see cref="SegmentWithScores(string, ScoreKind?)"/>.</returns>
    /// <exception cref="ArgumentException">As <see cref="SegmentWithScores(string, ScoreKind?)"/>.</exception>
    /// <exception cref="ObjectDisposedException">The segmenter was disposed.</exception>
    public ScoredSegmentation SegmentWithScores(MLImage image, ScoreKind? scores = ScoreKind.Probabilities)
    {
        ArgumentNullException.ThrowIfNull(image);
        ScoredSegmentation result = SegmentWithScores(image.Span(), PhotoOrientation.TopLeft, scores, Stopwatch.GetTimestamp(), decode: default);
        // The pixels are the image's own memory, which a finalizer would free.
        GC.KeepAlive(image);
        return result;
    }

    /// <summary>Segments pixels in memory and gives the confidence and, where wanted, the scores of all classes with the map.</summary>
    /// <param name="image">The pixels, as <see cref="Segment(PixelBuffer)"/> takes them.</param>
    /// <param name="scores">What scores to give; null for the map and its confidence alone.</param>
    /// <returns>As <see cref="SegmentWithScores(string, ScoreKind?)"/>.</returns>
    /// <exception cref="ArgumentException">As <see cref="SegmentWithScores(string, ScoreKind?)"/>.</exception>
    /// <exception cref="ObjectDisposedException">The segmenter was disposed.</exception>
    public ScoredSegmentation SegmentWithScores(PixelBuffer image, ScoreKind? scores = ScoreKind.Probabilities)
    {
        ArgumentNullException.ThrowIfNull(image);
        return SegmentWithScores(image.Span, OrientationOf(image), scores, Stopwatch.GetTimestamp(), decode: default);
    }

    private ScoredSegmentation SegmentWithScores(PixelSpan image, PhotoOrientation orientation, ScoreKind? scores, long start, TimeSpan decode)
    {
        if (scores is { } kind && !Enum.IsDefined(kind))
            throw new ArgumentOutOfRangeException(nameof(scores), kind, $"Expected {ScoreKind.Probabilities} or {ScoreKind.Logits}.");
        image = Upright(image, orientation);
        CheckSize(image.Width, image.Height);
        using SegmentationModel.Lease use = _model.Use();
        return Scorer().Score(image, scores, confidence: true, start, decode);
    }

    private SegmentationScorer Scorer() => new(_model, _options.Inference, Threads);
}
