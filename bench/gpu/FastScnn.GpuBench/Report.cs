using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;

namespace FastScnn.GpuBench;

/// <summary>The results as Markdown, written line by line to the console and to a file.</summary>
internal sealed class Report(Settings settings)
{
    // What the network reads and writes at 1024x2048 in single precision.
    private const double GigabytesOfReference = 0.95;
    private const double ReferencePixels = 1024 * 2048;

    public void Head(int classes)
    {
        if (settings.Output is { } path)
            File.Delete(path);
        Line($"# Fast-SCNN at {settings.Height}x{settings.Width}, {classes} classes");
        Line("");
        Line(
            $"{(settings.Cpu ? "On the PROCESSOR (--cpu): shows that the bench works, not how fast a device is" : $"CUDA device {settings.Device}{Device()}")}. "
            + $"ONNX Runtime {OrtEnv.Instance().GetVersionString()}, {RuntimeInformation.OSDescription}, "
            + $"{Environment.ProcessorCount} cores, "
            + $"{DateTime.UtcNow:yyyy-MM-dd}{(settings.Cpu ? "" : CudaIsBuiltIn() ? "; the CUDA provider is built in" : "; the CUDA provider is a plugin")}.");
        Line(
            "Milliseconds a frame, from an image in the processor's memory to scores there: median (least) of "
            + $"{settings.Rounds}. Compared with single precision on the processor; FastScnnSegmenter goes on to the "
            + "mask.");
        double gigabytes = GigabytesOfReference * settings.Height * settings.Width / ReferencePixels,
            single = gigabytes / settings.Bandwidth;
        Line(string.Create(CultureInfo.InvariantCulture,
            $"Floor of the network alone, {gigabytes:F2} GB in single precision at {settings.Bandwidth:F1} TB/s: {single:F2} ms in fp32, {single / 2:F2} ms in fp16; copies come on top."));
        Line("");
        Line("| way | first frame, s | ms | of it copies | largest difference | same class |");
        Line("|---|---|---|---|---|---|");
    }

    public void Add(string name, TimeSpan begin, List<double> frames, List<double>? copies, Agreement agreement) =>
        Line(
        $"| {name} | {begin.TotalSeconds.ToString("F1", CultureInfo.InvariantCulture)} | {Number(frames)} | "
        + $"{(copies is null ? "" : Number(copies))} | "
        + $"{(double.IsNaN(agreement.LargestDifference) ? "" : agreement.LargestDifference.ToString("G3", CultureInfo.InvariantCulture))} "
        + $"| {agreement.SameWinner.ToString("P3", CultureInfo.InvariantCulture)} |");

    public void Failed(string name, string message) =>
        Line($"| {name} | | failed: {message.ReplaceLineEndings(" ").Replace('|', '/')} | | | |");

    private void Line(string text)
    {
        Console.WriteLine(text);
        if (settings.Output is { } path)
            File.AppendAllText(path, text + '\n');
    }

    private static string Number(List<double> sorted) =>
        string.Create(CultureInfo.InvariantCulture, $"{sorted[sorted.Count / 2]:F2} ({sorted[0]:F2})");

    private static bool CudaIsBuiltIn()
    {
        try
        {
            using OrtCUDAProviderOptions options = new();
            return true;
        }
        catch (Exception e) when (e is EntryPointNotFoundException or OnnxRuntimeException)
        {
            return false;
        }
    }

    private static string Device()
    {
        // Written by run.sh, which can ask the driver.
        string? name = Environment.GetEnvironmentVariable("GPU_NAME");
        return string.IsNullOrWhiteSpace(name) ? "" : $" ({name.Trim()})";
    }
}
