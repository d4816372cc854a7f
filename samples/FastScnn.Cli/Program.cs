using System.CommandLine;
using FastScnn.Cli;

RootCommand root = new("Fast-SCNN semantic segmentation: segment photos, export models, check and generate data sets.")
{
    SegmentCommand.Create(),
    ExportCommand.Create(),
    CheckDataCommand.Create(),
    GenerateCommand.Create(),
};
return await root.Parse(args).InvokeAsync(new() { EnableDefaultExceptionHandler = false });
