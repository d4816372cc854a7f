using System.CommandLine;
using FastScnn.Cli;

RootCommand root = new("Fast-SCNN semantic segmentation: segment photos, train and export models, check and generate data sets.")
{
    SegmentCommand.Create(),
    ExportCommand.Create(),
    CheckDataCommand.Create(),
    GenerateCommand.Create(),
    TrainCommand.Create(),
};
return await root.Parse(args).InvokeAsync(new() { EnableDefaultExceptionHandler = false });
