using System.CommandLine;
using FastScnn.Cli;

RootCommand root = new("Fast-SCNN semantic segmentation: train, score, export and run models, check and generate data sets.")
{
    SegmentCommand.Create(),
    ExportCommand.Create(),
    CheckDataCommand.Create(),
    GenerateCommand.Create(),
    TrainCommand.Create(),
    EvalCommand.Create(),
};
return await root.Parse(args).InvokeAsync(new() { EnableDefaultExceptionHandler = false });
