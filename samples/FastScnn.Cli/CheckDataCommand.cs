using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using FastScnn.ML;
using FastScnn.Torch.Data;
using Spectre.Console;

namespace FastScnn.Cli;

/// <summary><c>fastscnn check-data</c>: everything that is wrong with a data set, before a training run finds it.</summary>
internal static class CheckDataCommand
{
    public static Command Create()
    {
        DatasetOptions dataset = new();
        ImageArguments images = new();
        Option<string[]> splits = new("--split") { Description = "Splits to read; voc knows 'all' too", AllowMultipleArgumentsPerToken = true, DefaultValueFactory = _ => ["train", "val"] };
        Option<bool> json = new("--json") { Description = "Print one JSON object as the last line" };
        Command command = new("check-data", "Read every photo and label of a data set; print counts, sizes, class frequencies and every fault. Exit code 1 where there is one.");
        dataset.AddTo(command);
        command.Add(splits);
        images.AddTo(command);
        command.Add(json);
        command.SetAction((parsed, cancellation) => Failure.Guard(() =>
        {
            PhotoDecoder decoder = MLImagePhotoDecoder.Create(images.Read(parsed));
            List<CheckedSplit> results = [];
            foreach (string split in parsed.GetRequiredValue(splits))
            {
                try
                {
                    SegmentationDataset opened = dataset.Open(parsed, split, allowUnpaired: true);
                    results.Add(new CheckedSplit(split, opened.Classes, Check(split, opened, decoder, cancellation), null));
                }
                catch (Exception e) when (e is IOException or InvalidDataException)
                {
                    // A split that cannot be opened is a fault like others; the next one is still read.
                    Console.Error.WriteLine($"fault: {e.Message}");
                    results.Add(new CheckedSplit(split, null, null, e.Message));
                }
            }
            if (parsed.GetValue(json))
                Console.WriteLine(JsonSerializer.Serialize(new { splits = results.Select(result => result.ToJson()) }));
            return Task.FromResult(results.All(result => result.Faults.Count == 0) ? 0 : Failure.ExitCode);
        }));
        return command;
    }

    private static DatasetReport Check(string split, SegmentationDataset dataset, PhotoDecoder decoder, CancellationToken cancellation)
    {
        DatasetReport report = AnsiConsole.Progress().Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn()).Start(progress =>
        {
            ProgressTask task = progress.AddTask($"reading {Markup.Escape(split)}", maxValue: dataset.Samples.Count);
            DatasetReport found = DatasetCheck.Run(dataset, decoder, new Steps(task), cancellation);
            return found with { Faults = [.. found.Faults.Select(fault => ImageArguments.InOptions(fault))] };
        });
        Console.WriteLine(Invariant($"{split}: {report.SampleCount} pairs, {report.SoundCount} sound; {dataset.Classes.Count} classes, {dataset.Classes.IgnoreIndex} ignored"));
        Console.WriteLine("sizes: " + string.Join(", ", report.PhotoSizes.Take(8).Select(size => Invariant($"{size.Width} x {size.Height} ({size.Count})")))
            + (report.PhotoSizes.Count > 8 ? Invariant($" and {report.PhotoSizes.Count - 8} more") : ""));
        AnsiConsole.Write(Draw(dataset.Classes, report));
        foreach (string warning in report.Warnings)
            Console.WriteLine($"warning: {warning}");
        foreach (string fault in report.Faults)
            Console.Error.WriteLine($"fault: {fault}");
        Console.WriteLine(Invariant($"{split}: {report.Faults.Count} faults, {report.Warnings.Count} warnings"));
        return report;
    }

    private static Table Draw(ClassList classes, DatasetReport report)
    {
        double all = Math.Max(1, report.ClassPixels.Sum() + report.IgnoredPixels);
        Table table = new Table().Border(TableBorder.Simple).AddColumn("id").AddColumn("class")
            .AddColumn(new TableColumn("pixels").RightAligned()).AddColumn(new TableColumn("share").RightAligned()).AddColumn(new TableColumn("labels").RightAligned());
        for (int id = 0; id < classes.Count; id++)
        {
            SegmentationClass c = classes[id];
            Row($"{id}", $"[rgb({c.Red},{c.Green},{c.Blue})]██[/] {Markup.Escape(c.Name)}", report.ClassPixels[id], $"{report.ClassSamples[id]}");
        }
        Row($"{classes.IgnoreIndex}", "   ignored", report.IgnoredPixels, "");
        return table;

        void Row(string id, string name, long pixels, string labels) =>
            table.AddRow(new Text(id), new Markup(name), new Text(Invariant($"{pixels}")), new Text(Invariant($"{100 * pixels / all:F2} %")), new Text(labels));
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private sealed class Steps(ProgressTask task) : IProgress<int>
    {
        public void Report(int value) => task.Value = value;
    }
}
