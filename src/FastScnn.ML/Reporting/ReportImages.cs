using FastScnn.ML.Imaging;
using FastScnn.Torch.Data;
using FastScnn.Torch.Metrics;
using Microsoft.ML.Data;
using SkiaSharp;

namespace FastScnn.ML.Reporting;

/// <summary>An image as a report shows it: four small images, encoded for a page.</summary>
/// <param name="Name">What the report calls it.</param>
/// <param name="Scores">The scores of this image alone.</param>
/// <param name="Width">Columns of the images.</param>
/// <param name="Height">Rows of the images.</param>
/// <param name="Image">The image, a JPEG.</param>
/// <param name="Label">The true classes in their colours, a PNG.</param>
/// <param name="Prediction">The predicted classes in their colours, a PNG.</param>
/// <param name="Errors">Each pixel in the colour of one of <see cref="ErrorClasses"/>, a PNG.</param>
internal sealed record ReportedImage(
    string Name, SegmentationScores Scores, int Width, int Height, byte[] Image, byte[] Label, byte[] Prediction,
    byte[] Errors)
{
    private const int JpegQuality = 90;
    private const byte Right = 0, Wrong = 1, NotLabelled = 2;

    // The colours differ in brightness too.
    public static ClassList ErrorClasses { get; } =
    [
        new SegmentationClass("right", 222, 227, 234),
        new SegmentationClass("wrong", 205, 32, 44),
        new SegmentationClass("not labelled", 96, 102, 112),
    ];

    /// <summary>Makes the images.</summary>
    /// <param name="name">The name of the image in the report.</param>
    /// <param name="image">The image, of the size of its maps.</param>
    /// <param name="label">The true classes.</param>
    /// <param name="prediction">The predicted classes.</param>
    /// <param name="scores">The scores of this image alone.</param>
    /// <param name="maxSide">The longest side of the images; nothing is made larger.</param>
    public static ReportedImage Create(
        string name, MLImage image, SegmentationMap label, SegmentationMap prediction, SegmentationScores scores,
        int maxSide)
    {
        double factor = Math.Min(1, (double)maxSide / Math.Max(image.Width, image.Height));
        (int width, int height) = (Side(image.Width), Side(image.Height));
        byte[] truth = Shrink(label, width, height), predicted = Shrink(prediction, width, height);
        byte ignored = label.Classes.IgnoreIndex;
        byte[] errors = [.. truth.Zip(predicted, (t, p) => t == ignored ? NotLabelled : t == p ? Right : Wrong)];
        return new ReportedImage(
            name, scores, width, height,
            Jpeg(image, width, height), Png(truth, label.Classes), Png(predicted, label.Classes),
            Png(errors, ErrorClasses));

        int Side(int side) => Math.Max(1, (int)Math.Round(side * factor));

        byte[] Png(byte[] ids, ClassList classes)
        {
            using var png = new MemoryStream();
            IndexPng.Write(png, width, height, ids, classes);
            return png.ToArray();
        }
    }

    private static byte[] Jpeg(MLImage image, int width, int height)
    {
        SKColorType type = image.PixelFormat == MLPixelFormat.Rgba32 ? SKColorType.Rgba8888 : SKColorType.Bgra8888;
        var info = new SKImageInfo(image.Width, image.Height, type, SKAlphaType.Opaque);
        using SKImage full = SKImage.FromPixelCopy(info, image.Pixels);
        using var small = new SKBitmap(info.WithSize(width, height));
        using SKPixmap pixels = small.PeekPixels();
        full.ScalePixels(pixels, SKFilterQuality.Medium);
        using SKData jpeg = small.Encode(SKEncodedImageFormat.Jpeg, JpegQuality);
        return jpeg.ToArray();
    }

    // Ids have no mean: each pixel is the one in the middle of those that it takes the place of.
    private static byte[] Shrink(SegmentationMap map, int width, int height)
    {
        ReadOnlySpan<byte> source = map.ClassIds.Span;
        var ids = new byte[width * height];
        for (int y = 0; y < height; y++)
            for (int x = 0; x < width; x++)
                ids[y * width + x] = source[Middle(y, map.Height, height) * map.Width + Middle(x, map.Width, width)];
        return ids;

        static int Middle(int position, int from, int to) => (int)((2L * position + 1) * from / (2 * to));
    }
}

/// <summary>Keeps the images with the lowest and the highest mean IoU; of equal ones, an earlier one ranks
/// lower.</summary>
/// <param name="count">How many to keep at either end.</param>
internal sealed class ImageRanking(int count)
{
    // Both from the lowest to the highest.
    private readonly List<ReportedImage> _worst = [], _best = [];

    /// <summary>Gets the number of images with a score: not those without a labelled pixel.</summary>
    public long Ranked { get; private set; }

    /// <summary>Gets the number of images without a score.</summary>
    public long Unranked { get; private set; }

    /// <summary>Gets whether both ends together hold every image that has a score.</summary>
    public bool HoldsAll => Ranked <= 2 * count;

    /// <summary>Every image, from the lowest on, where <see cref="HoldsAll"/>.</summary>
    public IReadOnlyList<ReportedImage> All => [.. _worst, .. _best.Except(_worst)];

    /// <summary>Gets the lowest, from the lowest on.</summary>
    public IReadOnlyList<ReportedImage> Worst => _worst;

    /// <summary>Gets the highest, from the highest on.</summary>
    public IReadOnlyList<ReportedImage> Best => [.. Enumerable.Reverse(_best)];

    /// <summary>Counts an image and keeps it where its score is among the lowest or the highest.</summary>
    /// <param name="score">The score; NaN for none.</param>
    /// <param name="create">Makes the image; called only where it is kept.</param>
    public void Add(double score, Func<ReportedImage> create)
    {
        if (double.IsNaN(score))
        {
            Unranked++;
            return;
        }
        Ranked++;
        bool low = _worst.Count < count || count > 0 && score < _worst[^1].Scores.MeanIoU;
        bool high = _best.Count < count || count > 0 && score >= _best[0].Scores.MeanIoU;
        if (!low && !high)
            return;
        ReportedImage image = create();
        if (low)
        {
            Insert(_worst, image);
            if (_worst.Count > count)
                _worst.RemoveAt(count);
        }
        if (high)
        {
            Insert(_best, image);
            if (_best.Count > count)
                _best.RemoveAt(0);
        }
    }

    private static void Insert(List<ReportedImage> images, ReportedImage image) =>
        images.Insert(images.FindLastIndex(other => other.Scores.MeanIoU <= image.Scores.MeanIoU) + 1, image);
}
