using System.CommandLine;
using FastScnn.ML;
using Microsoft.ML.Data;
using Spectre.Console;

namespace FastScnn.Cli;

/// <summary><c>fastscnn segment</c>: photos in, masks, overlays and class shares out.</summary>
internal static class SegmentCommand
{
    public static Command Create()
    {
        InferenceArguments inference = new();
        Option<string> model = new("--model", "-m") { Description = "ONNX file, as 'fastscnn export' writes it", Required = true };
        Option<string> input = new("--input", "-i", "--input-pic") { Description = "Photo, or folder of photos", Required = true };
        Option<string> output = new("--output", "-o", "--outdir") { Description = "Folder for the results; created when missing", Required = true };
        Option<double> opacity = new("--opacity") { Description = "Weight of the class colours in the overlay, 0 to 1", DefaultValueFactory = _ => 0.5 };
        Command command = new("segment", "Segment a photo or a folder of photos.") { model, input, output, opacity };
        inference.AddTo(command);
        command.SetAction((parsed, cancellation) => Failure.Guard(() => Task.FromResult(Run(
            parsed.GetRequiredValue(model),
            parsed.GetRequiredValue(input),
            parsed.GetRequiredValue(output),
            parsed.GetValue(opacity),
            inference.Read(parsed),
            cancellation))));
        return command;
    }

    private static int Run(string model, string input, string output, double opacity, FastScnnSegmenterOptions options, CancellationToken cancellation)
    {
        if (opacity is not (>= 0 and <= 1))
            throw new ArgumentException($"--opacity is {opacity}, and must lie in 0..1.");
        IReadOnlyList<string> photos = PhotoFiles.Find(input);
        IReadOnlyList<string> names = PhotoFiles.ResultNames(photos);
        using FastScnnSegmenter segmenter = FastScnnSegmenter.Load(model, options);
        if (segmenter.FallbackReason is { } reason)
            Console.Error.WriteLine($"No GPU: {reason}");
        Directory.CreateDirectory(output);

        ShareTable shares = new(segmenter.Classes);
        List<string> faults = [];
        TimeSpan inference = default;
        AnsiConsole.Progress().Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn()).Start(progress =>
        {
            ProgressTask task = progress.AddTask($"segmenting {photos.Count}", maxValue: photos.Count);
            for (int i = 0; i < photos.Count; i++, task.Increment(1))
            {
                cancellation.ThrowIfCancellationRequested();
                try
                {
                    // By path first: that refuses a photo by the size it claims, before anything decodes it.
                    SegmentationMap map = segmenter.Segment(photos[i]);
                    using MLImage photo = MLImage.CreateFromFile(photos[i]);
                    using MLImage overlay = map.Overlay(photo, opacity);
                    map.SavePng(Path.Combine(output, names[i] + "_mask.png"));
                    SaveWhole(overlay, Path.Combine(output, names[i] + "_overlay.png"));
                    shares.Add(names[i], map);
                    inference += map.Timings.Inference;
                }
                catch (Exception e) when (e is not OperationCanceledException)
                {
                    // One bad photo does not end a folder; it is named at the end and fails the command.
                    faults.Add(e.Message.Contains(photos[i], StringComparison.Ordinal) ? e.Message : $"{photos[i]}: {e.Message}");
                }
            }
        });

        if (shares.Count > 0)
        {
            shares.Save(Path.Combine(output, "shares.csv"));
            AnsiConsole.Write(shares.Draw());
            Console.WriteLine($"{shares.Count} of {photos.Count} photos, {segmenter.ActiveProvider}, {inference.TotalMilliseconds / shares.Count:F1} ms inference a photo; results in {output}");
        }
        foreach (string fault in faults)
            Console.Error.WriteLine(fault);
        return faults.Count == 0 ? 0 : Failure.ExitCode;
    }

    // MLImage chooses the format by the extension, so the temporary name keeps it.
    private static void SaveWhole(MLImage image, string path)
    {
        string temporary = path + ".tmp.png";
        image.Save(temporary);
        File.Move(temporary, path, overwrite: true);
    }
}
