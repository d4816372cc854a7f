using System.CommandLine;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using FastScnn.ML.Imaging;
using FastScnn.ML.Scoring;
using FastScnn.Tool.Video;
using Spectre.Console;

namespace FastScnn.Tool;

/// <summary><c>fastscnn segment</c>: images or a video in, masks, overlays and class shares out.</summary>
internal static class SegmentCommand
{
    public static Command Create()
    {
        InferenceArguments inference = new();
        ImageArguments images = new(mayBeIncomplete: true);
        RegionArguments regions = new();
        Option<string> model = new("--model", "-m")
        {
            Description = "ONNX file, as 'fastscnn export' writes it",
            Required = true
        };
        Option<string?> input = new("--input", "-i", "--input-pic")
        {
            Description = "Image, folder of images, or video (FFmpeg reads it)"
        };
        Option<string?> list = new("--list")
        {
            Description = "In place of --input: text file that names images, one a line, from its own folder; - for "
                + "standard input"
        };
        Option<string> output = new("--output", "-o", "--outdir")
        {
            Description = "Folder for the results, created when missing; for a video also the name of a video, such as "
                + "overlay.mp4, to draw the classes into",
            Required = true
        };
        Option<string?> shard = new("--shard")
        {
            Description = "Score only a part of the images: i/n, such as 1/16 to 16/16; 'auto' in a task of a Slurm "
                + "array, auto/n in a pod of an indexed Kubernetes Job of n completions"
        };
        Option<bool> skipExisting = new("--skip-existing")
        {
            Description = "Go on where a run ended: leave images that have a mask, and a line in the results file"
        };
        Option<double> opacity = new("--opacity")
        {
            Description = "Weight of the class colours in the overlay, 0 to 1",
            DefaultValueFactory = _ => 0.5
        };
        Option<double?> threshold = new(PseudoLabels.Option)
        {
            Description = "Write masks to train on, named as the images: pixels whose class has a lower probability, 0 "
                + "to 1, are ignored"
        };
        Option<int> jobs = new("--jobs", "-j")
        {
            Description = "Images, batches or frames at a time; 0 for half the cores, in 2..4"
        };
        Option<int> batchSize = new("--batch-size")
        {
            Description = "Images of one size that go through the network in one run, 1 to 1024, for devices that one "
                + "image leaves idle",
            DefaultValueFactory = _ => 1
        };
        VideoArguments video = new();
        Option<bool> json = new("--json") { Description = "Print one JSON object as the last line" };
        Command command = new("segment", "Segment an image, a folder or a list of images, or a video.")
        {
            model, input, list, output, shard, skipExisting, threshold, opacity, jobs, batchSize,
            json
        };
        video.AddTo(command);
        regions.AddTo(command);
        images.AddTo(command);
        inference.AddTo(command);
        command.SetAction((parsed, cancellation) => Failure.Guard(() =>
        {
            if (!VideoSegmentation.IsMeant(parsed.GetValue(input), parsed.GetRequiredValue(output)))
            {
                VideoArguments.RefuseOutput(parsed.GetRequiredValue(output), parsed.GetValue(input));
                video.RefuseForImages(parsed);
                return Task.FromResult(Images(parsed, cancellation));
            }
            VideoArguments.RefuseForVideos(parsed, list, shard, skipExisting, threshold, batchSize,
                regions.Format);
            CheckNumbers(parsed.GetValue(jobs), parsed.GetValue(opacity));
            return video.Read(parsed, new VideoSegmentation
            {
                Model = parsed.GetRequiredValue(model),
                Input = parsed.GetRequiredValue(input)!,
                Output = parsed.GetRequiredValue(output),
                Opacity = parsed.GetValue(opacity),
                Json = parsed.GetValue(json),
                Video = new VideoOptions { MaxConcurrency = parsed.GetValue(jobs) },
                Options = inference.Read(parsed),
                Decoding = images.Read(parsed),
            }).ExecuteAsync(cancellation);
        }));
        return command;

        int Images(ParseResult parsed, CancellationToken cancellation) => new Run(
            parsed.GetRequiredValue(model),
            parsed.GetValue(input),
            parsed.GetValue(list),
            parsed.GetRequiredValue(output),
            parsed.GetValue(shard) is { } text ? Shard.Parse(text, Environment.GetEnvironmentVariable) : null,
            parsed.GetValue(skipExisting),
            parsed.GetValue(opacity),
            parsed.GetValue(jobs),
            parsed.GetValue(json),
            regions.Read(parsed),
            OptionValues.Read(parsed, values => inference.Read(parsed) with
            {
                ConfidenceThreshold = values.GetValue(threshold),
                BatchSize = values.GetValue(batchSize),
            }),
            images.Read(parsed)).Execute(cancellation);
    }

    private static void CheckNumbers(int jobs, double opacity)
    {
        if (jobs < 0)
            throw new ArgumentException($"--jobs is {jobs}, and must be 0 or more.");
        if (opacity is not (>= 0 and <= 1))
            throw new ArgumentException($"--opacity is {opacity}, and must lie in 0..1.");
    }

    private sealed record Run(
        string Model, string? Input, string? List, string Output, Shard? Shard, bool SkipExisting, double Opacity,
        int Jobs, bool Json, RegionOutput? Regions, FastScnnSegmenterOptions Options,
        ImageDecoderOptions Decoding)
    {
        public int Execute(CancellationToken cancellation)
        {
            Check();
            IReadOnlyList<string> unread = [];
            InputImages images = List is null ? InputImages.InFolder(Input!, "--input", Shard, out unread)
                : InputImages.InList(List, "--list", Shard);
            FastScnnSegmenterOptions options = Options with { MaxPixels = Decoding.MaxPixels };
            using FastScnnSegmenter segmenter = options.ConfidenceThreshold is null
                ? FastScnnSegmenter.Load(Model, options) : PseudoLabels.Load(Model, options, Output);
            if (segmenter.FallbackReason is { } reason)
                Console.Error.WriteLine($"No GPU: {OptionWords.Translate(reason)}");
            Directory.CreateDirectory(Output);
            Regions?.Prepare(images, Output, segmenter.Classes, SkipExisting);
            string results = Segment(images, segmenter, cancellation);
            if (Shard is null)
                MergedResults.Write([results], Output, cancellation);
            string? labels = Regions is { IsOfMasks: true }
                ? Regions.WriteAll(results, images, Output, segmenter.Classes, cancellation) : null;

            ResultsSummary summary = ResultsSummary.Read(results);
            if (summary.Segmented > 0)
                AnsiConsole.Write(summary.Draw(segmenter.Classes));
            if (summary.Segmented > 0 || summary.Images == 0)
                Console.WriteLine(Describe(summary, segmenter));
            if (labels is not null)
                Console.WriteLine(labels);
            foreach (string error in summary.Errors())
                Console.Error.WriteLine(error);
            if (Json)
                PrintJson(images, segmenter, unread, results);
            return summary.Segmented == images.Count ? 0 : Failure.ExitCode;
        }

        private void Check()
        {
            if (Input is null == List is null)
                throw new ArgumentException(Input is null ? "Give --input, an image or a folder, or --list."
                    : "Give --input or --list, not both.");
            CheckNumbers(Jobs, Opacity);
            if (Regions is not null && Options.ConfidenceThreshold is not null)
                throw new ArgumentException(
                    $"{PseudoLabels.Option} writes masks to train on, without files of regions; leave it or "
                        + $"{Regions.Option}.");
            if (Regions is { IsOfMasks: true } && Shard is not null)
                throw new ArgumentException(
                    $"{Regions.Option} {Regions.Format} is made of the masks of all images, and --shard scores a part "
                        + "of them. Score and merge the shards; then give this command without --shard and with "
                        + "--skip-existing.");
            if (Regions is { IsToCorrect: true } && !Decoding.ApplyOrientation)
                throw new ArgumentException(
                    $"{RegionOutput.PreLabel} writes labels for tools that show images upright, and --as-stored takes "
                        + "them as they are stored; leave one of the two.");
            // The masks and overlays of one run would be images of the next, or replace images that a list names.
            string folder = List is null ? Input! : Path.Combine(".", InputImages.ListFolder(List));
            if (Directory.Exists(folder) && Path.GetRelativePath(folder, Output) == ".")
                throw new ArgumentException(
                    $"--output is '{Output}', the folder of the {(List is null ? "images" : "list")}; give the results "
                        + "a folder of their own.");
        }

        // The path of the results file.
        private string Segment(InputImages images, FastScnnSegmenter segmenter, CancellationToken cancellation)
        {
            using ResultsWriter results = new(Output, Head(images, segmenter), images, SkipExisting);
            if (results.Kept > 0)
                Console.WriteLine($"{results.Kept} of {images.Count} images were done before");
            AnsiConsole.Progress()
                .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(),
                    new RemainingTimeColumn())
                .Start(progress =>
                {
                    int count = images.Count - results.Kept;
                    ProgressTask task = progress.AddTask($"segmenting {count}", maxValue: count);
                    bool toTrainOn = Options.ConfidenceThreshold is not null;
                    new FolderSegmentation(segmenter, Decoding, Output, Opacity, toTrainOn,
                        Regions is { IsOfMasks: false } ? Regions : null, Options.BatchSize)
                        .Run(images, results, Jobs, () => task.Increment(1), cancellation);
                });
            return results.Path;
        }

        private ResultsHead Head(InputImages images, FastScnnSegmenter segmenter)
        {
            using FileStream model = File.OpenRead(Model);
            return new ResultsHead
            {
                Format = ResultsHead.KnownFormat,
                Model = Convert.ToHexStringLower(SHA256.HashData(model)),
                Options = InferenceArguments.Record(Options.Inference)
                    .Concat(ImageArguments.Record(Decoding))
                    .Append(Options.ConfidenceThreshold is { } threshold
                        ? (PseudoLabels.Option, threshold.ToString(CultureInfo.InvariantCulture))
                        : ("--opacity", Opacity.ToString(CultureInfo.InvariantCulture)))
                    .Concat(Regions?.Record() ?? [])
                    .ToDictionary(pair => pair.Item1, pair => pair.Item2),
                Classes = [.. segmenter.Classes.Select(c => c.Name)],
                Shard = Shard,
                Images = images.Count,
                ListImages = images.Total,
                List = images.Hash,
            };
        }

        private string Describe(ResultsSummary summary, FastScnnSegmenter segmenter)
        {
            string count = $"{summary.Segmented} of {summary.Images} images"
                + (Shard is null ? "" : $" of shard {Shard}");
            return summary.Segmented == 0 ? $"{count}; results in {Output}"
                : $"{count}, {segmenter.ActiveProvider}, {summary.InferenceMs:F1} ms inference an image"
                    + $"{summary.KeptText}; results in {Output}";
        }

        private static void PrintJson(InputImages images, FastScnnSegmenter segmenter, IReadOnlyList<string> unread,
            string results)
        {
            using Stream output = Console.OpenStandardOutput();
            Console.Out.Flush();
            JsonSerializer.Serialize(output, new
            {
                provider = segmenter.ActiveProvider,
                notRead = unread,
                images = ResultsSummary.Results(results).Select(one => new
                {
                    image = images.PathOf(one.Image),
                    error = one.Error,
                    width = one.Width,
                    height = one.Height,
                    mask = one.Mask,
                    overlay = one.Overlay,
                    kept = one.Kept,
                    inferenceMs = one.InferenceMs,
                    shares = one.Shares,
                }),
            });
            output.Write("\n"u8);
        }
    }
}
