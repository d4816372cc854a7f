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
        using DecodedImage image = ImageDecoder.Decode(path, _decoding, (width, height) => CheckSize(width, height, path));
        return SegmentWithScores(image, scores, start);
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
        using DecodedImage image = ImageDecoder.Decode(stream, StreamName, _decoding, (width, height) => CheckSize(width, height));
        return SegmentWithScores(image, scores, start);
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
        return SegmentWithScores(image, scores, Stopwatch.GetTimestamp(), decode: default);
    }

    /// <summary>Segments pixels in memory and gives the confidence and, where wanted, the scores of all classes with the map.</summary>
    /// <param name="pixels">The rows from the top, 8 bits a channel.</param>
    /// <param name="width">Columns, 1 or more.</param>
    /// <param name="height">Rows, 1 or more.</param>
    /// <param name="layout">What the bytes of a pixel mean.</param>
    /// <param name="stride">Bytes from the start of one row to the start of the next; 0 when rows follow each other directly.</param>
    /// <param name="scores">What scores to give; null for the map and its confidence alone.</param>
    /// <returns>As <see cref="SegmentWithScores(string, ScoreKind?)"/>.</returns>
    /// <exception cref="ArgumentException">
    /// As <see cref="SegmentWithScores(string, ScoreKind?)"/>, or the sizes do not fit together.
    /// </exception>
    /// <exception cref="ObjectDisposedException">The segmenter was disposed.</exception>
    public ScoredSegmentation SegmentWithScores(
        ReadOnlySpan<byte> pixels, int width, int height, PixelLayout layout, int stride = 0, ScoreKind? scores = ScoreKind.Probabilities) =>
        SegmentWithScores(pixels, width, height, layout, stride, scores, Stopwatch.GetTimestamp(), decode: default);

    private ScoredSegmentation SegmentWithScores(DecodedImage image, ScoreKind? scores, long start)
    {
        if (image.Orientation == PhotoOrientation.TopLeft)
            return SegmentWithScores(image.Pixels, image.Width, image.Height, PixelLayout.Bgra32, 0, scores, start, Stopwatch.GetElapsedTime(start));
        PixelBuffer upright = image.ToPhoto().ToUpright();
        return SegmentWithScores(upright.Rgb.Span, upright.Width, upright.Height, PixelLayout.Rgb24, 0, scores, start, Stopwatch.GetElapsedTime(start));
    }

    private ScoredSegmentation SegmentWithScores(MLImage image, ScoreKind? scores, long start, TimeSpan decode)
    {
        ScoredSegmentation result = SegmentWithScores(image.Pixels, image.Width, image.Height, LayoutOf(image), 0, scores, start, decode);
        // The pixels are the image's own memory, which a finalizer would free.
        GC.KeepAlive(image);
        return result;
    }

    private ScoredSegmentation SegmentWithScores(
        ReadOnlySpan<byte> pixels, int width, int height, PixelLayout layout, int stride, ScoreKind? scores, long start, TimeSpan decode)
    {
        if (scores is { } kind && !Enum.IsDefined(kind))
            throw Errors.UnknownScoreKind(nameof(scores), kind);
        CheckPixels(pixels.Length, width, height, layout, ref stride);
        using SegmentationModel.Lease use = _model.Use();
        return Scorer().Score(pixels, width, height, stride, layout, scores, confidence: true, start, decode);
    }

    private SegmentationScorer Scorer() => new(_model, _options.Inference, Threads);
}
