using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Exporters;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;

namespace FastScnn.Bench.Kernels;

/// <summary>Runs <see cref="ScoringKernels"/> with BenchmarkDotNet.</summary>
internal static class KernelBench
{
    /// <summary>Measures, prints, and writes artifacts/bench/kernels.md.</summary>
    /// <returns>The exit code: 1 if something failed.</returns>
    public static int Run()
    {
        // In this process: a project that BenchmarkDotNet generates would not know where the packages of this checkout
        // come from.
        IConfig config = ManualConfig.CreateEmpty()
            .AddJob(Job.ShortRun.WithIterationCount(9).WithToolchain(InProcessEmitToolchain.Instance))
            .AddColumnProvider(DefaultColumnProviders.Descriptor, DefaultColumnProviders.Params)
            .AddColumn(StatisticColumn.Median, StatisticColumn.Min, StatisticColumn.Max)
            .AddDiagnoser(BenchmarkDotNet.Diagnosers.MemoryDiagnoser.Default)
            .AddColumnProvider(DefaultColumnProviders.Metrics)
            .WithArtifactsPath(Path.GetDirectoryName(Checkout.Artifact("bench", "kernels.md"))!)
            .WithOption(ConfigOptions.DisableLogFile, true);
        Summary summary = BenchmarkRunner.Run<ScoringKernels>(config);
        var table = new AccumulationLogger();
        MarkdownExporter.GitHub.ExportToLog(summary, table);
        var report = new BenchReport();
        report.Add("# Kernels alone");
        report.Add("");
        report.Add(Machine.Describe());
        report.Add("");
        report.Add(
            "19 classes of 128x256 to 1024x2048 pixels, a BGRA image of 1024x2048, one thread unless it says otherwise.");
        report.Add("");
        report.Add(table.GetLog().Split('\n').Where(line => line.StartsWith('|')).Select(line => line.TrimEnd()));
        report.Save(Checkout.Artifact("bench", "kernels.md"));
        return summary.HasCriticalValidationErrors || summary.Reports.Any(one => !one.Success) ? 1 : 0;
    }
}
