using System.CommandLine;
using System.Globalization;
using FastScnn.ML.Imaging;
using FastScnn.ML.Training;
using FastScnn.Torch.Data;
using FastScnn.Torch.Onnx;
using FastScnn.Torch.Training;
using Spectre.Console;

namespace FastScnn.Tool;

/// <summary><c>fastscnn train</c>: images and masks in; weights, a log and an ONNX model out.</summary>
internal static class TrainCommand
{
    public static Command Create()
    {
        DatasetOptions dataset = new();
        RecipeOptions recipe = new();
        ImageArguments images = new();
        Option<string> split = new("--train-split")
        {
            Description = "Split to learn from; several with commas between them",
            DefaultValueFactory = _ => "train"
        };
        Option<string> validationSplit = new("--val-split")
        {
            Description = "Split that selects the best epoch",
            DefaultValueFactory = _ => "val"
        };
        Option<string?> list = new("--train-list")
        {
            Description = "Text file of the images to learn from, one a line, with paths from the root; out of both splits"
        };
        Option<string?> validationList = new("--val-list")
        {
            Description = "Text file of the images that select the best epoch; out of both splits"
        };
        Option<bool> noValidation = new("--no-val")
        {
            Description = "Train without validation and keep the last epoch"
        };
        Option<string> output = new("--output", "-o")
        {
            Description = "Folder for weights, state, logs and model.onnx",
            Required = true
        };
        Option<bool> resume = new("--resume")
        {
            Description = "Go on from the state in the output folder, if there is one"
        };
        Option<string?> distributed = new("--distributed")
        {
            Description = "mpi: train with all processes that mpirun or srun started, each on a slice of every batch"
        };
        distributed.AcceptOnlyFromAmong("mpi");
        Command command = new("train", """
            Train on images and masks. The best weights go to best.safetensors and model.onnx in the output folder, epoch by epoch scores to log.jsonl.
            Ctrl+C, SIGTERM and SIGUSR1 save the state; the same command with --resume goes on from it, and after a crash from the last epoch.
            Example: fastscnn train --root data --output run1 --crop-size 256x320 --epochs 100 --optimizer adamw --lr 0.002
            """);
        dataset.AddTo(command);
        foreach (Option option in new Option[]
        {
            split, validationSplit, list, validationList, noValidation, output, resume, distributed
        })
            command.Add(option);
        images.AddTo(command);
        recipe.AddTo(command);
        command.SetAction((parsed, cancellation) => TrainingProcesses.Run(
            parsed.GetValue(distributed) is not null, cancellation, (processes, stop) =>
        {
            long maxPixels = images.Read(parsed).MaxPixels;
            string[] splits = [parsed.GetRequiredValue(split), parsed.GetRequiredValue(validationSplit)];
            SegmentationDataset training = dataset.Open(parsed, splits[0], parsed.GetValue(list), splits, maxPixels);
            SegmentationDataset? validation = parsed.GetValue(noValidation) ? null
                : dataset.Open(parsed, splits[1], parsed.GetValue(validationList), splits, maxPixels);
            string folder = parsed.GetRequiredValue(output);
            using OnnxTeacher? teacher = recipe.LoadTeacher(parsed, training.Classes, processes);
            TrainingOptions options = recipe.Read(parsed, training, folder, parsed.GetValue(resume),
                processes, teacher?.Teacher);
            if (processes is null or { Rank: 0 } && teacher is not null)
                Console.WriteLine($"taught by {teacher.Teacher.Name}, {teacher.ActiveProvider}");
            if (teacher?.FallbackReason is { } reason)
                Console.Error.WriteLine($"No GPU for the teacher: {OptionWords.Translate(reason)}");
            Train(training, validation, options, ImageDecoder.WithOptions(images.Read(parsed)), folder, stop);
        }));
        return command;
    }

    private static void Train(SegmentationDataset training, SegmentationDataset? validation, TrainingOptions options,
        Func<Stream, PixelBuffer> decoder, string folder, CancellationToken cancellation)
    {
        // The first process speaks and writes for all.
        if (options.Processes is { Rank: > 0 })
        {
            new FastScnnTrainer(options).Train(training, validation, decoder, cancellationToken: cancellation);
            return;
        }
        if (options.Processes is { } processes)
            Console.WriteLine(Invariant(
                $"{processes.Count} processes, {processes.LocalCount} of them on this machine, over {processes.Library}"));
        Console.WriteLine(Invariant(
            $"{training.Samples.Count} images to learn from, {validation?.Samples.Count ?? 0} to validate with, {training.Classes.Count} classes"));
        TrainingResult result = AnsiConsole.Progress()
            .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(),
                new PercentageColumn(), new RemainingTimeColumn())
            .Start(progress => new FastScnnTrainer(options).Train(training, validation, decoder,
                new Bar(progress.AddTask("training")), cancellation));
        string model = Path.Combine(folder, "model.onnx");
        OnnxExporter.Export(result.Weights, model);
        string score = result.Scores is { } scores ? $"{scores} on the validation split"
            : validation is null ? "not validated" : "validated by an older version";
        Console.WriteLine(Invariant(
            $"{model}: epoch {result.Epoch} of {result.Epochs}, {score}{(result.StoppedEarly ? "; stopped early" : "")}"));
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private sealed class Bar(ProgressTask task) : IProgress<TrainingProgress>
    {
        private bool _told;

        public void Report(TrainingProgress value)
        {
            if (!_told && value.Precision != "float32") Console.WriteLine($"precision: {value.Precision}");
            _told = true;
            Warnings.Print(value.Warnings);
            task.MaxValue = value.Steps;
            task.Value = value.Step;
            task.Description = Invariant(
                $"epoch {value.Epoch}/{value.Epochs} loss {Loss(value, "F3")} lr {value.LearningRate:G3} {value.ImagesPerSecond:F1} img/s, {100 * value.DataWaitFraction:F0} % waiting");
            if (value.Scores is { } scores)
                Console.WriteLine(Invariant($"epoch {value.Epoch}: loss {Loss(value, "F4")}, {scores}{Best(value)}"));
        }

        private static string Best(TrainingProgress value) => value switch
        {
            { BestScores: null } => "",
            { BestScores: { } best } when best.MeanIoU == value.Scores?.MeanIoU => " (the best so far)",
            { BestScores: { } best } => $", best mIoU {best.MeanIoUText}",
        };

        // A resume may have nothing left of an epoch but its validation.
        private static string Loss(TrainingProgress value, string format) =>
            double.IsNaN(value.MeanLoss) ? "not known" : value.MeanLoss.ToString(format, CultureInfo.InvariantCulture);
    }
}
