using System.Globalization;

namespace FastScnn.ML.Tests.Images;

/// <summary>The largest resident memory of a process, as Linux counts it; skips the test elsewhere.</summary>
internal static class PeakMemory
{
    /// <summary>How many bytes more than before this process held at most while it worked.</summary>
    public static long While(Action work)
    {
        if (!OperatingSystem.IsLinux())
            Assert.Ignore("peak memory is read from /proc");
        GC.Collect();
        // 5 sets the peak to what is held now.
        File.WriteAllText("/proc/self/clear_refs", "5");
        long before = Read("self", "VmHWM")!.Value;
        work();
        return Read("self", "VmHWM")!.Value - before;
    }

    /// <summary>A figure of a process in bytes; null where it has ended.</summary>
    public static long? Read(string process, string name)
    {
        try
        {
            string? line = File.ReadLines($"/proc/{process}/status")
                .FirstOrDefault(line => line.StartsWith(name + ":", StringComparison.Ordinal));
            return line is null ? null
                : 1024 * long.Parse(line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)[1],
                    CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return null;
        }
    }
}
