using System.Runtime.InteropServices;

namespace FastScnn.Bench;

/// <summary>What figures were measured on.</summary>
internal static class Machine
{
    public static string Describe()
    {
        string processor = Processor() is { } name ? $"{name}, " : "";
        return $"{RuntimeInformation.OSDescription}, {processor}{RuntimeInformation.ProcessArchitecture}, "
            + $"{Environment.ProcessorCount} cores, {RuntimeInformation.FrameworkDescription}, "
            + $"{DateTime.UtcNow:yyyy-MM-dd}";
    }

    private static string? Processor()
    {
        const string List = "/proc/cpuinfo";
        string? line = File.Exists(List)
            ? File.ReadLines(List).FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))
            : null;
        return line?[(line.IndexOf(':') + 1)..].Trim();
    }
}
