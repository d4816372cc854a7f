using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using FastScnn.ML.Hosting;
using FastScnn.ML.Imaging;
using FastScnn.ML.Scoring;
using FastScnn.Torch.Data;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.ML.Data;

namespace FastScnn.ML.Tests.Hosting;

/// <summary>The meter and the activities <c>FastScnn.ML</c>, read back as a monitoring system reads them.</summary>
public sealed class TelemetryTests
{
    private static readonly string[] s_stages = ["prepare", "network", "finish"];

    [Test]
    public void Each_image_counts_with_its_stages_its_model_and_its_provider()
    {
        using var heard = new Telemetry("street.onnx");
        using (FastScnnSegmenter segmenter = Load("street.onnx"))
        {
            _ = segmenter.Segment(TestImages.Buffer(64, 48));
            _ = segmenter.Segment(new MemoryStream(TestImages.Jpeg(64, 48)));
            _ = segmenter.SegmentWithScores(TestImages.Buffer(64, 48));
        }
        Assert.Multiple(() =>
        {
            Assert.That(heard.Sum("fastscnn.images"), Is.EqualTo(3));
            Assert.That(heard.Sum("fastscnn.image.failures"), Is.Zero);
            Assert.That(heard.Count("fastscnn.image.duration"), Is.EqualTo(3));
            foreach (string stage in s_stages)
                Assert.That(heard.Count("fastscnn.stage.duration", ("fastscnn.stage", stage)), Is.EqualTo(3), stage);
            Assert.That(heard.Count("fastscnn.stage.duration", ("fastscnn.stage", "decode")), Is.EqualTo(1),
                "pixels are not decoded");
            Assert.That(heard.Sum("fastscnn.stage.duration"),
                Is.EqualTo(heard.Sum("fastscnn.image.duration")).Within(1e-6), "the stages are the whole");
            Assert.That(heard.Sum("fastscnn.image.duration"), Is.InRange(1e-6, 60), "seconds");
            Assert.That(heard.Count("fastscnn.images", ("fastscnn.provider", "CPUExecutionProvider")), Is.EqualTo(3));
            Assert.That(heard.Activities.Select(one => one.OperationName), Is.All.EqualTo("fastscnn.segment"));
            Assert.That(heard.Activities, Has.Length.EqualTo(3));
            Assert.That((heard.Activities[0].GetTagItem("fastscnn.image.width"),
                heard.Activities[0].GetTagItem("fastscnn.image.height"), heard.Activities[0].Status),
                Is.EqualTo(((object)64, (object)48, ActivityStatusCode.Unset)));
        });
    }

    [Test]
    public async Task Images_of_folders_and_pipelines_count_too()
    {
        using var heard = new Telemetry("folder.onnx");
        using FastScnnSegmenter segmenter = Load("folder.onnx");
        using MLImage image = TestImages.Image(40, 40);
        _ = segmenter.SegmentMany([image, image]).Count();
        await foreach (SegmentationMap _ in segmenter.SegmentManyAsync([image, image, image]))
        {
        }
        Assert.That((heard.Sum("fastscnn.images"), heard.Activities.Length), Is.EqualTo((5.0, 5)));
    }

    [Test]
    public async Task Frames_of_a_video_count_too()
    {
        using var heard = new Telemetry("video.onnx");
        using FastScnnSegmenter segmenter = Load("video.onnx");
        await foreach (SegmentedFrame _ in segmenter.SegmentVideoAsync(FramesAsync()))
        {
        }
        Assert.That((heard.Sum("fastscnn.images"), heard.Activities.Length), Is.EqualTo((4.0, 4)));

        static async IAsyncEnumerable<PixelBuffer> FramesAsync()
        {
            for (int i = 0; i < 4; i++)
            {
                await Task.Yield();
                yield return TestImages.Buffer(40, 40);
            }
        }
    }

    [Test]
    public void Images_of_a_batch_count_one_by_one_with_their_shares_of_its_run()
    {
        using var heard = new Telemetry("batch.onnx");
        using FastScnnSegmenter segmenter = Load("batch.onnx", ForeignModels.AnyNumber);
        PixelBuffer image = TestImages.Buffer(64, 48), other = TestImages.Buffer(40, 40);
        IReadOnlyList<SegmentationMap> maps = segmenter.SegmentBatch([image, image, other, image]);
        _ = segmenter.SegmentBatch([new MemoryStream(TestImages.Jpeg(64, 48))]);
        Assert.That(() => segmenter.SegmentBatch([image, other, TestImages.Buffer(201, 100), image]), Throws.Exception);
        Assert.Multiple(() =>
        {
            Assert.That(heard.Sum("fastscnn.images"), Is.EqualTo(7), "what comes after the bad image is not looked at");
            Assert.That(heard.Sum("fastscnn.image.failures"), Is.EqualTo(1));
            Assert.That(heard.Sum("fastscnn.image.failures", ("error.type", "too_large")), Is.EqualTo(1));
            foreach (string stage in s_stages)
                Assert.That(heard.Count("fastscnn.stage.duration", ("fastscnn.stage", stage)), Is.EqualTo(7), stage);
            Assert.That(heard.Count("fastscnn.stage.duration", ("fastscnn.stage", "decode")), Is.EqualTo(1));
            Assert.That(heard.Sum("fastscnn.stage.duration"),
                Is.EqualTo(heard.Sum("fastscnn.image.duration")).Within(1e-6), "the stages are the whole");
            Assert.That(maps[0].Timings.Inference,
                Is.EqualTo(maps[3].Timings.Inference).And.GreaterThan(TimeSpan.Zero));
            Assert.That(heard.Activities.Take(4).Select(one => one.GetTagItem("fastscnn.batch.size")),
                Is.EquivalentTo(new object[] { 3, 3, 3, 1 }));
            Assert.That(heard.Activities.Select(one => (one.OperationName, one.Status)),
                Is.EquivalentTo(Enumerable.Repeat(("fastscnn.segment", ActivityStatusCode.Unset), 7)
                    .Append(("fastscnn.segment", ActivityStatusCode.Error))));
            Assert.That(heard.Activities.Select(one => one.Duration), Is.All.GreaterThan(TimeSpan.Zero));
        });
    }

    [Test]
    public void Failures_are_told_by_kind()
    {
        using var heard = new Telemetry("faults.onnx");
        FastScnnSegmenter segmenter = Load("faults.onnx");
        byte[] jpeg = TestImages.Jpeg(64, 48);
        (string Kind, Action Fail)[] faults =
        [
            ("unknown_format", () => segmenter.Segment(new MemoryStream("%PDF-1.7"u8.ToArray()))),
            ("incomplete", () => segmenter.Segment(new MemoryStream(jpeg[..300]))),
            ("too_large", () => segmenter.Segment(TestImages.Buffer(201, 100))),
            ("System.IO.FileNotFoundException", () => segmenter.SegmentWithScores("none.jpg")),
            ("System.ObjectDisposedException", () =>
            {
                segmenter.Dispose();
                segmenter.Segment(TestImages.Buffer(64, 48));
            }),
        ];
        foreach ((string kind, Action fail) in faults)
        {
            Assert.That(fail, Throws.Exception, kind);
            Assert.That(heard.Sum("fastscnn.image.failures", ("error.type", kind)), Is.EqualTo(1), kind);
            Activity activity = heard.Activities[^1];
            Assert.That((activity.Status, activity.GetTagItem("error.type")),
                Is.EqualTo((ActivityStatusCode.Error, (object)kind)));
        }
        Assert.That((heard.Sum("fastscnn.images"), heard.Sum("fastscnn.image.failures")),
            Is.EqualTo((0.0, (double)faults.Length)));
    }

    [Test]
    public async Task A_service_tells_its_queue_waits_refusals_and_cancellations()
    {
        using var heard = new Telemetry("queue");
        await using ServiceProvider provider = Services.Build(services => services.AddFastScnnSegmenter("queue",
            options =>
            {
                Services.Tiny(options);
                (options.MaxConcurrency, options.QueueLimit) = (1, 2);
            }));
        var service = provider.GetRequiredKeyedService<ISegmentationService>("queue");
        Task<SegmentationMap> waiting;
        using var leaving = new CancellationTokenSource();
        await using (await Services.TakeTurnAsync(service))
        {
            waiting = service.SegmentAsync(TestImages.Buffer(64, 48));
            Task<SegmentationMap> cancelled = service.SegmentAsync(TestImages.Buffer(64, 48), leaving.Token);
            Assert.That((heard.Read("fastscnn.queue.active"), heard.Read("fastscnn.queue.length")),
                Is.EqualTo((1.0, 2.0)));
            Assert.That(() => service.SegmentAsync(TestImages.Buffer(64, 48)),
                Throws.InstanceOf<SegmenterBusyException>());
            leaving.Cancel();
            Assert.That(async () => await cancelled, Throws.InstanceOf<OperationCanceledException>());
            Assert.That(heard.Read("fastscnn.queue.length"), Is.EqualTo(1));
            await Task.Delay(60);
        }
        await waiting;
        await Services.UntilAsync(() => service.Working == 0, "all are done");
        Assert.Multiple(() =>
        {
            Assert.That((heard.Read("fastscnn.queue.active"), heard.Read("fastscnn.queue.length")),
                Is.EqualTo((0.0, 0.0)));
            Assert.That(heard.Sum("fastscnn.images"), Is.EqualTo(1), "the turn that was taken has no image");
            Assert.That(heard.Sum("fastscnn.image.failures", ("error.type", "busy")), Is.EqualTo(1));
            Assert.That(heard.Sum("fastscnn.image.failures", ("error.type", "canceled")), Is.EqualTo(1));
            Assert.That(heard.Sum("fastscnn.image.failures"), Is.EqualTo(2));
            Assert.That(heard.Count("fastscnn.stage.duration", ("fastscnn.stage", "wait")), Is.EqualTo(2));
            Assert.That(heard.Sum("fastscnn.stage.duration", ("fastscnn.stage", "wait")), Is.GreaterThan(0.05));
            Activity[] waits = [.. heard.Activities.Where(one => one.OperationName == "fastscnn.wait")];
            Assert.That(waits.Count(one => one.Status == ActivityStatusCode.Error), Is.EqualTo(2));
            Assert.That(waits, Has.Length.EqualTo(4));
        });
    }

    [Test]
    public async Task The_activities_of_a_request_are_its_children_one_after_the_other()
    {
        using var heard = new Telemetry("traced");
        await using ServiceProvider provider = Services.Build(services => services.AddFastScnnSegmenter("traced",
            options => Services.Tiny(options)));
        using var request = new Activity("request");
        request.Start();
        await provider.GetRequiredKeyedService<ISegmentationService>("traced")
            .SegmentAsync(TestImages.Buffer(64, 48));
        Assert.That(heard.Activities.Select(one => (one.OperationName, one.ParentSpanId)), Is.EqualTo(new[]
        {
            ("fastscnn.wait", request.SpanId), ("fastscnn.segment", request.SpanId),
        }));
        Assert.That(Activity.Current, Is.SameAs(request));
    }

    [Test]
    public void Nothing_is_made_while_nobody_listens()
    {
        using FastScnnSegmenter segmenter = Load("silent.onnx");
        Assert.That(ScoringTelemetry.IsOn, Is.False, "tests that listen run apart from this one");
        using (new Telemetry("silent.onnx"))
            Assert.That(ScoringTelemetry.IsOn, Is.True);
        Assert.That(ScoringTelemetry.IsOn, Is.False);
        SegmentationMap map = segmenter.Segment(TestImages.Buffer(40, 40));
        Observe();
        ObserveInBatch();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++)
        {
            Observe();
            ObserveInBatch();
        }
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.Zero);

        void Observe() => ScoringTelemetry.Observe(segmenter, map, static (_, map, _) => map);

        void ObserveInBatch() => ScoringTelemetry.ObserveInBatch(segmenter, map, null, 0, 1);
    }

    private static FastScnnSegmenter Load(string name, byte[]? model = null) => FastScnnSegmenter.Create(
        model ?? Models.Tiny, $"models/{name}",
        new FastScnnSegmenterOptions { Classes = Services.Channels, MaxPixels = 20_000 }, null);

    /// <summary>Hears all that is told of one model.</summary>
    private sealed class Telemetry : IDisposable
    {
        private readonly ConcurrentQueue<(string Name, double Value, KeyValuePair<string, object?>[] Tags)> _values =
            new();
        private readonly ConcurrentQueue<Activity> _activities = new();
        private readonly MeterListener _meters = new();
        private readonly ActivityListener _traces;
        private readonly string _model;

        public Telemetry(string model)
        {
            _model = model;
            _meters.InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter.Name == "FastScnn.ML")
                    listener.EnableMeasurementEvents(instrument);
            };
            _meters.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Add(instrument, value, tags));
            _meters.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Add(instrument, value, tags));
            _meters.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Add(instrument, value, tags));
            _meters.Start();
            _traces = new ActivityListener
            {
                ShouldListenTo = source => source.Name == "FastScnn.ML",
                Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
                ActivityStopped = activity =>
                {
                    if ((string?)activity.GetTagItem("fastscnn.model") == model)
                        _activities.Enqueue(activity);
                },
            };
            ActivitySource.AddActivityListener(_traces);
        }

        public Activity[] Activities => [.. _activities];

        public double Sum(string name, params (string Key, object Value)[] tags) => Values(name, tags).Sum();

        public int Count(string name, params (string Key, object Value)[] tags) => Values(name, tags).Count();

        /// <summary>What an instrument says when it is asked.</summary>
        public double Read(string name)
        {
            int before = _values.Count;
            _meters.RecordObservableInstruments();
            return _values.Skip(before).Where(one => one.Name == name).Sum(one => one.Value);
        }

        public void Dispose()
        {
            _meters.Dispose();
            _traces.Dispose();
        }

        private IEnumerable<double> Values(string name, (string Key, object Value)[] tags) => _values
            .Where(one => one.Name == name
                && tags.All(tag => one.Tags.Any(found => found.Key == tag.Key && Equals(found.Value, tag.Value))))
            .Select(one => one.Value);

        private void Add(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            KeyValuePair<string, object?>[] all = tags.ToArray();
            if (all.Any(tag => tag.Key == "fastscnn.model" && Equals(tag.Value, _model)))
                _values.Enqueue((instrument.Name, value, all));
        }
    }
}
