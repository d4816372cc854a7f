using System.CommandLine;
using System.Globalization;
using System.Text.Json;
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
        Option<string> split = new("--split") { Description = "Split to score on", DefaultValueFactory = _ => "val" };
        Option<bool> json = new("--json") { Description = "Print one JSON object as the last line" };
        Command command = new("eval",
            "Score a model on labelled images: mIoU, pixel accuracy and IoU by class, as a page with --report. Each "
                + "image is scored once and whole, unless the options below say otherwise.");
        dataset.AddTo(command);
        foreach (Option option in new Option[] { model, split, json })
            command.Add(option);
        images.AddTo(command);
        inference.AddTo(command);
        reporting.AddTo(command);
        command.SetAction((parsed, cancellation) => Failure.Guard(() =>
        {
            SegmentationDataset samples = dataset.Open(parsed, parsed.GetRequiredValue(split),
                images.Read(parsed).MaxPixels);
            if (samples.Samples.Count == 0)
                throw new InvalidDataException($"The split '{parsed.GetValue(split)}' has no images.");
            ImageDecoderOptions decoding = images.Read(parsed);
            FastScnnSegmenterOptions options = inference.Read(parsed) with { MaxPixels = decoding.MaxPixels };
            using FastScnnSegmenter segmenter = Load(parsed.GetRequiredValue(model), options, samples.Classes);
            if (segmenter.FallbackReason is { } reason)
                Console.Error.WriteLine($"No GPU: {OptionWords.Translate(reason)}");
            string data = $"{parsed.GetRequiredValue<string>("--root")}, {parsed.GetRequiredValue(split)}";
            SegmentationReport? report = reporting.Start(
                parsed, parsed.GetRequiredValue(model), samples.Classes, ("Data", data),
                ("Images scored", InferenceArguments.Describe(options.Inference)),
                ("Runs on", segmenter.ActiveProvider));
            // The masks say what the scores leave out; images take far longer than reading these twice.
            DatasetReport labels = samples.CheckMasks(cancellationToken: cancellation);
            Warnings.Print(labels.ScoreWarnings);
            SegmentationScores scores =
                SegmentationScores.From(Count(samples, segmenter, ImageDecoder.WithOptions(decoding), report,
                    cancellation), samples.Classes.Names);
            Print(samples, scores);
            reporting.Save(parsed, report);
            if (parsed.GetValue(json))
                Console.WriteLine(Json(samples, scores, labels));
            return Task.FromResult(0);
        }));
        return command;
    }

    // A model that names its classes must mean those of the data; one that does not, such as a .pth, is taken to.
    private static FastScnnSegmenter Load(string file, FastScnnSegmenterOptions options, ClassList classes)
    {
        byte[]? exported = Export(file, classes);
        FastScnnSegmenter segmenter = exported is not null
            ? FastScnnSegmenter.Load(exported, options)
            : NamesClasses(file) ? FastScnnSegmenter.Load(file, options)
                : FastScnnSegmenter.Load(file, options with { Classes = classes });
        if (segmenter.Classes.Select(c => c.Name).SequenceEqual(classes.Select(c => c.Name),
            StringComparer.OrdinalIgnoreCase))
            return segmenter;
        string found = string.Join(", ", segmenter.Classes.Select(c => c.Name));
        string? advice = ClassesOption.AdviceFor(segmenter.Classes, classes);
        segmenter.Dispose();
        throw new InvalidDataException(
            $"'{file}' has the classes {found}; the data set has "
                + $"{string.Join(", ", classes.Select(c => c.Name))}.{advice}");
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

    private static ConfusionCounts Count(
        SegmentationDataset samples, FastScnnSegmenter segmenter, Func<Stream, PixelBuffer> decoder,
        SegmentationReport? report,
        CancellationToken cancellation) =>
        AnsiConsole.Progress().Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(),
            new RemainingTimeColumn()).Start(progress =>
        {
            ProgressTask task = progress.AddTask("scoring", maxValue: samples.Samples.Count);
            ConfusionCounts counts = new(samples.Classes.Count);
            Task<(PixelBuffer Image, LabelMap Labels)> next = Task.Run(() => samples.Read(0, decoder), cancellation);
            for (int i = 0; i < samples.Samples.Count; i++, task.Increment(1))
            {
                cancellation.ThrowIfCancellationRequested();
                (PixelBuffer image, LabelMap labels) = next.GetAwaiter().GetResult();
                int following = i + 1;
                // Decoding takes about as long as scoring, on another core.
                if (following < samples.Samples.Count)
                    next = Task.Run(() => samples.Read(following, decoder), cancellation);
                SegmentationMap map = segmenter.Segment(image);
                counts.Add(labels.Ids.Span, map.ClassIds.Span, samples.Classes.IgnoreIndex);
                // A report takes the very names that it was made for, and those of the model may differ in their
                // letters' case.
                report?.Add(samples.Samples[i].Name, image, new SegmentationMap(labels, samples.Classes),
                    new SegmentationMap(new LabelMap(map.Width, map.Height, map.ClassIds.ToArray()), samples.Classes));
            }
            return counts;
        });

    private static void Print(SegmentationDataset samples, SegmentationScores scores)
    {
        Table table = new Table().Border(TableBorder.Simple).AddColumn("class");
        foreach (string column in new[] { "IoU", "precision", "recall" })
            table.AddColumn(new TableColumn(column).RightAligned());
        for (int id = 0; id < samples.Classes.Count; id++)
            table.AddRow(Markup.Escape(samples.Classes[id].Name), Percent(scores.PerClassIoU[id]),
                Percent(scores.PerClassPrecision[id]), Percent(scores.PerClassRecall[id]));
        AnsiConsole.Write(table);
        Console.WriteLine($"{samples.Samples.Count} images: {scores}");
    }

    private static string Json(SegmentationDataset samples, SegmentationScores scores, DatasetReport labels) =>
        JsonSerializer.Serialize(new
        {
            images = samples.Samples.Count,
            labelledPixels = scores.LabelledPixels,
            meanIoU = Finite(scores.MeanIoU),
            classes = scores.ClassNames.Count,
            classesScored = scores.ClassesScored,
            neverSeen = scores.NeverSeen,
            neverLabelled = scores.NeverLabelled,
            pixelAccuracy = Finite(scores.PixelAccuracy),
            meanPixelAccuracy = Finite(scores.MeanPixelAccuracy),
            frequencyWeightedIoU = Finite(scores.FrequencyWeightedIoU),
            warnings = Warnings.Translate(labels.ScoreWarnings),
            perClassIoU = scores.ClassNames.Zip(scores.PerClassIoU)
                .ToDictionary(item => item.First, item => Finite(item.Second)),
        });

    private static string Percent(double share) =>
        double.IsNaN(share) ? "-" : (100 * share).ToString("F2", CultureInfo.InvariantCulture);

    // JSON has no NaN: a class that is neither labelled nor predicted is null.
    private static double? Finite(double value) => double.IsFinite(value) ? value : null;
}
