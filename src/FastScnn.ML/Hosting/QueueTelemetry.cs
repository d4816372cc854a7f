using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using FastScnn.ML.Scoring;

namespace FastScnn.ML.Hosting;

/// <summary>The lengths of all queues of this process, read by those who listen to the meter
/// <c>FastScnn.ML</c>.</summary>
internal static class QueueTelemetry
{
    private static readonly ConcurrentDictionary<SegmentationService, bool> s_services = new();

    static QueueTelemetry()
    {
        ScoringTelemetry.Meter.CreateObservableUpDownCounter("fastscnn.queue.length",
            () => Read(service => service.Waiting), "{image}", "Images that wait for their turn.");
        ScoringTelemetry.Meter.CreateObservableUpDownCounter("fastscnn.queue.active",
            () => Read(service => service.Working), "{image}", "Images whose turn it is.");
    }

    public static void Add(SegmentationService service) => s_services.TryAdd(service, true);

    public static void Remove(SegmentationService service) => s_services.TryRemove(service, out _);

    private static IEnumerable<Measurement<int>> Read(Func<SegmentationService, int> number) =>
        s_services.Keys.Select(service => new Measurement<int>(number(service),
            new(ScoringTelemetry.ModelTag, service.ModelName),
            new(ScoringTelemetry.ProviderTag, service.ActiveProvider)));
}
