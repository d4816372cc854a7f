using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Reflection;
using System.Runtime.CompilerServices;
using FastScnn.ML.Imaging;

namespace FastScnn.ML.Scoring;

/// <summary>What segmenters tell those who listen to the meter and the activity source <c>FastScnn.ML</c>; nothing is
/// measured where nobody does. Names follow OpenTelemetry's conventions.</summary>
internal static class ScoringTelemetry
{
    public const string Name = "FastScnn.ML", ModelTag = "fastscnn.model", ProviderTag = "fastscnn.provider",
        StageTag = "fastscnn.stage", ErrorTag = "error.type", BatchTag = "fastscnn.batch.size";

    private static readonly string s_version = typeof(ScoringTelemetry).Assembly
        .GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "";
    private static readonly ActivitySource s_activities = new(Name, s_version);

    // Before the instruments, which are made of it in the order in which they stand here.
    public static Meter Meter { get; } = new(Name, s_version);

    private static readonly Counter<long> s_images =
        Meter.CreateCounter<long>("fastscnn.images", "{image}", "Images that were segmented.");
    private static readonly Counter<long> s_failures = Meter.CreateCounter<long>("fastscnn.image.failures", "{image}",
        "Images that were not segmented: the kind of failure is error.type.");
    private static readonly Histogram<double> s_duration = Seconds("fastscnn.image.duration",
        "Time from the start of decoding to the map.");
    private static readonly Histogram<double> s_stages = Seconds("fastscnn.stage.duration",
        "Time of the stages of an image: wait, decode, prepare, network, finish.");

    /// <summary>Whether anybody listens.</summary>
    public static bool IsOn => s_images.Enabled || s_failures.Enabled || s_duration.Enabled || s_stages.Enabled
        || s_activities.HasListeners();

    /// <summary>Works on one image, and tells how it went.</summary>
    /// <param name="segmenter">The segmenter.</param>
    /// <param name="image">What <paramref name="work"/> needs of the image.</param>
    /// <param name="work">Gives the map, or the map with scores, from the segmenter, the image and the time at the
    /// start.</param>
    public static T Observe<TImage, T>(FastScnnSegmenter segmenter, TImage image,
        Func<FastScnnSegmenter, TImage, long, T> work)
        where T : class
    {
        long start = Stopwatch.GetTimestamp();
        return IsOn ? Tell(segmenter, image, work, start) : work(segmenter, image, start);
    }

    /// <summary>Tells of one image of a batch, when its map is there or will not be.</summary>
    /// <param name="segmenter">The segmenter.</param>
    /// <param name="map">The map; null where there is none.</param>
    /// <param name="fault">Why not; null where there is a map.</param>
    /// <param name="start">When work on the image began.</param>
    /// <param name="batch">How many images had their run together.</param>
    public static void ObserveInBatch(FastScnnSegmenter segmenter, SegmentationMap? map, Exception? fault, long start,
        int batch)
    {
        if (IsOn)
            TellOfBatch(segmenter, map, fault, start, batch);
    }

    /// <summary>Starts the activity of an image; null where nobody listens.</summary>
    public static Activity? Start(string name, string model, string provider) =>
        s_activities.StartActivity(name)?.SetTag(ModelTag, model).SetTag(ProviderTag, provider);

    /// <summary>Tells that an image was not segmented.</summary>
    /// <param name="model">The model's name.</param>
    /// <param name="provider">What it runs on.</param>
    /// <param name="exception">Why.</param>
    /// <param name="activity">The activity of the image.</param>
    /// <param name="kind">The kind of failure; null for that of the exception.</param>
    public static void Fail(string model, string provider, Exception exception, Activity? activity,
        string? kind = null)
    {
        kind ??= Kind(exception);
        s_failures.Add(1, new TagList { { ModelTag, model }, { ProviderTag, provider }, { ErrorTag, kind } });
        activity?.SetTag(ErrorTag, kind).SetStatus(ActivityStatusCode.Error, exception.Message);
    }

    /// <summary>Tells how long a stage of an image took.</summary>
    public static void Stage(string model, string provider, string stage, TimeSpan duration) =>
        s_stages.Record(duration.TotalSeconds,
            new TagList { { ModelTag, model }, { ProviderTag, provider }, { StageTag, stage } });

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static T Tell<TImage, T>(FastScnnSegmenter segmenter, TImage image,
        Func<FastScnnSegmenter, TImage, long, T> work, long start)
        where T : class
    {
        (string model, string provider) = (segmenter.ModelName, segmenter.ActiveProvider);
        using Activity? activity = Start("fastscnn.segment", model, provider);
        T result;
        try
        {
            result = work(segmenter, image, start);
        }
        catch (Exception e)
        {
            Fail(model, provider, e, activity);
            throw;
        }
        Succeed(model, provider, result is ScoredSegmentation scored ? scored.Map : (SegmentationMap)(object)result,
            activity);
        return result;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void TellOfBatch(FastScnnSegmenter segmenter, SegmentationMap? map, Exception? fault, long start,
        int batch)
    {
        (string model, string provider) = (segmenter.ModelName, segmenter.ActiveProvider);
        using Activity? activity = s_activities.StartActivity("fastscnn.segment", ActivityKind.Internal,
            parentContext: default, startTime: DateTimeOffset.UtcNow - Stopwatch.GetElapsedTime(start))
            ?.SetTag(ModelTag, model).SetTag(ProviderTag, provider).SetTag(BatchTag, batch);
        if (fault is not null)
            Fail(model, provider, fault, activity);
        else
            Succeed(model, provider, map!, activity);
    }

    private static void Succeed(string model, string provider, SegmentationMap map, Activity? activity)
    {
        SegmentationTimings timings = map.Timings;
        var tags = new TagList { { ModelTag, model }, { ProviderTag, provider } };
        s_images.Add(1, tags);
        s_duration.Record(timings.Total.TotalSeconds, tags);
        if (s_stages.Enabled)
        {
            if (timings.Decode > TimeSpan.Zero)
                Stage(model, provider, "decode", timings.Decode);
            Stage(model, provider, "prepare", timings.PreProcess - timings.Decode);
            Stage(model, provider, "network", timings.Inference);
            Stage(model, provider, "finish", timings.PostProcess);
        }
        if (activity is { IsAllDataRequested: true })
        {
            activity.SetTag("fastscnn.image.width", map.Width).SetTag("fastscnn.image.height", map.Height)
                .SetTag("fastscnn.decode.seconds", timings.Decode.TotalSeconds)
                .SetTag("fastscnn.prepare.seconds", (timings.PreProcess - timings.Decode).TotalSeconds)
                .SetTag("fastscnn.network.seconds", timings.Inference.TotalSeconds)
                .SetTag("fastscnn.finish.seconds", timings.PostProcess.TotalSeconds);
        }
    }

    // A few values alone, as backends keep a series for each: what is no image by its fault, other failures by their
    // type.
    private static string Kind(Exception exception) => exception switch
    {
        { InnerException: ImageException image } => image.Fault switch
        {
            ImageFault.UnknownFormat => "unknown_format",
            ImageFault.TooLarge => "too_large",
            ImageFault.Incomplete => "incomplete",
            _ => "damaged",
        },
        OperationCanceledException => "canceled",
        _ => exception.GetType().FullName ?? exception.GetType().Name,
    };

    private static Histogram<double> Seconds(string name, string description) =>
        Meter.CreateHistogram(name, "s", description, advice: new InstrumentAdvice<double>
        {
            HistogramBucketBoundaries =
                [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
        });
}
