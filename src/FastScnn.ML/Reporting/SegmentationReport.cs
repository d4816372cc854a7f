using FastScnn.ML.Catalog;
using FastScnn.ML.Evaluation;
using FastScnn.ML.Imaging;
using FastScnn.Torch;
using FastScnn.Torch.Data;
using FastScnn.Torch.Metrics;
using Microsoft.ML.Data;
using static System.FormattableString;

namespace FastScnn.ML.Reporting;

/// <summary>A page about how well images are segmented: scores, a table of classes, the calibration where confidence is
/// given, the confusion matrix, learning curves, and the images with the lowest and the highest scores, each with
/// image, label, prediction and errors.</summary>
/// <remarks>
/// <para>One HTML file that loads nothing from elsewhere and runs no script; it is also well-formed XML. Scores are
/// those of <see cref="SemanticSegmentationCatalog.Evaluate"/> over all images that were added.</para>
/// <para>Only the images that are shown are kept, made smaller; of the others, their names and scores. Not
/// thread-safe.</para>
/// </remarks>
/// <seealso cref="SemanticSegmentationCatalog.CreateReport"/>
/// <example><code>
/// using var segmenter = FastScnnSegmenter.Load("model.onnx");
/// var report = new SegmentationReport(segmenter.Classes);
/// foreach (string path in Directory.EnumerateFiles("images/val"))
/// {
///     using var image = ImageDecoder.Read(path);
///     string mask = Path.Combine("masks/val", Path.GetFileNameWithoutExtension(path) + ".png");
///     SegmentationMap label = SegmentationMap.Load(mask, segmenter.Classes);
///     report.Add(Path.GetFileName(path), image, label, segmenter.Segment(image));
/// }
/// report.Save("report.html");
/// </code></example>
public sealed class SegmentationReport
{
    private readonly SegmentationReportOptions _options;
    private readonly RowTally _tally;
    private readonly ImageRanking _ranking;

    /// <summary>Starts a report without images.</summary>
    /// <param name="classes">The classes of labels and predictions.</param>
    /// <param name="options">The settings; null for the defaults.</param>
    public SegmentationReport(ClassList classes, SegmentationReportOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(classes);
        (Classes, _options) = (classes, options ?? new SegmentationReportOptions());
        _tally = new RowTally(_options.BoundaryDistance);
        _ranking = new ImageRanking(_options.ImageCount);
    }

    /// <summary>Gets the classes of labels and predictions; their names and colours are shown.</summary>
    public ClassList Classes { get; }

    /// <summary>Sets the number of rows of scored data that were left out.</summary>
    internal long RowsWithoutLabel { set => _tally.WithoutLabel = value; }

    /// <summary>Sets the number of rows of scored data that count as misses.</summary>
    internal long RowsWithoutPrediction { set => _tally.WithoutPrediction = value; }

    /// <summary>Counts an image, and keeps it while its own mean IoU is among the lowest or the highest.</summary>
    /// <param name="name">The name of the image in the report, such as its file name.</param>
    /// <param name="image">The image; it stays the caller's.</param>
    /// <param name="label">The true classes, of the image's size.</param>
    /// <param name="prediction">The predicted classes, of the image's size.</param>
    /// <exception cref="ArgumentException">
    /// Sizes or classes differ, or the label holds an id that is neither a class nor ignored; nothing is counted then.
    /// </exception>
    public void Add(string name, MLImage image, SegmentationMap label, SegmentationMap prediction) =>
        Add(name, image, label, WithoutConfidence(prediction));

    /// <inheritdoc cref="Add(string, MLImage, SegmentationMap, SegmentationMap)"/>
    public void Add(string name, PixelBuffer image, SegmentationMap label, SegmentationMap prediction) =>
        Add(name, image, label, WithoutConfidence(prediction));

    /// <summary>Counts an image with the confidence of its prediction, which the report then shows the calibration of,
    /// and keeps it while its own mean IoU is among the lowest or the highest.</summary>
    /// <inheritdoc cref="Add(string, MLImage, SegmentationMap, SegmentationMap)"/>
    public void Add(string name, MLImage image, SegmentationMap label, ScoredSegmentation prediction)
    {
        ArgumentNullException.ThrowIfNull(image);
        SegmentationScores scores = Count(name, image.Width, image.Height, label, prediction);
        _ranking.Add(scores.MeanIoU,
            () => ReportedImage.Create(name, image, label, prediction.Map, scores, _options.MaxImageSide));
    }

    /// <inheritdoc cref="Add(string, MLImage, SegmentationMap, ScoredSegmentation)"/>
    public void Add(string name, PixelBuffer image, SegmentationMap label, ScoredSegmentation prediction)
    {
        ArgumentNullException.ThrowIfNull(image);
        SegmentationScores scores = Count(name, image.Width, image.Height, label, prediction);
        _ranking.Add(scores.MeanIoU, () =>
        {
            using MLImage copy = image.ToImage();
            return ReportedImage.Create(name, copy, label, prediction.Map, scores, _options.MaxImageSide);
        });
    }

    /// <summary>Gets the scores over all images so far.</summary>
    /// <exception cref="InvalidOperationException">No image was added.</exception>
    public SemanticSegmentationMetrics GetMetrics() => _tally.Rows == 0
        ? throw new InvalidOperationException("The report has no images; add at least one.")
        : new SemanticSegmentationMetrics(Classes, _tally);

    /// <summary>Gets the page as text.</summary>
    /// <exception cref="InvalidOperationException">No image was added.</exception>
    public string ToHtml() => new ReportPage(_options, GetMetrics(), _ranking).Draw();

    /// <summary>Writes the page: to a temporary file beside it, which then takes its name.</summary>
    /// <param name="path">
    /// The file; it is replaced when it exists, and left alone when writing fails. Its folder is made when missing.
    /// </param>
    /// <exception cref="InvalidOperationException">No image was added.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be written.</exception>
    public void Save(string path)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        if (Directory.Exists(path))
            throw new IOException($"'{path}' is a folder; expected the name of a file for the report.");
        string html = ToHtml();
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        WholeFile.Write(path, html);
    }

    private static ScoredSegmentation WithoutConfidence(SegmentationMap prediction)
    {
        ArgumentNullException.ThrowIfNull(prediction);
        return new ScoredSegmentation(prediction, null, default, default);
    }

    private SegmentationScores Count(
        string name, int width, int height, SegmentationMap label, ScoredSegmentation scored)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(label);
        ArgumentNullException.ThrowIfNull(scored);
        SegmentationMap prediction = scored.Map;
        RequireClasses("the label", label.Classes);
        RequireClasses("the prediction", prediction.Classes);
        if ((label.Width, label.Height) != (width, height) || (prediction.Width, prediction.Height) != (width, height))
        {
            throw new ArgumentException(
                Invariant(
                    $"'{name}': the image has {width} x {height} pixels, the label {label.Width} x {label.Height} and the prediction ")
                + Invariant($"{prediction.Width} x {prediction.Height}; they must be equal. ")
                + "Give the image that was segmented and the label at its size.");
        }
        try
        {
            return _tally.Add((UInt128)_tally.Rows, name, label, prediction, scored.Confidence.Span)!;
        }
        catch (ArgumentException error)
        {
            throw new ArgumentException($"'{name}': {error.Message}", error);
        }

        void RequireClasses(string what, ClassList found)
        {
            if (!found.HasSameNames(Classes))
            {
                throw new ArgumentException(
                    $"'{name}': {Throw.ClassDifference(what, found, "the report", Classes)}; both must be over the "
                        + "same classes, in the same order.");
            }
        }
    }
}

/// <summary>The settings of a <see cref="SegmentationReport"/>.</summary>
public sealed record SegmentationReportOptions
{
    private const int MostImages = 1000;
    private const int LeastImageSide = 16;
    private const int MostImageSide = 4096;

    /// <summary>Gets the heading. Default: "Segmentation report".</summary>
    public string Title
    {
        get;
        init => field = Throw.IfNull(value);
    } = "Segmentation report";

    /// <summary>Gets facts under the heading, such as the model and the data, in this order. Default: none.</summary>
    public IReadOnlyList<(string Name, string Value)> Details
    {
        get;
        init => field = Throw.IfNull(value);
    } = [];

    /// <summary>Gets how many images with the lowest and with the highest scores are shown, 0..1000. Default:
    /// 5.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The number is out of range.</exception>
    public int ImageCount
    {
        get;
        init => field = value is >= 0 and <= MostImages ? value : throw new ArgumentOutOfRangeException(
            nameof(ImageCount), Invariant($"{value} images at either end of a report: expected 0 to {MostImages}."));
    } = 5;

    /// <summary>Gets the longer side of images in pixels, 16..4096; larger ones are made smaller. Default: 480, about
    /// 0.1 MB an image.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The number is out of range.</exception>
    public int MaxImageSide
    {
        get;
        init => field = value is >= LeastImageSide and <= MostImageSide ? value : throw new ArgumentOutOfRangeException(
            nameof(MaxImageSide),
            Invariant($"Images of at most {value} pixels in a report: expected {LeastImageSide} to {MostImageSide}."));
    } = 480;

    /// <summary>Gets how near a boundary a pixel is for the Boundary IoU, as a share of the image's diagonal, 0..1; at
    /// least one pixel. Default: 0.02.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The number is out of range.</exception>
    public double BoundaryDistance
    {
        get;
        init => field = Check.Range(value, 0, 1);
    } = BoundaryCounts.DefaultDistance;

    /// <summary>Gets an SVG image of the training, as <see cref="FastScnn.Torch.Training.TrainingFolder.DrawCurves()"/>
    /// gives it. Default: null, none.</summary>
    public string? LearningCurves { get; init; }
}
