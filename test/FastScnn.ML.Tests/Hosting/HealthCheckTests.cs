using FastScnn.ML.Hosting;
using FastScnn.ML.Imaging;
using FastScnn.ML.Scoring;
using FastScnn.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;

namespace FastScnn.ML.Tests.Hosting;

/// <summary>What the health check says of a service, its queue and its model file.</summary>
public sealed class HealthCheckTests
{
    private readonly LogLines _log = new();

    [OneTimeTearDown]
    public void CloseLog() => _log.Dispose();

    [Test]
    public async Task A_service_that_works_is_healthy_and_one_with_a_full_queue_degraded()
    {
        await using ServiceProvider provider = Build(Services.ModelFile());
        var service = provider.GetRequiredService<ISegmentationService>();
        HealthReportEntry idle = await CheckAsync(provider);
        Assert.That((idle.Status, idle.Description, idle.Data["working"], idle.Data["provider"]),
            Is.EqualTo((HealthStatus.Healthy, (string?)null, (object)0, (object)"CPUExecutionProvider")));
        await using (await Services.TakeTurnAsync(service))
        {
            Assert.That((await CheckAsync(provider)).Status, Is.EqualTo(HealthStatus.Healthy), "one may wait");
            Task<SegmentationMap> waiting = service.SegmentAsync(TestImages.Buffer(40, 40));
            HealthReportEntry full = await CheckAsync(provider);
            Assert.That((full.Status, full.Data["waiting"]), Is.EqualTo((HealthStatus.Degraded, (object)1)));
            Assert.That(full.Description, Does.Contain("1 images are worked on and 1 wait"));
        }
        await Services.UntilAsync(() => service.Working == 0, "all are done");
        Assert.That((await CheckAsync(provider)).Status, Is.EqualTo(HealthStatus.Healthy));
    }

    [Test]
    public async Task A_broken_model_file_is_unhealthy_while_the_loaded_model_goes_on()
    {
        string path = Services.ModelFile();
        await using ServiceProvider provider = Build(path);
        var service = provider.GetRequiredService<ISegmentationService>();
        byte[] expected = (await service.SegmentAsync(TestImages.Buffer(50, 40))).ClassIds.ToArray();
        int before = _log.Texts(LogLevel.Error).Length;

        File.WriteAllBytes(path, Models.Tiny[..50]);
        HealthReportEntry broken = await CheckAsync(provider), again = await CheckAsync(provider);
        Assert.That((broken.Status, again.Status), Is.EqualTo((HealthStatus.Unhealthy, HealthStatus.Unhealthy)));
        Assert.That(again.Description, Does.StartWith("The model file is unusable").And.Contain(path));
        Assert.That(_log.Texts(LogLevel.Error), Has.Length.EqualTo(before + 1), "said once");
        Assert.That((await service.SegmentAsync(TestImages.Buffer(50, 40))).ClassIds.ToArray(), Is.EqualTo(expected));

        File.Delete(path);
        Assert.That((await CheckAsync(provider)).Description, Does.Contain("There is no model file"));

        File.WriteAllBytes(path, Models.Tiny);
        HealthReportEntry replaced = await CheckAsync(provider);
        Assert.That((replaced.Status, replaced.Description), Is.EqualTo((HealthStatus.Healthy,
            "The model file was replaced by a usable one, which is loaded at the next start.")));
        Assert.That((await service.SegmentAsync(TestImages.Buffer(50, 40))).ClassIds.ToArray(), Is.EqualTo(expected));
    }

    [Test]
    public async Task A_model_is_checked_by_its_name()
    {
        await using ServiceProvider provider = Services.Build(services => services
            .AddFastScnnSegmenter("day", options => Services.Tiny(options))
            .AddFastScnnSegmenter("night", options => options.ModelPath = "none.onnx")
            .AddHealthChecks().Add(FastScnnSegmenterHealthCheck.For("day"))
            .Add(FastScnnSegmenterHealthCheck.For("night", HealthStatus.Degraded, ["ready"])), _log);
        HealthReport report = await provider.GetRequiredService<HealthCheckService>().CheckHealthAsync();
        Assert.Multiple(() =>
        {
            Assert.That(report.Entries["day"].Status, Is.EqualTo(HealthStatus.Healthy));
            Assert.That(report.Entries["night"].Status, Is.EqualTo(HealthStatus.Degraded));
            Assert.That(report.Entries["night"].Description, Does.Contain("'night': ModelPath is 'none.onnx'"));
            Assert.That(report.Entries["night"].Tags, Is.EqualTo((string[])["ready"]));
        });
    }

    [Test]
    public async Task A_closed_service_is_unhealthy()
    {
        ServiceProvider provider = Build(Services.ModelFile());
        var service = (SegmentationService)provider.GetRequiredService<ISegmentationService>();
        service.Dispose();
        HealthReportEntry closed = await CheckAsync(provider);
        Assert.That(closed.Status, Is.EqualTo(HealthStatus.Unhealthy));
        Assert.That(closed.Description, Does.StartWith("A tiny image cannot be segmented"));
        await provider.DisposeAsync();
    }

    [Test]
    public void Checks_take_no_session_from_the_sizes_that_come_often()
    {
        using FastScnnSegmenter segmenter = FastScnnSegmenter.Load(Models.Tiny, new() { Classes = Services.Channels });
        for (int i = 0; i < 40; i++)
            segmenter.Probe();
        Assert.That(segmenter.SizedSessions, Is.Zero);
        for (int i = 0; i < 40; i++)
            segmenter.Segment(TestImages.Buffer(32, 32));
        Assert.That(segmenter.SizedSessions, Is.EqualTo(1), "images of that size do");
    }

    private ServiceProvider Build(string path) => Services.Build(services =>
    {
        services.AddFastScnnSegmenter(options =>
        {
            Services.Tiny(options, path);
            (options.MaxConcurrency, options.QueueLimit) = (1, 1);
        });
        services.AddHealthChecks().AddCheck<FastScnnSegmenterHealthCheck>("segmenter");
    }, _log);

    private static async Task<HealthReportEntry> CheckAsync(IServiceProvider provider) =>
        (await provider.GetRequiredService<HealthCheckService>().CheckHealthAsync()).Entries["segmenter"];
}
