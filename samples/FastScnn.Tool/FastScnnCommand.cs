using System.CommandLine;

namespace FastScnn.Cli;

/// <summary><c>fastscnn</c> with all its commands.</summary>
internal static class FastScnnCommand
{
    public static RootCommand Create() => new("Fast-SCNN semantic segmentation: train, score, export and run models, check and generate data sets.")
    {
        SegmentCommand.Create(),
        ExportCommand.Create(),
        QuantizeCommand.Create(),
        CheckDataCommand.Create(),
        GenerateCommand.Create(),
        TrainCommand.Create(),
        EvalCommand.Create(),
    };
}
