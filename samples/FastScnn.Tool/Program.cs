using System.CommandLine;
using FastScnn.Tool;

ParseResult parsed = FastScnnCommand.Create().Parse(args);
if (parsed.Errors.Count > 0 && parsed.Action is System.CommandLine.Invocation.ParseErrorAction)
    return ParseErrors.Print(parsed);
// After Ctrl+C training finishes its step and saves its state, which takes longer than the two seconds that are the
// default.
return await parsed.InvokeAsync(new()
{
    EnableDefaultExceptionHandler = false,
    ProcessTerminationTimeout = TimeSpan.FromMinutes(1)
});
