// Measures FastScnn; bench/README.md says what and how.
using System.Globalization;
using FastScnn.Bench.Scoring;
using FastScnn.Bench.Training;

switch (args)
{
    case [] or ["scoring"]:
        ScoringBench.Run();
        return 0;
    case ["training"]:
        return TrainingBench.Run(TrainingBenchSizes.Full);
    case ["training", "--tiny"]:
        return TrainingBench.Run(TrainingBenchSizes.Tiny);
    case [TrainingWorker.Command, var threads]:
        TrainingWorker.Run(int.Parse(threads, CultureInfo.InvariantCulture));
        return 0;
    default:
        Console.Error.WriteLine("""
            usage: ./build.sh bench [scoring | training [--tiny]]

              scoring    the segmenter beside the bare ONNX Runtime session (default)
              training   training beside PyTorch; --tiny only shows that it works
            """);
        return 2;
}
