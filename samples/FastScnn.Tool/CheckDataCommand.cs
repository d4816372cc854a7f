using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using FastScnn.ML.Imaging;
using FastScnn.Torch.Data;
using FastScnn.Torch.Training;
using Spectre.Console;

namespace FastScnn.Tool;

/// <summary><c>fastscnn check-data</c>: everything that is wrong with a data set, before a training run finds
/// it.</summary>
internal static class CheckDataCommand
{
    public static Command Create()
    {
        DatasetOptions dataset = new();
        ImageArguments images = new();
        Option<string[]> splits = new("--split")
        {
            Description = "Splits to read; voc knows 'all' too",
            AllowMultipleArgumentsPerToken = true,
            DefaultValueFactory = _ => ["train", "val"]
        };
        Option<string[]> lists = new("--list")
        {
            Description = "Text files of images of these splits, one a line, with paths from the root; each is read as a split of its own",
            AllowMultipleArgumentsPerToken = true,
        };
        Option<int> batchSize = new("--batch-size")
        {
            Description = "Batch size that training will have; the first split is the one to learn from",
            DefaultValueFactory = _ => new TrainingOptions().BatchSize
        };
        Option<bool> json = new("--json") { Description = "Print one JSON object as the last line" };
        Command command = new("check-data",
            "Read every image and mask of a data set; print counts, sizes, class frequencies and every fault. Exit "
                + "code 1 where there is one.");
        dataset.AddTo(command);
        command.Add(splits);
        command.Add(lists);
        images.AddTo(command);
        command.Add(batchSize);
        command.Add(json);
        command.SetAction((parsed, cancellation) => Failure.Guard(() =>
        {
            Func<Stream, PixelBuffer> decoder = ImageDecoder.WithOptions(images.Read(parsed));
            List<CheckedSplit> results = [];
            string[] all = parsed.GetRequiredValue(splits);
            string[] named = parsed.GetValue(lists) ?? [];
            foreach (string split in named.Length > 0 ? named : all)
            {
                try
                {
                    SegmentationDataset opened = dataset.Open(parsed, split, named.Length > 0 ? split : null, all,
                        images.Read(parsed).MaxPixels, allowUnpaired: true);
                    results.Add(new CheckedSplit(split, opened.Classes, Check(split, opened, decoder, cancellation),
                        null));
                }
                catch (Exception e) when (e is IOException or InvalidDataException)
                {
                    // A split that cannot be opened is a fault like others; the next one is still read.
                    Console.Error.WriteLine($"fault: {Failure.Reason(e)}");
                    results.Add(new CheckedSplit(split, null, null, Failure.Reason(e)));
                }
            }
            IReadOnlyList<string>[] together =
            [
                .. results.Select((result, i) =>
                    Together(results[0], result, first: i == 0, parsed.GetValue(batchSize)))
            ];
            Warnings.Print(together.SelectMany(warnings => warnings));
            if (parsed.GetValue(json))
                Console.WriteLine(JsonSerializer.Serialize(
                    new { splits = results.Select((result, i) => result.ToJson(together[i])) }));
            return Task.FromResult(results.All(result => result.Faults.Count == 0) ? 0 : Failure.ExitCode);
        }));
        return command;
    }

    // The first split is learned from, the others are scored on.
    private static IReadOnlyList<string> Together(CheckedSplit training, CheckedSplit split, bool first,
        int batchSize) => (training.Report, split.Report) switch
        {
            ({ } report, _) when first => report.CompareWithBatch(batchSize),
            ({ } learned, { } scored) => learned.CompareWith(scored, split.Classes!),
            _ => [],
        };

    private static DatasetReport Check(string split, SegmentationDataset dataset, Func<Stream, PixelBuffer> decoder,
        CancellationToken cancellation)
    {
        DatasetReport report = AnsiConsole.Progress()
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(),
                new RemainingTimeColumn()).Start(progress =>
        {
            ProgressTask task = progress.AddTask($"reading {Markup.Escape(split)}", maxValue: dataset.Samples.Count);
            DatasetReport found = dataset.Check(decoder, new Steps(task), cancellation);
            return found with { Faults = [.. found.Faults.Select(fault => ImageArguments.InOptions(fault))] };
        });
        Console.WriteLine(Invariant(
            $"{split}: {report.SampleCount} pairs, {report.ValidCount} sound; {dataset.Classes.Count} classes, {dataset.Classes.IgnoreIndex} ignored"));
        Console.WriteLine("sizes: "
            + string.Join(", ", report.ImageSizes.Take(8)
                .Select(size => Invariant($"{size.Width} x {size.Height} ({size.Count})")))
            + (report.ImageSizes.Count > 8 ? Invariant($" and {report.ImageSizes.Count - 8} more") : ""));
        AnsiConsole.Write(Draw(dataset.Classes, report));
        Warnings.Print(report.Warnings);
        foreach (string fault in report.Faults)
            Console.Error.WriteLine($"fault: {OptionWords.Translate(fault)}");
        Console.WriteLine(Invariant($"{split}: {report.Faults.Count} faults, {report.Warnings.Count} warnings"));
        return report;
    }

    private static Table Draw(ClassList classes, DatasetReport report)
    {
        double all = Math.Max(1, report.ClassPixels.Sum() + report.IgnoredPixels);
        Table table = new Table().Border(TableBorder.Simple).AddColumn("id").AddColumn("class")
            .AddColumn(new TableColumn("pixels").RightAligned()).AddColumn(new TableColumn("share").RightAligned())
            .AddColumn(new TableColumn("masks").RightAligned());
        for (int id = 0; id < classes.Count; id++)
        {
            SegmentationClass c = classes[id];
            Row($"{id}", $"[rgb({c.Red},{c.Green},{c.Blue})]██[/] {Markup.Escape(c.Name)}", report.ClassPixels[id],
                $"{report.ClassSamples[id]}");
        }
        Row($"{classes.IgnoreIndex}", "   ignored", report.IgnoredPixels, "");
        return table;

        void Row(string id, string name, long pixels, string labels) =>
            table.AddRow(new Text(id), new Markup(name), new Text(Invariant($"{pixels}")),
                new Text(Invariant($"{100 * pixels / all:F2} %")), new Text(labels));
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private sealed class Steps(ProgressTask task) : IProgress<int>
    {
        public void Report(int value) => task.Value = value;
    }
}

/// <summary>What was found in a split.</summary>
/// <param name="Split">Its name.</param>
/// <param name="Classes">Its classes; null where it could not be opened.</param>
/// <param name="Report">What was counted; null where it could not be opened.</param>
/// <param name="Fault">Why it could not be opened; null where it was.</param>
internal sealed record CheckedSplit(string Split, ClassList? Classes, DatasetReport? Report, string? Fault)
{
    public IReadOnlyList<string> Faults => Fault is not null ? [Fault] : Report!.Faults;

    /// <param name="warnings">What shows only by this split and another together, or by the options of
    /// training.</param>
    public object ToJson(IReadOnlyList<string> warnings) => new
    {
        split = Split,
        samples = Report?.SampleCount ?? 0,
        sound = Report?.ValidCount ?? 0,
        classPixels = Classes?.Select((one, id) => (one.Name, Pixels: Report!.ClassPixels[id]))
            .ToDictionary(pair => pair.Name, pair => pair.Pixels),
        ignoredPixels = Report?.IgnoredPixels ?? 0,
        warnings = Warnings.Translate([.. Report?.Warnings ?? [], .. warnings]),
        faults = Warnings.Translate(Faults),
    };
}
