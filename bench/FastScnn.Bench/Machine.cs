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

    /// <summary>The mean number of processes that ran or waited to, over the last minute; null where the system does
    /// not tell.</summary>
    public static string? Load() =>
        File.Exists("/proc/loadavg") ? File.ReadAllText("/proc/loadavg").Split(' ')[0] : null;

    private static string? Processor()
    {
        const string List = "/proc/cpuinfo";
        string? line = File.Exists(List)
            ? File.ReadLines(List).FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))
            : null;
        return line?[(line.IndexOf(':') + 1)..].Trim();
    }
}
