using System.CommandLine;
using System.Globalization;
using FastScnn.ML.Reporting;
using FastScnn.Torch.Data;
using FastScnn.Torch.Training;

namespace FastScnn.Tool;

/// <summary>The options of a command that writes a report on its scores.</summary>
internal sealed class ReportOptions
{
    private readonly Option<string?> _path = new("--report")
    {
        Description = "HTML file to write: scores, confusion matrix, learning curves, worst and best images"
    };
    private readonly Option<int> _images = new("--report-images")
    {
        Description = "How many of the worst and how many of the best images the report shows",
        DefaultValueFactory = _ => new SegmentationReportOptions().ImageCount,
    };

    public void AddTo(Command command)
    {
        command.Add(_path);
        command.Add(_images);
    }

    /// <summary>Starts the report, if one is wanted; a file that cannot be written shows now, and not after an hour of
    /// scoring.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="model">The model's file; learning curves come from the log beside it: that of its own name, or that
    /// of a training in its folder.</param>
    /// <param name="classes">The classes.</param>
    /// <param name="details">What the report says about itself.</param>
    public SegmentationReport? Start(ParseResult parsed, string model, ClassList classes,
        params (string Name, string Value)[] details)
    {
        if (parsed.GetValue(_path) is not { } path)
            return null;
        OutputFile.Prepare(_path.Name, path);
        string now = DateTime.Now.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);
        return new SegmentationReport(classes, OptionValues.Read(parsed, values => new SegmentationReportOptions
        {
            Title = $"{Path.GetFileName(model)}: segmentation report",
            ImageCount = values.GetValue(_images),
            Details = [("Model", model), .. details, ("Made", now)],
            LearningCurves = Curves(model),
        }));
    }

    /// <summary>Writes the report, if there is one.</summary>
    public void Save(ParseResult parsed, SegmentationReport? report)
    {
        if (report is null || parsed.GetValue(_path) is not { } path)
            return;
        report.Save(path);
        Console.WriteLine($"report in {path}");
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
