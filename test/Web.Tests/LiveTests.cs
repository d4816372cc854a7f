using System.Diagnostics;
using System.Net.WebSockets;
using FastScnn.ML.Imaging;
using FastScnn.ML.Tests.Images;
using FastScnn.Torch.Data;

namespace FastScnn.Web.Tests;

/// <summary><c>/live</c>: a WebSocket that takes the frames of a camera.</summary>
public sealed class LiveTests
{
    [Test]
    public async Task Frames_come_back_as_the_maps_that_the_segmenter_gives()
    {
        await using Server server = await Server.StartAsync();
        using LiveClient camera = await LiveClient.ConnectAsync(server);
        foreach ((int i, byte[] frame) in Frames().Index())
        {
            LiveReply reply = await camera.AskAsync(frame);
            SegmentationMap map = server.Segmenter.Segment(new MemoryStream(frame));
            Assert.That((reply.Frame, reply.Dropped, reply.Problem), Is.EqualTo((i + 1L, 0L, (LiveProblem?)null)));
            SegmentReply result = reply.Result!;
            Assert.That((result.Width, result.Height), Is.EqualTo((map.Width, map.Height)));
            Assert.That(IndexPng.Read(new MemoryStream(result.Mask), "mask").Ids.ToArray(),
                Is.EqualTo(map.ClassIds.ToArray()));
            Assert.That(result.Classes.Select(c => (c.Name, c.Share)),
                Is.EqualTo(map.Classes.Select((c, id) => (c.Name, map.ClassFractions[id]))));
            Assert.That(new[] { result.Timings.Decode, result.Timings.PreProcess, result.Timings.Inference },
                Has.All.Positive);
        }
        await camera.CloseAsync();
        await Server.UntilAsync(() => server.Streams.Open == 0, "the place is free again");

        // Sizes change within a stream, and frames are of any format.
        static IEnumerable<byte[]> Frames() =>
            [Server.Image(".jpg"), Server.Image(".jpg", 160, 96), Server.Image(), Server.Image(".jpg")];
    }

    [Test]
    public async Task The_newest_frame_wins_and_the_others_are_counted()
    {
        await using Server server = await Server.StartAsync("--imagesAtOnce", "1");
        using LiveClient camera = await LiveClient.ConnectAsync(server);
        using (await server.Queue.EnterAsync(default))
        {
            await camera.SendAsync(Server.Image(".jpg"));
            await Server.UntilAsync(() => server.Queue.Waiting == 1, "the first frame waits for its turn");
            foreach (int width in (int[])[64, 80, 112])
                await camera.SendAsync(Server.Image(".jpg", width));
            // The server reads them although it can work on none.
            await Task.Delay(500);
            Assert.That(server.Queue.Waiting, Is.EqualTo(1), "a camera has one frame in the queue");
        }
        LiveReply first = await camera.AnswerAsync(), second = await camera.AnswerAsync();
        Assert.That((first.Frame, first.Dropped, first.Result!.Width), Is.EqualTo((1L, 0L, 96)));
        Assert.That((second.Frame, second.Dropped, second.Result!.Width), Is.EqualTo((4L, 2L, 112)));
    }

    [Test]
    public async Task A_frame_that_is_refused_leaves_the_stream_open()
    {
        await using Server server =
            await Server.StartAsync("--maxFramePixels", "8000", "--imagesAtOnce", "1", "--imagesWaiting", "0");
        using LiveClient camera = await LiveClient.ConnectAsync(server);
        byte[] frame = Server.Image(".jpg");
        await RefusedAsync([], 400, "The body is empty");
        await RefusedAsync("no image"u8.ToArray(), 415, "It ");
        await RefusedAsync(frame[..(frame.Length / 2)], 422, "cut short");
        await RefusedAsync(Server.Image(".jpg", 128, 80), 413, "over the limit of 8000 pixels");
        using (await server.Queue.EnterAsync(default))
            await RefusedAsync(frame, 429, "try again");
        LiveReply reply = await camera.AskAsync(frame);
        Assert.That((reply.Frame, reply.Result!.Width), Is.EqualTo((6L, 96)));

        async Task RefusedAsync(byte[] image, int status, string reason)
        {
            LiveReply refused = await camera.AskAsync(image);
            Assert.That((refused.Problem?.Status, refused.Result), Is.EqualTo(((int?)status, (SegmentReply?)null)));
            Assert.That(refused.Problem!.Detail, Does.Contain(reason).And.Not.Contain("Exception"));
        }
    }

    [Test]
    public async Task What_is_no_stream_of_frames_is_closed_with_a_reason()
    {
        await using Server server = await Server.StartAsync("--maxFrameBytes", "100000", "--idleSeconds", "2");
        using (LiveClient large = await LiveClient.ConnectAsync(server))
        {
            // It is sent on and on, and no more of it is kept.
            byte[] part = new byte[60_000];
            for (int i = 0; i < 20; i++)
                await large.SendAsync(part, isWhole: false);
            Assert.That(await large.ClosedAsync(), Is.EqualTo((WebSocketCloseStatus.MessageTooBig,
                "The file is over the limit of 100000 bytes; shrink it.")));
        }
        using (LiveClient text = await LiveClient.ConnectAsync(server))
        {
            await text.SendTextAsync("hello");
            Assert.That((await text.ClosedAsync()).Status, Is.EqualTo(WebSocketCloseStatus.InvalidMessageType));
        }
        byte[] frame = Server.Image(".jpg");
        using (LiveClient idle = await LiveClient.ConnectAsync(server))
        {
            await idle.AskAsync(frame);
            // Half a frame is none.
            await idle.SendAsync(new byte[100], isWhole: false);
            Assert.That(await idle.ClosedAsync(),
                Is.EqualTo((WebSocketCloseStatus.PolicyViolation, "No frame came for 2 seconds.")));
        }
        using LiveClient mute = await LiveClient.ConnectAsync(server);
        await Server.UntilAsync(() => server.Streams.Open == 0, "one that does not answer the close is broken off");
        using HttpResponseMessage plain = await server.Client.GetAsync("live");
        Assert.That((int)plain.StatusCode, Is.EqualTo(426));
        Assert.That(await plain.Content.ReadAsStringAsync(), Does.Contain("over a WebSocket"));
    }

    [Test]
    public async Task A_frame_that_waits_long_for_its_turn_is_no_idle_stream()
    {
        await using Server server = await Server.StartAsync("--imagesAtOnce", "1", "--idleSeconds", "2");
        byte[] frame = Server.Image(".jpg");
        using LiveClient camera = await LiveClient.ConnectAsync(server);
        using (await server.Queue.EnterAsync(default))
        {
            await camera.SendAsync(frame);
            await Task.Delay(4500);
        }
        Assert.That((await camera.AnswerAsync()).Result, Is.Not.Null);
    }

    [Test]
    public async Task One_camera_too_many_is_told_so()
    {
        await using Server server = await Server.StartAsync("--streams", "2");
        using LiveClient first = await LiveClient.ConnectAsync(server), second = await LiveClient.ConnectAsync(server);
        using (LiveClient third = await LiveClient.ConnectAsync(server))
            Assert.That(await third.ClosedAsync(), Is.EqualTo((WebSocketCloseStatus.EndpointUnavailable,
                "All places for cameras are taken, 2 at a time; try again later.")));
        Assert.That(await server.Client.GetStringAsync("health"), Does.Contain("\"streams\":2"));
        await first.CloseAsync();
        await Server.UntilAsync(() => server.Streams.Open == 1, "a place is free");
        using LiveClient fourth = await LiveClient.ConnectAsync(server);
        Assert.That((await fourth.AskAsync(Server.Image(".jpg"))).Result, Is.Not.Null);
        Assert.That((await second.AskAsync(Server.Image(".jpg"))).Result, Is.Not.Null);
    }

    [Test]
    public async Task A_camera_that_goes_away_in_the_middle_of_a_frame_leaves_its_place_and_the_queue()
    {
        await using Server server = await Server.StartAsync("--imagesAtOnce", "1");
        using (LiveClient cut = await LiveClient.ConnectAsync(server))
        {
            await cut.AskAsync(Server.Image(".jpg"));
            await cut.SendAsync(Server.Image(".jpg")[..500], isWhole: false);
            cut.Abort();
            await Server.UntilAsync(() => server.Streams.Open == 0, "the place is free");
        }
        using (await server.Queue.EnterAsync(default))
        using (LiveClient waiting = await LiveClient.ConnectAsync(server))
        {
            await waiting.SendAsync(Server.Image(".jpg"));
            await Server.UntilAsync(() => server.Queue.Waiting == 1, "its frame waits");
            waiting.Abort();
            await Server.UntilAsync(() => server.Queue.Waiting == 0 && server.Streams.Open == 0, "nothing waits");
        }
    }

    [Test]
    public async Task A_camera_that_never_reads_is_left_after_a_while()
    {
        await using Server server = await Server.StartAsync("--idleSeconds", "1");
        using LiveClient deaf = await LiveClient.ConnectAsync(server, receiveBuffer: 4096);
        byte[] frame = Server.Image(".jpg");
        long sent = 0;
        // Answers fill the buffers of both sides; from then on frames are read and dropped, until the server gives up.
        Task sending = Task.Run(async () =>
        {
            while (true)
            {
                await deaf.SendAsync(frame);
                sent++;
                await Task.Delay(1);
            }
        });
        Stopwatch clock = Stopwatch.StartNew();
        while (server.Streams.Open > 0 && clock.Elapsed < TimeSpan.FromMinutes(2))
            await Task.Delay(50);
        TestContext.Out.WriteLine($"left after {clock.Elapsed.TotalSeconds:F1} s and {sent} frames");
        Assert.That(server.Streams.Open, Is.Zero);
        Assert.That(async () => await sending, Throws.InstanceOf<WebSocketException>());
        Assert.That((server.Queue.Working, server.Queue.Waiting), Is.EqualTo((0, 0)));
    }

    [Test]
    public async Task A_server_that_stops_says_so()
    {
        await using Server server = await Server.StartAsync();
        using LiveClient camera = await LiveClient.ConnectAsync(server);
        await camera.AskAsync(Server.Image(".jpg"));
        Task stopping = server.StopAsync();
        Assert.That(await camera.ClosedAsync(),
            Is.EqualTo((WebSocketCloseStatus.EndpointUnavailable, "The server stops.")));
        camera.Dispose();
        await stopping;
    }

    [Test]
    public async Task Many_cameras_one_after_the_other_and_at_once_leave_nothing_behind()
    {
        const int Cameras = 8, Rounds = 6;
        await using Server server = await Server.StartAsync("--streams", "8");
        byte[] frame = Server.Image(".jpg"), damaged = frame[..200];
        LiveReply expected = await FirstAsync();
        List<long> growth = [];
        (long memory, int handles) = Now();
        do
        {
            await Task.WhenAll(Enumerable.Range(0, Cameras).Select(StreamAsync));
            await Server.UntilAsync(() => server.Streams.Open == 0, "all places are free again");
            (long memoryAfter, int handlesAfter) = Now();
            growth.Add(memoryAfter - memory);
            if (handlesAfter - handles >= 20 && growth.Count > 1)
                Assert.Fail($"{handlesAfter - handles} handles more after round {growth.Count}");
            (memory, handles) = (memoryAfter, handlesAfter);
        } while (growth[^1] >= 1 << 20 && growth.Count < Rounds);
        Assert.That(growth[^1], Is.LessThan(1 << 20), $"bytes that rounds added: {string.Join(", ", growth)}");

        // 320 frames a round; the classes of their pixels alone are 2 MB. Half of the cameras go without a word.
        async Task StreamAsync(int number)
        {
            using LiveClient camera = await LiveClient.ConnectAsync(server);
            for (int i = 0; i < 40; i++)
            {
                LiveReply reply = await camera.AskAsync(i % 10 == 3 ? damaged : frame);
                if (i % 10 != 3)
                    Assert.That(reply.Result!.Mask, Is.EqualTo(expected.Result!.Mask));
                else
                    Assert.That(reply.Problem!.Status, Is.EqualTo(422));
            }
            if (number % 2 == 0)
                await camera.CloseAsync();
            else
                camera.Abort();
        }

        async Task<LiveReply> FirstAsync()
        {
            using LiveClient camera = await LiveClient.ConnectAsync(server);
            LiveReply reply = await camera.AskAsync(frame);
            await camera.CloseAsync();
            return reply;
        }

        static (long, int) Now()
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            using Process process = Process.GetCurrentProcess();
            return (GC.GetTotalMemory(forceFullCollection: true), process.HandleCount);
        }
    }

    [Test]
    public async Task A_flood_of_frames_takes_the_memory_of_two()
    {
        await using Server server = await Server.StartAsync("--imagesAtOnce", "1");
        using LiveClient camera = await LiveClient.ConnectAsync(server);
        byte[] frame = new byte[1 << 20];
        await camera.AskAsync(frame);
        using IDisposable held = await server.Queue.EnterAsync(default);
        long peak = PeakMemory.While(() =>
        {
            for (int i = 0; i < 200; i++)
                camera.SendAsync(frame).GetAwaiter().GetResult();
        });
        TestContext.Out.WriteLine($"{peak >> 20} MiB more than before");
        Assert.That(peak, Is.LessThan(60 << 20));
    }
}
