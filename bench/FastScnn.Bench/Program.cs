// Measures FastScnn; bench/README.md says what and how.
using System.Globalization;
using FastScnn.Bench;
using FastScnn.Bench.Batches;
using FastScnn.Bench.Kernels;
using FastScnn.Bench.Scoring;
using FastScnn.Bench.Serving;
using FastScnn.Bench.Telemetry;
using FastScnn.Bench.Training;
using FastScnn.Bench.Video;

switch (args)
{
    case []:
        int[] codes = [ScoringBench.Run(ScoringBenchSizes.Full), VideoBench.Run(VideoBenchSizes.Full),
            KernelBench.Run(), TrainingBench.Run(TrainingBenchSizes.Full)];
        BenchReport.Combine(Path.Combine(Checkout.Root, "bench", "results.md"), "scoring.md", "video.md", "kernels.md",
            "training.md");
        return codes.Max();
    case ["scoring"]:
        return ScoringBench.Run(ScoringBenchSizes.Full);
    case ["scoring", "--tiny"]:
        return ScoringBench.Run(ScoringBenchSizes.Tiny);
    case ["scoring", var size] when size.Split('x') is [var rows, var columns]:
        return ScoringBench.Run(ScoringBenchSizes.Full with { Sizes = [(Number(rows), Number(columns))] });
    case ["video"]:
        return VideoBench.Run(VideoBenchSizes.Full);
    case ["video", "--tiny"]:
        return VideoBench.Run(VideoBenchSizes.Tiny);
    case ["video", "--flicker"]:
        return VideoBench.Run(VideoBenchSizes.Full with { Sizes = [] });
    case ["kernels"]:
        return KernelBench.Run();
    case ["batches"]:
        return BatchBench.Run(BatchBenchSizes.Full);
    case ["batches", "--tiny"]:
        return BatchBench.Run(BatchBenchSizes.Tiny);
    case ["telemetry"]:
        return TelemetryBench.Run();
    case ["serving"]:
        return await ServingCheck.RunAsync(300);
    case ["serving", var seconds]:
        return await ServingCheck.RunAsync(Number(seconds));
    case ["training"]:
        return TrainingBench.Run(TrainingBenchSizes.Full);
    case ["training", "--record"]:
        int code = TrainingBench.Run(TrainingBenchSizes.Full);
        if (code == 0)
            BenchReport.Replace(Path.Combine(Checkout.Root, "bench", "results.md"), "Training", "training.md");
        return code;
    case ["training", "--tiny"]:
        return TrainingBench.Run(TrainingBenchSizes.Tiny);
    case [ScoringWorker.Command, var peer, var folder, var height, var width, var threads]:
        ScoringWorker.Run(peer, folder, Number(height), Number(width), Number(threads));
        return 0;
    case [MixedSizes.Command, var model, var frames]:
        MixedSizes.Run(model, Number(frames));
        return 0;
    case [TrainingWorker.Command, var side, var threads]:
        TrainingWorker.Run(side, Number(threads));
        return 0;
    case [ProcessesWorker.Command, var joined, var scenes, var result, var size, var batches, var loaders, var threads]:
        ProcessesWorker.Run(joined == ProcessesWorker.Joined, scenes, result, BatchSize.Parse(size), Number(batches),
            Number(loaders), Number(threads));
        return 0;
    default:
        Console.Error.WriteLine("""
            usage: dotnet run -c Release --project bench/FastScnn.Bench -- [scoring [--tiny | HxW] | video [--tiny | --flicker] | kernels | batches [--tiny] | telemetry | serving [SECONDS] | training [--tiny | --record]]

              (nothing)  all four, and writes bench/results.md
              scoring    our transformer and segmenter beside stock ML.NET, plain ONNX Runtime and PyTorch
              HxW        one size alone, height times width
              video      frames a second beside the bare session and decoding alone, and what smoothing does to flicker
              --flicker  smoothing alone, which does not depend on the machine
              kernels    choosing classes, splitting pixels and resizing alone
              batches    several images in one run of the network beside one by one
              telemetry  what meters and activities cost an image, with and without a listener
              serving    the web sample under 16 clients, for five minutes or the seconds given
              training   training beside a plain TorchSharp loop and PyTorch, and on two processes
              --tiny     only shows that it works
              --record   also writes the training part of bench/results.md
            """);
        return 2;
}

static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
