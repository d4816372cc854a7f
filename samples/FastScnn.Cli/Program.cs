using System.CommandLine;
using FastScnn.Cli;

RootCommand root = new("Fast-SCNN semantic segmentation: segment photos, export models.")
{
    SegmentCommand.Create(),
    ExportCommand.Create(),
};
return await root.Parse(args).InvokeAsync(new() { EnableDefaultExceptionHandler = false });
