using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using FastScnn.ML.Imaging;
using FastScnn.ML.Scoring;
using Microsoft.ML.Data;
using Spectre.Console;

namespace FastScnn.Tool;

/// <summary><c>fastscnn rank</c>: photos in, those that a model is least sure of first, to label next.</summary>
internal static class RankCommand
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
        Option<string?> input = new("--input", "-i") { Description = "Image, or folder of images" };
        Option<string?> list = new("--list")
        {
            Description = "In place of --input: text file that names images, one a line, from its own folder; - for "
                + "standard input"
        };
        Option<int> top = new("--top", "-n") { Description = "How many images to name; 0 for all" };
        Option<string?> output = new("--output", "-o")
        {
            Description = "Also write their paths to this text file, one a line, as 'segment --list' takes them"
        };
        Option<bool> json = new("--json") { Description = "Print one JSON object as the last line" };
        Command command = new("rank", "List the images that a model is least sure of first: their labels would teach "
            + "it most. The measure is the mean over the pixels of 1 less the probability of their class.")
        {
            model, input, list, top, output, json
        };
        images.AddTo(command);
        inference.AddTo(command);
        command.SetAction((parsed, cancellation) => Failure.Guard(() => Task.FromResult(Run(
            parsed.GetRequiredValue(model), parsed.GetValue(input), parsed.GetValue(list), parsed.GetValue(top),
            parsed.GetValue(output), parsed.GetValue(json), inference.Read(parsed), images.Read(parsed),
            cancellation))));
        return command;
    }

    private static int Run(string model, string? input, string? list, int top, string? output, bool json,
        FastScnnSegmenterOptions options, ImageDecoderOptions decoding, CancellationToken cancellation)
    {
        if (input is null == list is null)
            throw new ArgumentException(input is null ? "Give --input, an image or a folder, or --list."
                : "Give --input or --list, not both.");
        if (top < 0)
            throw new ArgumentException($"--top is {top}, and must be 0 or more.");
        if (output is not null)
            OutputFile.Prepare("--output", output);
        InputImages images = list is null ? InputImages.InFolder(input!, "--input", null, out _)
            : InputImages.InList(list, "--list", null);
        using FastScnnSegmenter segmenter = FastScnnSegmenter.Load(model,
            options with { MaxPixels = decoding.MaxPixels });
        if (segmenter.FallbackReason is { } reason)
            Console.Error.WriteLine($"No GPU: {OptionWords.Translate(reason)}");
        List<(string Image, double Uncertainty)> ranked = [];
        List<string> errors = [];
        AnsiConsole.Progress().Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(),
            new RemainingTimeColumn()).Start(progress =>
        {
            ProgressTask task = progress.AddTask("scoring", maxValue: images.Count);
            for (int i = 0; i < images.Count; i++, task.Increment(1))
            {
                cancellation.ThrowIfCancellationRequested();
                string path = images[i].Path;
                try
                {
                    using MLImage image = ImageDecoder.Read(path, decoding);
                    ranked.Add((path, Uncertainty(segmenter.SegmentWithScores(image, scores: null))));
                }
                catch (Exception e) when (e is not OperationCanceledException)
                {
                    // One bad image does not end a folder; it is named at the end and fails the command.
                    string why = Failure.Reason(e, mayBeIncomplete: true);
                    errors.Add(why.Contains(path, StringComparison.Ordinal) ? why : $"{path}: {why}");
                }
            }
        });
        (string Image, double Uncertainty)[] first =
        [
            .. ranked.OrderByDescending(one => one.Uncertainty).ThenBy(one => one.Image, StringComparer.Ordinal)
                .Take(top == 0 ? ranked.Count : top)
        ];
        foreach ((string image, double uncertainty) in first)
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{uncertainty:F4} {image}"));
        if (output is not null)
            OutputFile.Replace(output, temporary => File.WriteAllLines(temporary,
                first.Select(one => FromFolderOf(output, one.Image))));
        foreach (string error in errors)
            Console.Error.WriteLine(error);
        if (json)
            Console.WriteLine(JsonSerializer.Serialize(new
            {
                images = first.Select(one => new { image = one.Image, uncertainty = one.Uncertainty }),
                errors,
            }, ResultsFile.Json));
        return errors.Count == 0 ? 0 : Failure.ExitCode;
    }

    private static string FromFolderOf(string list, string image) =>
        Path.GetRelativePath(Path.GetDirectoryName(Path.GetFullPath(list))!, image)
            .Replace(Path.DirectorySeparatorChar, '/');

    private static double Uncertainty(ScoredSegmentation scored)
    {
        double sum = 0;
        int pixels = 0;
        // Around a region of interest it is 0.
        foreach (float confidence in scored.Confidence.Span)
            if (confidence > 0)
                (sum, pixels) = (sum + 1 - confidence, pixels + 1);
        return sum / pixels;
    }
}
