using System.IO.Compression;
using FastScnn.ML.Hosting;
using FastScnn.ML.Imaging;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace FastScnn.ML.Tests.Hosting;

/// <summary>How many images a service takes, and what it says in the log.</summary>
public sealed class QueueTests
{
    [Test]
    public async Task No_more_are_worked_on_than_may_be_and_none_on_the_thread_that_asks()
    {
        await using ServiceProvider provider = Services.Build(maxConcurrency: 2, queueLimit: 30);
        var service = provider.GetRequiredService<ISegmentationService>();
        int now = 0, most = 0;
        var gate = new Lock();
        int[] threads = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => service.RunAsync(segmenter =>
        {
            lock (gate)
                most = Math.Max(most, ++now);
            segmenter.Segment(TestImages.Buffer(64, 64));
            Thread.Sleep(5);
            lock (gate)
                now--;
            return Thread.CurrentThread.IsThreadPoolThread ? 1 : 0;
        })));
        Assert.That((most, threads.Sum(), service.Working, service.Waiting), Is.EqualTo((2, 20, 0, 0)));
    }

    [Test]
    public async Task A_stream_that_cannot_seek_is_read_up_to_a_limit()
    {
        byte[] image = File.ReadAllBytes(TestImages.Street);
        await using ServiceProvider provider = Services.Build(services => services.AddFastScnnSegmenter(options =>
        {
            Services.Tiny(options);
            options.MaxStreamBytes = image.Length;
        }));
        var service = provider.GetRequiredService<ISegmentationService>();
        Assert.That((await service.SegmentAsync(Unseekable(image))).Width, Is.EqualTo(480));
        Assert.That(() => service.SegmentAsync(Unseekable([.. image, 0])),
            Throws.ArgumentException.With.Message.Contains($"more than {image.Length} bytes").And.Message.Contains(
                "MaxStreamBytes").And.InnerException.TypeOf<ImageException>());
        Assert.That((service.Working, service.Waiting), Is.EqualTo((0, 0)));

        static Stream Unseekable(byte[] bytes)
        {
            MemoryStream packed = new();
            using (GZipStream pack = new(packed, CompressionLevel.Fastest, leaveOpen: true))
                pack.Write(bytes);
            packed.Position = 0;
            return new GZipStream(packed, CompressionMode.Decompress);
        }
    }

    [Test]
    public async Task A_cancelled_image_leaves_its_place_at_once()
    {
        await using ServiceProvider provider = Services.Build(maxConcurrency: 1, queueLimit: 1);
        var service = provider.GetRequiredService<ISegmentationService>();
        bool began = false;
        await using (await Services.TakeTurnAsync(service))
        {
            using var leaving = new CancellationTokenSource();
            Task<bool> waiting = service.RunAsync(_ => began = true, leaving.Token);
            Assert.That((service.Working, service.Waiting), Is.EqualTo((1, 1)));
            leaving.Cancel();
            Assert.That(service.Waiting, Is.Zero, "at once, while the other is still worked on");
            Assert.That(async () => await waiting, Throws.InstanceOf<OperationCanceledException>());
            Task<SegmentationMap> next = service.SegmentAsync(TestImages.Buffer(40, 40));
            Assert.That(service.Waiting, Is.EqualTo(1), "its place is taken by another");
            Assert.That(() => service.SegmentAsync(TestImages.Buffer(40, 40), new CancellationToken(true)),
                Throws.InstanceOf<OperationCanceledException>());
        }
        await Services.UntilAsync(() => service.Working == 0, "all are done");
        Assert.That(began, Is.False);
    }

    [Test]
    public async Task A_full_queue_refuses_and_takes_again()
    {
        using var log = new LogLines();
        await using ServiceProvider provider = Services.Build(maxConcurrency: 1, queueLimit: 1, log);
        var service = provider.GetRequiredService<ISegmentationService>();
        Task<SegmentationMap> waiting;
        await using (await Services.TakeTurnAsync(service))
        {
            waiting = service.SegmentAsync(TestImages.Buffer(40, 40));
            for (int i = 0; i < 50; i++)
            {
                SegmenterBusyException busy = Assert.ThrowsAsync<SegmenterBusyException>(
                    () => service.SegmentAsync(TestImages.Buffer(40, 40)))!;
                Assert.That((busy.MaxConcurrency, busy.QueueLimit), Is.EqualTo((1, 1)));
                Assert.That(busy.Message, Does.StartWith("1 images are worked on and 1 wait"));
            }
        }
        await waiting;
        await service.SegmentAsync(TestImages.Buffer(40, 40));
        Assert.That(log.Texts(LogLevel.Warning).Single(), Does.Contain("1 images were refused lately"),
            "one line for many");
    }

    [Test]
    public async Task Those_that_wait_are_turned_away_when_the_container_is_closed()
    {
        ServiceProvider provider = Services.Build(maxConcurrency: 1, queueLimit: 1);
        var service = provider.GetRequiredService<ISegmentationService>();
        await using (await Services.TakeTurnAsync(service))
        {
            Task<SegmentationMap> waiting = service.SegmentAsync(TestImages.Buffer(40, 40));
            await provider.DisposeAsync();
            Assert.That(async () => await waiting, Throws.InstanceOf<ObjectDisposedException>());
        }
        Assert.That((service.Working, service.Waiting), Is.EqualTo((0, 0)));
    }

    [Test]
    public async Task A_failed_image_gives_its_turn_back_and_is_logged_by_whose_fault_it_is()
    {
        using var log = new LogLines();
        await using ServiceProvider provider = Services.Build(maxConcurrency: 1, queueLimit: 0, log);
        var service = provider.GetRequiredService<ISegmentationService>();
        Assert.That(() => service.SegmentAsync(new MemoryStream("a text"u8.ToArray())),
            Throws.InstanceOf<InvalidDataException>());
        Assert.That(() => service.RunAsync<int>(_ => throw new InvalidOperationException("no memory")),
            Throws.InvalidOperationException);
        await service.SegmentAsync(TestImages.Buffer(40, 40));
        Assert.That(log.Texts(LogLevel.Information)[^1],
            Does.Contain("refused (UnknownFormat)").And.Contain("a text"));
        Assert.That(log.Texts(LogLevel.Error), Has.Length.EqualTo(1));
    }

    [Test]
    public async Task A_gpu_that_is_not_there_is_a_warning()
    {
        using var log = new LogLines();
        await using ServiceProvider provider = Services.Build(services => services.AddFastScnnSegmenter(options =>
        {
            Services.Tiny(options);
            options.Segmenter = options.Segmenter with { GpuDeviceId = 0, FallbackToCpu = true };
        }), log);
        var service = provider.GetRequiredService<ISegmentationService>();
        if (service.FallbackReason is null)
            Assert.Ignore("this machine has a GPU");
        Assert.That(log.Texts(LogLevel.Warning).Single(),
            Does.Contain("runs on CPUExecutionProvider").And.Contain(service.FallbackReason));
    }
}
