using FastScnn.ML.Hosting;
using FastScnn.ML.Imaging;
using FastScnn.ML.Scoring;
using FastScnn.Testing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace FastScnn.ML.Tests.Hosting;

/// <summary>Models in the services of an application: named, validated, loaded once, closed with it.</summary>
public sealed class AddSegmenterTests
{
    [Test]
    public async Task What_is_injected_gives_the_maps_of_the_segmenter()
    {
        await using ServiceProvider provider = Services.Build();
        var service = provider.GetRequiredService<ISegmentationService>();
        string file = Path.Combine(TestFiles.NewFolder(), "image.jpg");
        byte[] jpeg = TestImages.Jpeg(70, 50);
        File.WriteAllBytes(file, jpeg);
        using FastScnnSegmenter segmenter = FastScnnSegmenter.Load(Models.Tiny,
            new() { Classes = Services.Channels });
        byte[] expected = segmenter.Segment(file).ClassIds.ToArray();
        using var body = new MemoryStream(jpeg);
        using var unseekable = new OneWay(jpeg);
        using var image = ImageDecoder.Read(file);
        SegmentationMap[] maps = [await service.SegmentAsync(file), await service.SegmentAsync(body),
            await service.SegmentAsync(unseekable), await service.SegmentAsync(image),
            await service.RunAsync(one => one.SegmentWithScores(file).Map)];
        Assert.Multiple(() =>
        {
            foreach (SegmentationMap map in maps)
                Assert.That(map.ClassIds.ToArray(), Is.EqualTo(expected));
            Assert.That((service.Name, service.ActiveProvider, service.FallbackReason, service.Classes),
                Is.EqualTo(("", "CPUExecutionProvider", (string?)null, Services.Channels)));
        });
        SegmentationMap ofPixels = await service.SegmentAsync(TestImages.Buffer(70, 50));
        Assert.That(ofPixels.ClassIds.ToArray(), Is.EqualTo(segmenter.Segment(TestImages.Buffer(70, 50)).ClassIds
            .ToArray()));
    }

    [Test]
    public async Task The_model_is_loaded_once_and_closed_with_the_container()
    {
        using var log = new LogLines();
        ServiceProvider provider = Services.Build(log: log);
        var service = provider.GetRequiredService<ISegmentationService>();
        Assert.Multiple(() =>
        {
            Assert.That(provider.GetRequiredKeyedService<ISegmentationService>(""), Is.SameAs(service));
            Assert.That(provider.GetRequiredService<ISegmentationServices>().Get(""), Is.SameAs(service));
            Assert.That(log.Texts(LogLevel.Information), Has.Length.EqualTo(1).And.Some.Contains("tiny.onnx")
                .And.Some.Contains("CPUExecutionProvider"));
        });
        FastScnnSegmenter inner = await service.RunAsync(segmenter => segmenter);
        await provider.DisposeAsync();
        Assert.Multiple(() =>
        {
            Assert.That(() => service.SegmentAsync(TestImages.Buffer(40, 40)),
                Throws.InstanceOf<ObjectDisposedException>());
            Assert.That(() => inner.Segment(TestImages.Buffer(40, 40)), Throws.InstanceOf<ObjectDisposedException>());
        });
    }

    [Test]
    public void Models_have_names()
    {
        using ServiceProvider provider = Services.Build(services => services
            .AddFastScnnSegmenter("day", options => Services.Tiny(options))
            .AddFastScnnSegmenter("night", options => Services.Tiny(options))
            .AddFastScnnSegmenter("night", options => options.QueueLimit = 3));
        var all = provider.GetRequiredService<ISegmentationServices>();
        var night = provider.GetRequiredKeyedService<ISegmentationService>("night");
        Assert.Multiple(() =>
        {
            Assert.That(all.Names, Is.EqualTo((string[])["day", "night"]));
            Assert.That(all.Get("night"), Is.SameAs(night));
            Assert.That((night.Name, ((SegmentationService)night).QueueLimit), Is.EqualTo(("night", 3)));
            Assert.That(all.Get("day"), Is.Not.SameAs(night));
            Assert.That(() => all.Get("dusk"),
                Throws.ArgumentException.With.Message.Contains("no segmenter 'dusk'; added are 'day', 'night'"));
            Assert.That(provider.GetService<ISegmentationService>(), Is.Null, "none was added without a name");
        });
    }

    [TestCase("", 1, 1, "ModelPath is not set; expected an ONNX file")]
    [TestCase("none.onnx", 1, 1, "ModelPath is 'none.onnx', and there is no such file")]
    [TestCase(".", 1, 1, "ModelPath is '.', a folder")]
    [TestCase(null, 0, 1, "MaxConcurrency is 0; expected 1 or more")]
    [TestCase(null, 1, -1, "QueueLimit is -1; expected 0 or more")]
    public void A_host_does_not_start_with_wrong_settings(string? path, int concurrency, int queue, string message)
    {
        OptionsValidationException fault = StartFails(services => services.AddFastScnnSegmenter("street", options =>
        {
            Services.Tiny(options, path);
            (options.MaxConcurrency, options.QueueLimit) = (concurrency, queue);
        }));
        Assert.That(fault.Failures.Single(), Does.StartWith("The segmenter 'street': " + message));
    }

    [Test]
    public void A_host_does_not_start_with_a_broken_model()
    {
        string path = Services.ModelFile();
        File.WriteAllText(path, "no model");
        using var log = new LogLines();
        OptionsValidationException fault = StartFails(
            services => services.AddFastScnnSegmenter(options => Services.Tiny(options, path)), log);
        Assert.That(fault.Message, Does.StartWith($"The segmenter: ModelPath is '{path}': ONNX Runtime cannot load"));
        Assert.That(log.Texts(LogLevel.Error).Single(), Does.Contain(path));
    }

    [Test]
    public void A_host_loads_the_model_when_it_starts()
    {
        using var log = new LogLines();
        HostApplicationBuilder builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders().AddProvider(log);
        builder.Services.AddFastScnnSegmenter(options => Services.Tiny(options));
        using IHost host = builder.Build();
        Assert.That(log.Lines, Is.Empty);
        host.Start();
        Assert.That(log.Texts(LogLevel.Information), Has.Length.EqualTo(1));
    }

    [Test]
    public void Settings_come_from_a_configuration()
    {
        using ServiceProvider provider = Services.Build(services => services.AddFastScnnSegmenter(options =>
        {
            options.Segmenter = new() { Classes = Services.Channels };
            Section(("ModelPath", Services.ModelFile()), ("MaxConcurrency", "3"), ("QueueLimit", "5"),
                ("Segmenter:IntraOpThreads", "1"), ("Segmenter:MaxPixels", "5000"),
                ("Segmenter:Inference:Flip", "true"), ("Segmenter:ExecutionProviders:0", "cpu")).Bind(options);
        }));
        SegmentationServiceOptions bound =
            provider.GetRequiredService<IOptionsMonitor<SegmentationServiceOptions>>().CurrentValue;
        var service = (SegmentationService)provider.GetRequiredService<ISegmentationService>();
        Assert.Multiple(() =>
        {
            Assert.That((service.MaxConcurrency, service.QueueLimit), Is.EqualTo((3, 5)));
            Assert.That(bound.Segmenter.ExecutionProviders, Is.EqualTo((ExecutionProvider[])["CPU"]));
            Assert.That((bound.Segmenter.IntraOpThreads, bound.Segmenter.MaxPixels, bound.Segmenter.Inference),
                Is.EqualTo((1, 5000L, new InferenceOptions { Flip = true })));
            Assert.That(bound.Segmenter.Classes, Is.SameAs(Services.Channels), "what is not named stays");
            Assert.That(() => ((ISegmentationService)service).SegmentAsync(TestImages.Buffer(100, 51)),
                Throws.ArgumentException.With.Message.Contains("limit of 5000 pixels"));
        });
    }

    [TestCase("MaxConcurrency", "two", "Segmenter:MaxConcurrency")]
    [TestCase("Segmenter:IntraOpThreads", "-1", "-1 threads: expected 1 or more")]
    [TestCase("Segmenter:MaxPixels", "0", "A limit of 0 pixels")]
    [TestCase("Segmenter:Inference:TileOverlap", "2", "TileOverlap")]
    [TestCase("Segmenter:ExecutionProviders:0", "abacus", "no execution provider 'abacus'")]
    [TestCase("QueueLength", "3", "QueueLength")]
    public void Values_of_a_configuration_that_make_no_sense_are_named(string key, string value, string message)
    {
        OptionsValidationException fault = StartFails(services => services.AddFastScnnSegmenter(options =>
        {
            Services.Tiny(options);
            Section((key, value)).Bind(options, binder => binder.ErrorOnUnknownConfiguration = true);
        }));
        Assert.That(fault.Message, Does.StartWith("The segmenter: ").And.Contain(message));
    }

    private static IConfigurationSection Section(params (string Key, string Value)[] values) =>
        new ConfigurationBuilder()
            .AddInMemoryCollection(values.Select(one => KeyValuePair.Create<string, string?>("Segmenter:" + one.Key,
                one.Value)))
            .Build().GetSection("Segmenter");

    private static OptionsValidationException StartFails(Action<IServiceCollection> add, LogLines? log = null)
    {
        HostApplicationBuilder builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        if (log is not null)
            builder.Logging.AddProvider(log);
        add(builder.Services);
        using IHost host = builder.Build();
        return Assert.Throws<OptionsValidationException>(host.Start)!;
    }

    /// <summary>A stream as the body of a request is: forward only, and read asynchronously alone.</summary>
    private sealed class OneWay(byte[] bytes) : Stream
    {
        private readonly MemoryStream _bytes = new(bytes);

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken)
        {
            await Task.Yield();
            return _bytes.Read(buffer.Span[..Math.Min(buffer.Length, 100)]);
        }

        public override int Read(byte[] buffer, int offset, int count) =>
            throw new NotSupportedException("A request's body may not be read by a thread that waits.");

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Flush()
        {
        }
    }
}
