// Labelled images -> a large network, which teaches Fast-SCNN.
using System.CommandLine;
using System.Globalization;
using FastScnn.ML.Imaging;
using FastScnn.Teacher;
using FastScnn.Torch.Data;
using FastScnn.Torch.Metrics;
using FastScnn.Torch.Training;

TeacherOptions arguments = new();
RootCommand command = new("Train a ResNet-18 from ImageNet weights with a simple decoder, to teach Fast-SCNN: "
    + "FOLDER/teacher.onnx, of the same classes.");
arguments.AddTo(command);
command.SetAction((parsed, cancellation) => Task.Run(() => Train(parsed, cancellation)));
return await command.Parse(args).InvokeAsync(new()
{
    EnableDefaultExceptionHandler = false,
    ProcessTerminationTimeout = TimeSpan.FromMinutes(1)
});

int Train(ParseResult parsed, CancellationToken cancellation)
{
    try
    {
        ResNet18Package package = ResNet18Package.Read();
        (SegmentationDataset training, SegmentationDataset? validation) = arguments.Open(parsed);
        Print($"{training.Samples.Count} images to learn from, {validation?.Samples.Count ?? 0} to score on");
        using TeacherTraining teacher = new(arguments.Read(parsed, training, package.Normalization), training,
            validation, ImageDecoder.Decode, package);
        SegmentationScores? scores = teacher.Run(Report, cancellation);
        Print($"{teacher.Model}: {scores?.ToString() ?? "not validated"}");
        return 0;
    }
    catch (OperationCanceledException)
    {
        Console.Error.WriteLine("Cancelled; the same command with --resume goes on.");
        return 130;
    }
    catch (Exception e) when (e is IOException or ArgumentException or InvalidOperationException
        or InvalidDataException or TrainingDivergedException)
    {
        Console.Error.WriteLine(e.Message);
        return 1;
    }
}

static void Report(TrainingProgress progress)
{
    if (progress.Scores is { } scores)
        Print($"epoch {progress.Epoch}: loss {progress.MeanLoss:F4}, {scores}");
    else if (progress.Step <= 10 || progress.Step % 10 == 0)
        Print(
            $"epoch {progress.Epoch}/{progress.Epochs}, step {progress.Step}/{progress.Steps}: loss {progress.Loss:F3}, {progress.ImagesPerSecond:F2} images/s, {progress.Remaining?.TotalMinutes:F0} minutes left");
}

static void Print(FormattableString text) => Console.WriteLine(text.ToString(CultureInfo.InvariantCulture));
