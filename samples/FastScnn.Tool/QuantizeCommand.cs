using System.CommandLine;
using FastScnn.ML.Imaging;
using FastScnn.ML.Quantization;
using FastScnn.Torch.Checkpoints;
using FastScnn.Torch.Onnx;
using Spectre.Console;

namespace FastScnn.Tool;

/// <summary><c>fastscnn quantize</c>: a checkpoint and images in, an 8-bit ONNX file out.</summary>
internal static class QuantizeCommand
{
    public static Command Create()
    {
        QuantizationOptions defaults = new();
        ImageArguments decoder = new();
        Option<string> checkpoint = new("--checkpoint", "-c")
        {
            Description = "Weights: .pth of PyTorch or .safetensors",
            Required = true
        };
        Option<string> images = new("--images", "-p")
        {
            Description = "Folder of images to measure on, such as those the model learned from",
            Required = true
        };
        Option<string> output = new("--output", "-o") { Description = "ONNX file to write", Required = true };
        ClassesOption classes = new();
        Option<double> percentile = new("--percentile")
        {
            Description = "Part of all values that the range keeps, in percent; 100: from the smallest to the largest",
            DefaultValueFactory = _ => defaults.Percentile
        };
        Option<bool> fullRange = new("--full-range")
        {
            Description = "Weights of 8 bits, not 7; only for processors with VNNI"
        };
        Option<string[]> floatLayers = new("--float-layers")
        {
            Description = "Layers to leave in single precision, by their keys or the beginnings of them",
            AllowMultipleArgumentsPerToken = true,
            DefaultValueFactory = _ => [],
        };
        Option<int> count = new("--count")
        {
            Description = "How many images of the folder to measure on, evenly spaced; 0 for all",
            DefaultValueFactory = _ => 100
        };
        Option<int?> height = new("--height") { Description = "Fixes the input height; default: any size" };
        Option<int?> width = new("--width") { Description = "Fixes the input width; default: any size" };
        Option<int> threads = new("--threads")
        {
            Description = "Threads for one image; 0 for one per core",
            DefaultValueFactory = _ => 0
        };
        Command command = new("quantize",
            "Write a checkpoint as an 8-bit ONNX file: faster on processors, and a third of the size.")
        {
            checkpoint, images, output, classes.Option, percentile, fullRange, floatLayers, count, height, width,
            threads,
        };
        decoder.AddTo(command);
        command.SetAction((parsed, cancellation) => Failure.Guard(() =>
        {
            string path = parsed.GetRequiredValue(output);
            IReadOnlyList<string> measured = Some(InputFiles.Find(parsed.GetRequiredValue(images), "--images", out _),
                parsed.GetValue(count));
            ImageDecoderOptions decoding = decoder.Read(parsed);
            QuantizationOptions options = OptionValues.Read(parsed, values => new QuantizationOptions
            {
                Percentile = values.GetValue(percentile),
                FullRangeWeights = parsed.GetValue(fullRange),
                FloatLayers = values.GetValue(floatLayers) ?? [],
                Threads = values.GetValue(threads),
                MaxPixels = decoding.MaxPixels,
                ApplyOrientation = decoding.ApplyOrientation,
                Export = new OnnxExportOptions
                {
                    Height = values.GetValue(height),
                    Width = values.GetValue(width),
                },
            });
            Checkpoint weights = classes.Apply(parsed, Checkpoint.Load(parsed.GetRequiredValue(checkpoint)));
            OutputFile.Prepare(output.Name, path);
            AnsiConsole.Progress().Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(),
                new RemainingTimeColumn()).Start(progress =>
            {
                ProgressTask task = progress.AddTask("measuring", maxValue: measured.Count);
                FastScnnQuantizer.Quantize(weights, measured, path, options, new Bar(task), cancellation);
            });
            Console.WriteLine(
                $"{path}: 8 bits, {weights.ClassCount} classes, measured on {measured.Count} images, "
                    + $"{new FileInfo(path).Length / 1024.0 / 1024.0:F1} MiB");
            if (classes.Advice(weights) is { } advice)
                Console.Error.WriteLine(advice);
            return Task.FromResult(0);
        }));
        return command;
    }

    private static IReadOnlyList<string> Some(IReadOnlyList<string> images, int count)
    {
        if (count < 0)
            throw new ArgumentException($"--count is {count}; expected 1 or more, or 0 for all images.");
        return count == 0 || count >= images.Count ? images
            : [.. Enumerable.Range(0, count).Select(i => images[(int)((long)i * images.Count / count)])];
    }

    // Progress<T> would report from another thread, after the bar has gone.
    private sealed class Bar(ProgressTask task) : IProgress<int>
    {
        public void Report(int value) => task.Value = value;
    }
}
