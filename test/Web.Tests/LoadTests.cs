using System.Diagnostics;

namespace FastScnn.Web.Tests;

/// <summary>Many clients, and clients that go away.</summary>
public sealed class LoadTests
{
    [Test]
    public async Task A_client_that_goes_away_leaves_the_queue()
    {
        await using Server server = await Server.StartAsync("--imagesAtOnce", "1");
        byte[] image = Server.Image();
        using CancellationTokenSource leaving = new();
        using (await server.Queue.EnterAsync(default))
        {
            Task<HttpResponseMessage> sent = server.PostAsync(Server.Body(image), leaving.Token);
            await Server.UntilAsync(() => server.Queue.Waiting == 1, "the image waits");
            leaving.Cancel();
            Assert.That(async () => await sent, Throws.InstanceOf<OperationCanceledException>());
            await Server.UntilAsync(() => server.Queue.Waiting == 0, "it waits no more");
        }
        Assert.That(await server.MetricAsync("fastscnn_images_total"), Is.Zero, "it was never begun");
        Assert.That(await server.MetricAsync("fastscnn_image_failures_total", "error_type=\"canceled\""),
            Is.EqualTo(1));
        using HttpResponseMessage next = await server.PostAsync(Server.Body(image));
        Assert.That((int)next.StatusCode, Is.EqualTo(200));
    }

    [Test]
    public async Task More_than_may_wait_are_turned_away()
    {
        await using Server server = await Server.StartAsync("--imagesAtOnce", "1", "--imagesWaiting", "1");
        byte[] image = Server.Image();
        Task<HttpResponseMessage> waiting;
        using (await server.Queue.EnterAsync(default))
        {
            waiting = server.PostAsync(Server.Body(image));
            await Server.UntilAsync(() => server.Queue.Waiting == 1, "the first waits");
            await server.RefusesAsync(Server.Body(image), 429, "try again");
            using HttpResponseMessage health = await server.Client.GetAsync("health");
            Assert.That(await health.Content.ReadAsStringAsync(),
                Is.EqualTo("""{"status":"degraded","working":1,"waiting":1,"streams":0}"""));
        }
        using HttpResponseMessage served = await waiting;
        Assert.That((int)served.StatusCode, Is.EqualTo(200));
    }

    [Test]
    public async Task Sixteen_clients_at_once_are_served_and_leave_nothing_behind()
    {
        const int Clients = 16, Rounds = 6;
        await using Server server = await Server.StartAsync();
        byte[] image = Server.Image(), damaged = image[..20];
        byte[] expected = await MaskAsync();
        // The pools of the server, the client and the runtime grow during the first rounds, by megabytes and not always
        // in the same round. What requests leave behind grows in every round: the classes of all pixels are 6 KB a
        // request, so 480 requests that keep them add more than 2 MB each time.
        List<long> growth = [];
        (long memory, int handles) = Now();
        do
        {
            await RoundAsync(requests: 30);
            (long memoryAfter, int handlesAfter) = Now();
            growth.Add(memoryAfter - memory);
            if (handlesAfter - handles >= 20 && growth.Count > 1)
                Assert.Fail($"{handlesAfter - handles} handles more after round {growth.Count}");
            (memory, handles) = (memoryAfter, handlesAfter);
        } while (growth[^1] >= 1 << 20 && growth.Count < Rounds);
        Assert.Multiple(() =>
        {
            Assert.That(growth[^1], Is.LessThan(1 << 20), $"bytes that rounds added: {string.Join(", ", growth)}");
            Assert.That((server.Queue.Working, server.Queue.Waiting), Is.EqualTo((0, 0)));
        });

        Task RoundAsync(int requests) => Task.WhenAll(Enumerable.Range(0, Clients).Select(async client =>
        {
            for (int i = 0; i < requests; i++)
            {
                if ((client + i) % 5 == 0)
                    await server.RefusesAsync(Server.Form(damaged), 422, "cut short");
                else
                    Assert.That(await MaskAsync(), Is.EqualTo(expected));
            }
        }));

        async Task<byte[]> MaskAsync()
        {
            using HttpRequestMessage request = new(HttpMethod.Post, "segment") { Content = Server.Form(image) };
            request.Headers.Accept.ParseAdd("image/png");
            using HttpResponseMessage reply = await server.Client.SendAsync(request);
            return await reply.EnsureSuccessStatusCode().Content.ReadAsByteArrayAsync();
        }

        static (long, int) Now()
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            using Process process = Process.GetCurrentProcess();
            return (GC.GetTotalMemory(forceFullCollection: true), process.HandleCount);
        }
    }
}
