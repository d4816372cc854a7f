using FastScnn.Cli;

// After Ctrl+C training finishes its step and saves its state, which takes longer than the two seconds that are the default.
return await FastScnnCommand.Create().Parse(args).InvokeAsync(new() { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = TimeSpan.FromMinutes(1) });
