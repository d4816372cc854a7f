using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Scripting;
using Microsoft.CodeAnalysis.Scripting;

namespace FastScnn.Notebooks;

/// <summary>Executes cells one after the other in one C# session, as a kernel does.</summary>
internal sealed class CellRunner
{
    private readonly Display _display = new();
    private readonly ScriptOptions _options = ScriptOptions.Default
        .WithReferences(((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(path => path.EndsWith(".dll", StringComparison.Ordinal))
            .Select(path => MetadataReference.CreateFromFile(path)))
        .WithImports("System", "System.Collections.Generic", "System.IO", "System.Linq")
        .WithLanguageVersion(LanguageVersion.CSharp14);

    private ScriptState<object>? _state;

    /// <summary>Executes a cell and returns it with what it printed, displayed and left as its last value.</summary>
    /// <exception cref="CompilationErrorException">The code is wrong. What the code throws goes through.</exception>
    public async Task<Cell> RunAsync(Cell cell)
    {
        if (!cell.IsCode)
            return cell;
        _display.Outputs.Clear();
        var printed = new StringWriter { NewLine = "\n" };
        TextWriter console = Console.Out;
        Console.SetOut(printed);
        try
        {
            _state = _state is null ? await CSharpScript.RunAsync(cell.Source, _options, _display)
                : await _state.ContinueWithAsync(cell.Source, _options);
        }
        finally
        {
            Console.SetOut(console);
        }
        if (_state.ReturnValue is { } value)
            _display.display(value);
        return cell with
        {
            Outputs =
        [
            .. printed.ToString() is { Length: > 0 } text ? new[] { new Output("text/plain", text) } : [],
            .. _display.Outputs
        ]
        };
    }
}
