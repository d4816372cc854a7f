using System.Diagnostics;
using System.Diagnostics.Metrics;
using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Exporters;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using FastScnn.ML.Imaging;
using FastScnn.ML.Scoring;
using FastScnn.Torch.Data;

namespace FastScnn.Bench.Telemetry;

/// <summary>What meters and activities cost an image, with and without somebody who listens.</summary>
internal static class TelemetryBench
{
    /// <summary>Measures, prints, and writes artifacts/bench/telemetry.md.</summary>
    /// <returns>The exit code: 1 if something failed.</returns>
    public static int Run()
    {
        // In this process, as the kernels are.
        IConfig config = ManualConfig.CreateEmpty()
            .AddJob(Job.ShortRun.WithIterationCount(9).WithToolchain(InProcessEmitToolchain.Instance))
            .AddColumnProvider(DefaultColumnProviders.Descriptor, DefaultColumnProviders.Params)
            .AddColumn(StatisticColumn.Median, StatisticColumn.Min, StatisticColumn.Max)
            .AddDiagnoser(BenchmarkDotNet.Diagnosers.MemoryDiagnoser.Default)
            .AddColumnProvider(DefaultColumnProviders.Metrics)
            .WithArtifactsPath(Path.GetDirectoryName(Checkout.Artifact("bench", "telemetry.md"))!)
            .WithOption(ConfigOptions.DisableLogFile, true);
        Summary summary = BenchmarkRunner.Run<ObservedImages>(config);
        var table = new AccumulationLogger();
        MarkdownExporter.GitHub.ExportToLog(summary, table);
        var report = new BenchReport();
        report.Add("# Meters and activities");
        report.Add("");
        report.Add(Machine.Describe());
        report.Add("");
        report.Add("The time that an image takes with all of its work left out, and with a black image of 64x64.");
        report.Add("");
        report.Add(table.GetLog().Split('\n').Where(line => line.StartsWith('|')).Select(line => line.TrimEnd()));
        report.Save(Checkout.Artifact("bench", "telemetry.md"));
        return summary.HasCriticalValidationErrors || summary.Reports.Any(one => !one.Success) ? 1 : 0;
    }
}

/// <summary>Who listens to a segmenter.</summary>
public enum Listener
{
    /// <summary>Nobody.</summary>
    None,

    /// <summary>A listener to the meter.</summary>
    Meters,

    /// <summary>Listeners to the meter and to the activities, all of which are recorded.</summary>
    Both,
}

/// <summary>Images that are observed, as BenchmarkDotNet runs them.</summary>
public class ObservedImages
{
    private const int Side = 64;

    private readonly PixelBuffer _image = new(Side, Side, new byte[3 * Side * Side], PixelLayout.Rgb24);
    private FastScnnSegmenter _segmenter = null!;
    private SegmentationMap _map = null!;
    private MeterListener? _meters;
    private ActivityListener? _activities;

    /// <summary>Who listens.</summary>
    [ParamsAllValues]
    public Listener Listener { get; set; }

    [GlobalSetup]
    public void SetUp()
    {
        _segmenter = FastScnnSegmenter.Load(
            Path.Combine(Checkout.Root, "samples", "models", "fastscnn-scenes.onnx"), new() { IntraOpThreads = 1 });
        _map = _segmenter.Segment(_image);
        if (Listener == Listener.None)
            return;
        _meters = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter.Name == "FastScnn.ML")
                    listener.EnableMeasurementEvents(instrument);
            },
        };
        _meters.SetMeasurementEventCallback<long>(static (_, _, _, _) => { });
        _meters.SetMeasurementEventCallback<double>(static (_, _, _, _) => { });
        _meters.Start();
        if (Listener != Listener.Both)
            return;
        _activities = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "FastScnn.ML",
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
        };
        ActivitySource.AddActivityListener(_activities);
    }

    [GlobalCleanup]
    public void CleanUp()
    {
        _meters?.Dispose();
        _activities?.Dispose();
        _segmenter.Dispose();
    }

    [Benchmark(Description = "an image without its work")]
    public SegmentationMap Bare() => ScoringTelemetry.Observe(_segmenter, _map, static (_, map, _) => map);

    [Benchmark(Description = "an image of 64x64")]
    public SegmentationMap Whole() => _segmenter.Segment(_image);
}
