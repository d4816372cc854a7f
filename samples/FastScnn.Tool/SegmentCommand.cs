using System.CommandLine;
using System.Text.Json;
using FastScnn.ML.Imaging;
using FastScnn.ML.Scoring;
using Spectre.Console;

namespace FastScnn.Tool;

/// <summary><c>fastscnn segment</c>: images in, masks, overlays and class shares out.</summary>
internal static class SegmentCommand
{
    public static Command Create()
    {
        InferenceArguments inference = new();
        ImageArguments images = new(mayBeIncomplete: true);
        Option<string> model = new("--model", "-m")
        {
            Description = "ONNX file, as 'fastscnn export' writes it",
            Required = true
        };
        Option<string> input = new("--input", "-i", "--input-pic")
        {
            Description = "Image, or folder of images",
            Required = true
        };
        Option<string> output = new("--output", "-o", "--outdir")
        {
            Description = "Folder for the results; created when missing",
            Required = true
        };
        Option<double> opacity = new("--opacity")
        {
            Description = "Weight of the class colours in the overlay, 0 to 1",
            DefaultValueFactory = _ => 0.5
        };
        Option<int> jobs = new("--jobs", "-j") { Description = "Images at a time; 0 for half the cores, in 2..4" };
        Option<bool> json = new("--json") { Description = "Print one JSON object as the last line" };
        Command command = new("segment", "Segment an image or a folder of images.")
        {
            model, input, output, opacity, jobs, json
        };
        images.AddTo(command);
        inference.AddTo(command);
        command.SetAction((parsed, cancellation) => Failure.Guard(() => Task.FromResult(Run(
            parsed.GetRequiredValue(model),
            parsed.GetRequiredValue(input),
            parsed.GetRequiredValue(output),
            parsed.GetValue(opacity),
            parsed.GetValue(jobs),
            parsed.GetValue(json),
            inference.Read(parsed),
            images.Read(parsed),
            cancellation))));
        return command;
    }

    private static int Run(
        string model, string input, string output, double opacity, int jobs, bool json,
        FastScnnSegmenterOptions options, ImageDecoderOptions decoding, CancellationToken cancellation)
    {
        if (jobs < 0)
            throw new ArgumentException($"--jobs is {jobs}, and must be 0 or more.");
        if (opacity is not (>= 0 and <= 1))
            throw new ArgumentException($"--opacity is {opacity}, and must lie in 0..1.");
        // The masks and overlays of one run would be images of the next.
        if (Directory.Exists(input) && Path.GetRelativePath(input, output) == ".")
            throw new ArgumentException(
                $"--output is '{output}', the folder of the images; give the results a folder of their own.");
        IReadOnlyList<string> images = InputFiles.Find(input, "--input", out IReadOnlyList<string> unread);
        IReadOnlyList<string> names = InputFiles.ResultNames(images);
        using FastScnnSegmenter segmenter = FastScnnSegmenter.Load(model,
            options with { MaxPixels = decoding.MaxPixels });
        if (segmenter.FallbackReason is { } reason)
            Console.Error.WriteLine($"No GPU: {OptionWords.Translate(reason)}");
        Directory.CreateDirectory(output);

        SegmentedImage[] results = AnsiConsole.Progress()
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(),
                new RemainingTimeColumn())
            .Start(progress =>
            {
                ProgressTask task = progress.AddTask($"segmenting {images.Count}", maxValue: images.Count);
                return new FolderSegmentation(segmenter, decoding, output, opacity).Run(images, names, jobs,
                    () => task.Increment(1), cancellation);
            });
        SegmentedImage[] segmented = [.. results.Where(result => result.Fault is null)];
        if (segmented.Length > 0)
        {
            ShareTable shares = new(segmenter.Classes, segmented);
            shares.Save(Path.Combine(output, "shares.csv"));
            AnsiConsole.Write(shares.Draw());
            Console.WriteLine(
                $"{segmented.Length} of {images.Count} images, {segmenter.ActiveProvider}, "
                    + $"{segmented.Average(one => one.Inference.TotalMilliseconds):F1} ms inference an image; "
                    + $"results in {output}");
        }
        foreach (SegmentedImage failed in results.Where(result => result.Fault is not null))
            Console.Error.WriteLine(failed.Fault);
        if (json)
            Console.WriteLine(Json(segmenter, results, unread));
        return segmented.Length == images.Count ? 0 : Failure.ExitCode;
    }

    private static string Json(FastScnnSegmenter segmenter, IEnumerable<SegmentedImage> results,
        IReadOnlyList<string> unread) => JsonSerializer.Serialize(new
        {
            provider = segmenter.ActiveProvider,
            notRead = unread,
            images = results.Select(one => new
            {
                image = one.Image,
                error = one.Fault,
                width = one.Width,
                height = one.Height,
                mask = one.Fault is null ? one.Name + "_mask.png" : null,
                overlay = one.Fault is null ? one.Name + "_overlay.png" : null,
                inferenceMs = one.Inference.TotalMilliseconds,
                shares = one.ClassFractions.Select((share, id) => (segmenter.Classes[id].Name, share))
                    .ToDictionary(pair => pair.Name, pair => pair.share),
            }),
        });
}
