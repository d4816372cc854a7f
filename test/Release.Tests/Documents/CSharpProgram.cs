using System.Text;
using FastScnn.Testing;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Emit;

namespace FastScnn.Release.Tests.Documents;

/// <summary>A program of one file, compiled as the SDK compiles a console application and run in a process of its
/// own.</summary>
internal sealed class CSharpProgram : IDisposable
{
    // What ImplicitUsings gives.
    private const string GlobalUsings =
        "global using System; global using System.Collections.Generic; global using System.IO; global using "
            + "System.Linq; "
        + "global using System.Net.Http; global using System.Threading; global using System.Threading.Tasks;";

    private static readonly CSharpParseOptions s_parsing =
        new CSharpParseOptions(LanguageVersion.CSharp14).WithFeatures([new("FileBasedProgram", "true")]);
    private static readonly Lazy<MetadataReference[]> s_references =
        new(() => [.. Assemblies.Paths.Select(path => MetadataReference.CreateFromFile(path))]);

    // Beside the tests, whose dependencies are those of the program.
    private readonly string _assembly = Path.Combine(AppContext.BaseDirectory, $"program-{Guid.NewGuid():N}.dll");

    /// <summary>Compiles; errors and warnings fail the test with their place in the file.</summary>
    /// <param name="file">The file that messages name.</param>
    /// <param name="code">Its text.</param>
    public CSharpProgram(string file, string code)
    {
        var options = new CSharpCompilationOptions(OutputKind.ConsoleApplication,
            nullableContextOptions: NullableContextOptions.Enable, optimizationLevel: OptimizationLevel.Release);
        SyntaxTree[] trees = [CSharpSyntaxTree.ParseText(code, s_parsing, file, Encoding.UTF8),
            CSharpSyntaxTree.ParseText(GlobalUsings, s_parsing)];
        EmitResult result = CSharpCompilation.Create(Path.GetFileNameWithoutExtension(_assembly), trees,
            s_references.Value, options).Emit(_assembly);
        Assert.That(result.Diagnostics.Where(diagnostic => diagnostic.Severity >= DiagnosticSeverity.Warning)
            .Select(Message), Is.Empty);
    }

    /// <summary>Runs it in a folder; the output is what it wrote, then its errors.</summary>
    public (int Exit, string Output) Run(string folder, params string[] arguments)
    {
        string host = Path.Combine(AppContext.BaseDirectory, typeof(CSharpProgram).Assembly.GetName().Name!);
        return Shell.Run("dotnet", folder, new Dictionary<string, string>(),
            ["exec", "--depsfile", host + ".deps.json", "--runtimeconfig", host + ".runtimeconfig.json", _assembly,
                .. arguments]);
    }

    public void Dispose() => File.Delete(_assembly);

    private static string Message(Diagnostic diagnostic)
    {
        FileLinePositionSpan place = diagnostic.Location.GetMappedLineSpan();
        return $"{Path.GetRelativePath(TestFiles.Root, Path.GetFullPath(place.Path, TestFiles.Root))}({place.StartLinePosition.Line + 1}): {diagnostic.Id} {diagnostic.GetMessage()}";
    }
}
