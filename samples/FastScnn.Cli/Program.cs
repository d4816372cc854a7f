using System.CommandLine;
using FastScnn.Cli;

RootCommand root = new("Fast-SCNN semantic segmentation: train, score, export and run models, check and generate data sets.")
{
    SegmentCommand.Create(),
    ExportCommand.Create(),
    QuantizeCommand.Create(),
    CheckDataCommand.Create(),
    GenerateCommand.Create(),
    TrainCommand.Create(),
    EvalCommand.Create(),
};
// After Ctrl+C training finishes its step and saves its state, which takes longer than the two seconds that are the default.
return await root.Parse(args).InvokeAsync(new() { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = TimeSpan.FromMinutes(1) });
