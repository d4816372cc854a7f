namespace FastScnn.Bench.Workers;

/// <summary>How to start this program once more.</summary>
internal static class OwnProgram
{
    // Under `dotnet X.dll` the process is dotnet, otherwise the program itself.
    public static string[] CommandLine { get; } = Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet"
        ? [Environment.ProcessPath!, typeof(OwnProgram).Assembly.Location]
        : [Environment.ProcessPath!];
}
