using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using FastScnn.ML.Evaluation;
using FastScnn.ML.Imaging;
using FastScnn.ML.Reporting;
using FastScnn.ML.Scoring;
using FastScnn.Torch.Checkpoints;
using FastScnn.Torch.Data;
using FastScnn.Torch.Metrics;
using FastScnn.Torch.Onnx;
using Spectre.Console;

namespace FastScnn.Tool;

/// <summary><c>fastscnn eval</c>: scores a model on the labelled images of a data set.</summary>
internal static class EvalCommand
{
    public static Command Create()
    {
        DatasetOptions dataset = new();
        ImageArguments images = new();
        InferenceArguments inference = new();
        ReportOptions reporting = new();
        Option<string> model = new("--model", "-m")
        {
            Description = "ONNX file, or weights: .pth or .safetensors",
            Required = true
        };
        Option<string> split = new("--split")
        {
            Description = "Split to score on; several with commas between them",
            DefaultValueFactory = _ => "val"
        };
        Option<string?> list = new("--list")
        {
            Description = "Text file of the images of the split to score on, one a line, with paths from the root"
        };
        Option<bool> json = new("--json") { Description = "Print one JSON object as the last line" };
        Option<bool> calibration = new("--calibration")
        {
            Description = "Measure how far the confidence can be trusted, as expected calibration error and curve; "
                + "takes about half as long again"
        };
        Command command = new("eval",
            "Score a model on labelled images: mIoU, pixel accuracy, IoU and boundary IoU by class, and the scores of "
                + "each image, as a page with --report. Each image is scored once and whole, unless the options below "
                + "say otherwise.");
        dataset.AddTo(command);
        foreach (Option option in new Option[] { model, split, list, json, calibration })
            command.Add(option);
        images.AddTo(command);
        inference.AddTo(command);
        reporting.AddTo(command);
        command.SetAction((parsed, cancellation) => Failure.Guard(() =>
        {
            SegmentationDataset samples = dataset.Open(parsed, parsed.GetRequiredValue(split), parsed.GetValue(list),
                [parsed.GetRequiredValue(split)], images.Read(parsed).MaxPixels);
            if (samples.Samples.Count == 0)
                throw new InvalidDataException($"The split '{parsed.GetValue(split)}' has no images.");
            ImageDecoderOptions decoding = images.Read(parsed);
            FastScnnSegmenterOptions options = inference.Read(parsed) with { MaxPixels = decoding.MaxPixels };
            using FastScnnSegmenter segmenter = Load(parsed.GetRequiredValue(model), options, samples.Classes);
            if (segmenter.FallbackReason is { } reason)
                Console.Error.WriteLine($"No GPU: {OptionWords.Translate(reason)}");
            string data = $"{parsed.GetRequiredValue<string>("--root")}, "
                + $"{parsed.GetValue(list) ?? parsed.GetRequiredValue(split)}";
            SegmentationReport report = reporting.Start(
                parsed, parsed.GetRequiredValue(model), samples.Classes, ("Data", data),
                ("Images scored", InferenceArguments.Describe(options.Inference)),
                ("Runs on", segmenter.ActiveProvider));
            // The masks say what the scores leave out; images take far longer than reading these twice.
            DatasetReport labels = samples.CheckMasks(cancellationToken: cancellation);
            Warnings.Print(labels.ScoreWarnings);
            Count(samples, segmenter, ImageDecoder.WithOptions(decoding), parsed.GetValue(calibration), report,
                cancellation);
            SemanticSegmentationMetrics metrics = report.GetMetrics();
            Print(metrics);
            reporting.Save(parsed, report, metrics);
            if (parsed.GetValue(json))
                Console.WriteLine(Json(metrics, labels));
            return Task.FromResult(0);
        }));
        return command;
    }

    // A model that names its classes must mean those of the data; one that does not, such as a .pth, is taken to.
    private static FastScnnSegmenter Load(string file, FastScnnSegmenterOptions options, ClassList classes)
    {
        byte[]? exported = Export(file, classes);
        FastScnnSegmenter segmenter = Open(exported is not null || NamesClasses(file) ? options
            : options with { Classes = classes });
        if (segmenter.Classes.HasSameNames(classes))
            return segmenter;
        if (segmenter.Classes.Select(c => c.Name).SequenceEqual(classes.Select(c => c.Name),
            StringComparer.OrdinalIgnoreCase))
        {
            segmenter.Dispose();
            return Open(options with { Classes = classes });
        }
        string found = string.Join(", ", segmenter.Classes.Select(c => c.Name));
        string? advice = ClassesOption.AdviceFor(segmenter.Classes, classes);
        segmenter.Dispose();
        throw new InvalidDataException(
            $"'{file}' has the classes {found}; the data set has "
                + $"{string.Join(", ", classes.Select(c => c.Name))}.{advice}");

        FastScnnSegmenter Open(FastScnnSegmenterOptions settings) => exported is not null
            ? FastScnnSegmenter.Load(exported, settings) : FastScnnSegmenter.Load(file, settings);
    }

    // Weights have no runtime of their own here: they are exported first, and so scored as they will be used.
    private static byte[]? Export(string file, ClassList classes)
    {
        if (!file.EndsWith(".pth", StringComparison.OrdinalIgnoreCase)
            && !file.EndsWith(".safetensors", StringComparison.OrdinalIgnoreCase))
            return null;
        Checkpoint weights = Checkpoint.Load(file);
        using MemoryStream onnx = new();
        OnnxExporter.Export(weights.WithInfo(weights.Info with { Classes = weights.Info.Classes ?? classes }), onnx);
        return onnx.ToArray();
    }

    // Every file of ours has this entry; looked for as bytes, so that a file of another tool needs no session to find
    // out.
    private static bool NamesClasses(string file) =>
        File.Exists(file) && File.ReadAllBytes(file).AsSpan().IndexOf("fastscnn.classes"u8) >= 0;

    private static void Count(SegmentationDataset samples, FastScnnSegmenter segmenter,
        Func<Stream, PixelBuffer> decoder, bool calibration, SegmentationReport report,
        CancellationToken cancellation) =>
        AnsiConsole.Progress().Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(),
            new RemainingTimeColumn()).Start(progress =>
        {
            ProgressTask task = progress.AddTask("scoring", maxValue: samples.Samples.Count);
            Task<(PixelBuffer Image, LabelMap Labels)> next = Task.Run(() => samples.Read(0, decoder), cancellation);
            for (int i = 0; i < samples.Samples.Count; i++, task.Increment(1))
            {
                cancellation.ThrowIfCancellationRequested();
                (PixelBuffer image, LabelMap labels) = next.GetAwaiter().GetResult();
                int following = i + 1;
                // Decoding takes about as long as scoring, on another core.
                if (following < samples.Samples.Count)
                    next = Task.Run(() => samples.Read(following, decoder), cancellation);
                string name = samples.Samples[i].Name;
                SegmentationMap label = new(labels, samples.Classes);
                if (calibration)
                    report.Add(name, image, label, segmenter.SegmentWithScores(image, scores: null));
                else
                    report.Add(name, image, label, segmenter.Segment(image));
            }
        });

    private static void Print(SemanticSegmentationMetrics metrics)
    {
        Table table = new Table().Border(TableBorder.Simple).AddColumn("class");
        foreach (string column in new[] { "IoU", "boundary IoU", "precision", "recall" })
            table.AddColumn(new TableColumn(column).RightAligned());
        for (int id = 0; id < metrics.Classes.Count; id++)
            table.AddRow(Markup.Escape(metrics.Classes[id].Name), Percent(metrics.PerClassIoU[id]),
                Percent(metrics.PerClassBoundaryIoU[id]), Percent(metrics.PerClassPrecision[id]),
                Percent(metrics.PerClassRecall[id]));
        AnsiConsole.Write(table);
        Console.WriteLine($"{metrics.Rows} images: {metrics}");
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"boundary IoU {Percent(metrics.MeanBoundaryIoU)} % (within {100 * metrics.BoundaryDistance:0.##} % of the ")
            + "image's diagonal)");
        if (metrics.Calibration is { } calibration)
            Console.WriteLine($"expected calibration error {Percent(calibration.ExpectedCalibrationError)} %");
        if (metrics is { WorstImage: { } worst, MedianImage: { } median, BestImage: { } best })
            Console.WriteLine($"mIoU by image: worst {Percent(worst.MeanIoU)} % ({worst.Name}), median "
                + $"{Percent(median.MeanIoU)} % ({median.Name}), best {Percent(best.MeanIoU)} % ({best.Name})");
    }

    private static string Json(SemanticSegmentationMetrics metrics, DatasetReport labels) =>
        JsonSerializer.Serialize(new
        {
            images = metrics.Rows,
            labelledPixels = metrics.LabelledPixels,
            meanIoU = Finite(metrics.MeanIoU),
            classes = metrics.ClassNames.Count,
            classesScored = metrics.ClassesScored,
            neverSeen = metrics.NeverSeen,
            neverLabelled = metrics.NeverLabelled,
            pixelAccuracy = Finite(metrics.PixelAccuracy),
            meanPixelAccuracy = Finite(metrics.MeanPixelAccuracy),
            frequencyWeightedIoU = Finite(metrics.FrequencyWeightedIoU),
            boundaryDistance = metrics.BoundaryDistance,
            meanBoundaryIoU = Finite(metrics.MeanBoundaryIoU),
            calibration = metrics.Calibration,
            warnings = Warnings.Translate(labels.ScoreWarnings),
            perClassIoU = ByClass(metrics, metrics.PerClassIoU),
            perClassBoundaryIoU = ByClass(metrics, metrics.PerClassBoundaryIoU),
            worstImage = metrics.WorstImage?.Name,
            medianImage = metrics.MedianImage?.Name,
            bestImage = metrics.BestImage?.Name,
            imageScores = metrics.ImageScores,
        }, ResultsFile.Json);

    private static Dictionary<string, double?> ByClass(SegmentationScores scores, IReadOnlyList<double> values) =>
        scores.ClassNames.Zip(values).ToDictionary(item => item.First, item => Finite(item.Second));

    private static string Percent(double share) =>
        double.IsNaN(share) ? "-" : (100 * share).ToString("F2", CultureInfo.InvariantCulture);

    // JSON has no NaN: a class that is neither labelled nor predicted is null.
    private static double? Finite(double value) => double.IsFinite(value) ? value : null;
}
