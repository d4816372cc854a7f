using System.CommandLine;
using System.Globalization;
using FastScnn.ML.Evaluation;
using FastScnn.ML.Reporting;
using FastScnn.Torch.Data;
using FastScnn.Torch.Training;

namespace FastScnn.Tool;

/// <summary>The options of a command that scores images, and writes a report on them where one is wanted.</summary>
internal sealed class ReportOptions
{
    private readonly Option<string?> _path = new("--report")
    {
        Description = "HTML file to write: scores, confusion matrix, learning curves, worst and best images; the "
            + "scores of all images come beside it, as .images.csv"
    };
    private readonly Option<int> _images = new("--report-images")
    {
        Description = "How many of the worst and how many of the best images the report shows",
        DefaultValueFactory = _ => new SegmentationReportOptions().ImageCount,
    };

    private readonly Option<double> _boundary = new("--boundary-distance")
    {
        Description = "How near a boundary a pixel is for the boundary IoU, as a share of the image's diagonal; the "
            + "paper takes 0.02, and 0.005 for Cityscapes",
        DefaultValueFactory = _ => new SegmentationReportOptions().BoundaryDistance,
    };

    public void AddTo(Command command)
    {
        command.Add(_path);
        command.Add(_images);
        command.Add(_boundary);
    }

    /// <summary>Starts the report. A file that cannot be written shows now, and not after an hour of scoring; without a
    /// file the report only counts.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="model">The model's file; learning curves come from the log beside it: that of its own name, or that
    /// of a training in its folder.</param>
    /// <param name="classes">The classes.</param>
    /// <param name="details">What the report says about itself.</param>
    public SegmentationReport Start(ParseResult parsed, string model, ClassList classes,
        params (string Name, string Value)[] details)
    {
        string? path = parsed.GetValue(_path);
        if (path is not null)
            OutputFile.Prepare(_path.Name, path);
        string now = DateTime.Now.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);
        return new SegmentationReport(classes, OptionValues.Read(parsed, values =>
        {
            SegmentationReportOptions options = new()
            {
                ImageCount = values.GetValue(_images),
                BoundaryDistance = values.GetValue(_boundary),
            };
            return path is null ? options with { ImageCount = 0 } : options with
            {
                Title = $"{Path.GetFileName(model)}: segmentation report",
                Details = [("Model", model), .. details, ("Made", now)],
                LearningCurves = Curves(model),
            };
        }));
    }

    /// <summary>Writes the report and the scores of the images, where they are wanted.</summary>
    public void Save(ParseResult parsed, SegmentationReport report, SemanticSegmentationMetrics metrics)
    {
        if (parsed.GetValue(_path) is not { } path)
            return;
        string table = Path.ChangeExtension(path, ".images.csv");
        report.Save(path);
        OutputFile.Replace(table, temporary => File.WriteAllLines(temporary, metrics.ImageScores
            .Select(image => string.Join(',', MergedResults.Quote(image.Name), Field(image.MeanIoU),
                Field(image.PixelAccuracy), image.LabelledPixels.ToString(CultureInfo.InvariantCulture)))
            .Prepend("image,meanIoU,pixelAccuracy,labelledPixels")));
        Console.WriteLine($"report in {path}, the scores of all images in {table}");

        // What is not defined is empty.
        static string Field(double score) =>
            double.IsNaN(score) ? "" : score.ToString("F6", CultureInfo.InvariantCulture);
    }

    // What lies beside a model may be the log of something else, which is no reason not to score it.
    private static string? Curves(string model)
    {
        try
        {
            string folder = Path.GetDirectoryName(Path.GetFullPath(model))!,
                own = Path.GetFileNameWithoutExtension(model) + ".log.jsonl";
            return TrainingFolder.DrawCurves(Path.Combine(folder, own)) ?? new TrainingFolder(folder).DrawCurves();
        }
        catch (Exception e) when (e is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            Console.Error.WriteLine($"No learning curves: {Failure.Reason(e)}");
            return null;
        }
    }
}
