using System.Text;
using FastScnn.Torch;
using FastScnn.Torch.Data;
using FastScnn.Torch.Metrics;
using Microsoft.ML.Data;

namespace FastScnn.ML;

/// <summary>
/// A page about how well photos are segmented: scores, a table of classes, the confusion matrix, learning curves, and the images that came out
/// worst and best, each with photo, label, prediction and errors.
/// </summary>
/// <remarks>
/// <para>One HTML file that loads nothing from elsewhere and runs no script; it is also well-formed XML. Scores are those of
/// <see cref="SemanticSegmentationCatalog.Evaluate"/> over all images that were added.</para>
/// <para>Only the images that are shown are kept, made smaller, so memory does not grow with their number. Not thread-safe.</para>
/// </remarks>
/// <seealso cref="SemanticSegmentationCatalog.CreateReport"/>
/// <example><code>
/// using var segmenter = FastScnnSegmenter.Load("model.onnx");
/// var report = new SegmentationReport(segmenter.Classes);
/// foreach (string path in Directory.EnumerateFiles("images/val"))
/// {
///     using var photo = ImageDecoder.Read(path);
///     var label = SegmentationMap.Load(Path.Combine("masks/val", Path.GetFileNameWithoutExtension(path) + ".png"), segmenter.Classes);
///     report.Add(Path.GetFileName(path), photo, label, segmenter.Segment(photo));
/// }
/// report.Save("report.html");
/// </code></example>
public sealed class SegmentationReport
{
    private readonly SegmentationReportOptions _options;
    private readonly ConfusionCounts _counts;
    private readonly ImageRanking _ranking;
    private long _images;

    /// <summary>Starts a report without images.</summary>
    /// <param name="classes">The classes of labels and predictions.</param>
    /// <param name="options">What is shown; null for the defaults.</param>
    public SegmentationReport(ClassList classes, SegmentationReportOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(classes);
        (Classes, _options, _counts) = (classes, options ?? new SegmentationReportOptions(), new ConfusionCounts(classes.Count));
        _ranking = new ImageRanking(_options.ImageCount);
    }

    /// <summary>The classes of labels and predictions; their names and colours are shown.</summary>
    public ClassList Classes { get; }

    /// <summary>Counts an image, and keeps it while it is among the worst or the best by its own mean IoU.</summary>
    /// <param name="name">What the report calls the image, such as its file name.</param>
    /// <param name="photo">The photo; it stays the caller's.</param>
    /// <param name="label">The true classes, of the photo's size.</param>
    /// <param name="prediction">The predicted classes, of the photo's size.</param>
    /// <exception cref="ArgumentException">Sizes or classes differ, or the label holds an id that is neither a class nor ignored; nothing was counted then.</exception>
    public void Add(string name, MLImage photo, SegmentationMap label, SegmentationMap prediction)
    {
        ArgumentNullException.ThrowIfNull(photo);
        Add(name, photo.Width, photo.Height, () => MLImagePhotoDecoder.ToPhoto(photo), label, prediction);
    }

    /// <inheritdoc cref="Add(string, MLImage, SegmentationMap, SegmentationMap)"/>
    public void Add(string name, PixelBuffer photo, SegmentationMap label, SegmentationMap prediction)
    {
        ArgumentNullException.ThrowIfNull(photo);
        Add(name, photo.Width, photo.Height, () => photo, label, prediction);
    }

    /// <summary>The scores over all images so far.</summary>
    /// <exception cref="InvalidOperationException">No image was added.</exception>
    public SemanticSegmentationMetrics GetMetrics() => _images == 0
        ? throw Errors.ReportEmpty()
        : new SemanticSegmentationMetrics(Classes, _counts) { Rows = _images, RowsWithoutLabel = RowsWithoutLabel, RowsWithoutPrediction = RowsWithoutPrediction };

    /// <summary>Rows of scored data that were left out.</summary>
    internal long RowsWithoutLabel { get; set; }

    /// <summary>Rows of scored data that count as misses.</summary>
    internal long RowsWithoutPrediction { get; set; }

    /// <summary>The page as text.</summary>
    /// <exception cref="InvalidOperationException">No image was added.</exception>
    public string ToHtml() => ReportPage.Draw(_options, GetMetrics(), _ranking);

    /// <summary>Writes the page: to a temporary file beside it, which then takes its name.</summary>
    /// <param name="path">The file; it is replaced when it exists, and left alone when writing fails. Its folder is made when missing.</param>
    /// <exception cref="InvalidOperationException">No image was added.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be written.</exception>
    public void Save(string path)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        if (Directory.Exists(path))
            throw Errors.ReportIsFolder(path);
        byte[] html = Encoding.UTF8.GetBytes(ToHtml());
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        WholeFile.Write(path, html);
    }

    private void Add(string name, int width, int height, Func<PixelBuffer> photo, SegmentationMap label, SegmentationMap prediction)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(label);
        ArgumentNullException.ThrowIfNull(prediction);
        if (!label.Classes.HasNamesOf(Classes))
            throw Errors.ReportClasses(name, "the label", label.Classes, Classes);
        if (!prediction.Classes.HasNamesOf(Classes))
            throw Errors.ReportClasses(name, "the prediction", prediction.Classes, Classes);
        if ((label.Width, label.Height) != (width, height) || (prediction.Width, prediction.Height) != (width, height))
            throw Errors.ReportSizes(name, width, height, label, prediction);
        var counts = new ConfusionCounts(Classes.Count);
        try
        {
            counts.Add(label.ClassIds.Span, prediction.ClassIds.Span, label.Classes.IgnoreIndex);
        }
        catch (ArgumentException error)
        {
            throw Errors.ReportLabel(name, error);
        }
        _counts.Add(counts);
        _images++;
        SegmentationScores scores = SegmentationScores.From(counts);
        if (_ranking.Wants(scores.MeanIoU))
            _ranking.Add(ReportedImage.Create(name, photo(), label, prediction, scores, _options.MaxPictureSide));
    }
}
