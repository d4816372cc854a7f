using System.CommandLine;
using FastScnn.Cli;

RootCommand root = new("Fast-SCNN semantic segmentation: segment photos, export models, check data sets.")
{
    SegmentCommand.Create(),
    ExportCommand.Create(),
    CheckDataCommand.Create(),
};
return await root.Parse(args).InvokeAsync(new() { EnableDefaultExceptionHandler = false });
