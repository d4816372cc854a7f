using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using FastScnn.Testing;

namespace FastScnn.ML.Tests.Cli;

/// <summary><c>fastscnn live</c>.</summary>
public class LiveCommandTests
{
    private static readonly string s_model =
        Path.Combine(TestFiles.Root, "samples", "models", "fastscnn-scenes.onnx");

    [SetUp]
    public void RequireFfmpeg() => FfmpegProgram.Require();

    [Test]
    public void A_file_plays_at_its_rate_and_every_frame_is_shown_or_counted_as_dropped()
    {
        string folder = TestFiles.NewFolder(), output = Path.Combine(folder, "live.mkv"),
            video = FfmpegProgram.Make(Path.Combine(folder, "v.mkv"),
                "-f lavfi -i testsrc2=size=96x64:rate=20 -frames:v 60 -c:v ffv1");
        (int exit, string text, string errors) =
            Cli.Run(Live(video, "--realtime", "--output", output, "--json"));
        Assert.That(exit, Is.Zero, errors);
        JsonNode facts = JsonNode.Parse(text.TrimEnd().Split('\n')[^1])!;
        int frames = (int)facts["frames"]!;
        Assert.That(frames + (int)facts["dropped"]!, Is.EqualTo(60));
        // The first frame may come late on a busy machine, and the others then catch up.
        Assert.That((double)facts["seconds"]!, Is.InRange(0.5, 60));
        foreach (string stage in new[] { "wait", "prepare", "network", "finish", "write" })
            Assert.That((double)facts["stagesMs"]![stage]!["p99"]!,
                Is.GreaterThanOrEqualTo((double)facts["stagesMs"]![stage]!["p50"]!));
        Assert.That(text, Does.Contain(" frames/s, ").And.Contain("50th and 99th percentile in ms: wait "));
        Assert.That(Count(output), Is.EqualTo(frames));
    }

    [Test]
    public void Standard_output_has_the_video_alone()
    {
        string folder = TestFiles.NewFolder(), copy = Path.Combine(folder, "copy.mkv");
        using Process process = Process.Start(new ProcessStartInfo("dotnet",
            [Cli.Program, .. Live("testsrc=size=97x65:rate=20", "--input-options", "-re -f lavfi", "--frames", "5",
                "--output", "-")])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        using (FileStream file = File.Create(copy)) process.StandardOutput.BaseStream.CopyTo(file);
        process.WaitForExit();
        Assert.That(process.ExitCode, Is.Zero, errors.Result);
        Assert.That(errors.Result, Does.Contain(", 5 frames, "));
        Assert.That(Count(copy), Is.EqualTo(5));
        Assert.That(FfmpegProgram.Probe(copy, "v", "stream=codec_name,width,height"),
            Is.EqualTo(new[] { "mjpeg", "97", "65" }));
    }

    [Test]
    public void A_stream_that_says_nothing_is_an_error()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        string folder = TestFiles.NewFolder(), output = Path.Combine(folder, "live.mp4"),
            address = $"tcp://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}";
        (int exit, _, string errors) = Cli.Run(Live(address, "--stall-timeout", "2", "--output", output));
        Assert.That((exit, errors.TrimEnd()), Is.EqualTo(
            (1, $"--input '{address}' stalled: no frame came for 2 s (--stall-timeout) after 0 frames.")));
        Assert.That(Directory.GetFiles(folder), Is.Empty);
    }

    [Test]
    public void A_pipe_that_nobody_writes_to_is_an_error()
    {
        if (OperatingSystem.IsWindows())
            Assert.Ignore("there is no mkfifo");
        string pipe = Path.Combine(TestFiles.NewFolder(), "pipe");
        using (Process made = Process.Start("mkfifo", [pipe])) made.WaitForExit();
        (int exit, _, string errors) = Cli.Run(Live(pipe, "--stall-timeout", "1.5"));
        Assert.That((exit, errors.TrimEnd()), Is.EqualTo(
            (1, $"--input '{pipe}' stalled: no frame came for 1.5 s (--stall-timeout) after 0 frames.")));
    }

    [TestCase("stalls", "stalled: no frame came for 3 s (--stall-timeout) after ")]
    [TestCase("breaks", "broke off after ")]
    [TestCase("changes", "has 128 x 96 pixels, and those before 96 x 64.")]
    public void A_stream_that_ends_badly_leaves_a_complete_video_of_what_came(string how, string message)
    {
        string folder = TestFiles.NewFolder(), whole = TestFiles.NewFolder(),
            output = Path.Combine(folder, "live.mp4");
        byte[] sent = File.ReadAllBytes(Stream(Path.Combine(whole, "1.ts"), "96x64", ""));
        if (how == "changes")
            sent = [.. sent, .. File.ReadAllBytes(Stream(Path.Combine(whole, "2.ts"), "128x96",
                " -output_ts_offset 2"))];
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using CancellationTokenSource done = new();
        Task serving = Task.Run(async () =>
        {
            using TcpClient client = await listener.AcceptTcpClientAsync(done.Token);
            await client.GetStream().WriteAsync(sent, done.Token);
            if (how == "stalls")
                await Task.Delay(Timeout.Infinite, done.Token);
        });
        (int exit, string text, string errors) = Cli.Run(Live(
            $"tcp://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}", "--stall-timeout", "3", "--output",
            output));
        done.Cancel();
        Assert.That(exit, Is.EqualTo(1));
        Assert.That(errors, Does.StartWith("--input 'tcp://127.0.0.1:").And.Contain(message));
        Assert.That(text, Does.Contain($"results in {output}"));
        Assert.That(Directory.GetFiles(folder), Is.EqualTo(new[] { output }));
        Assert.That(text, Does.Contain($", {Count(output)} frames, "));
    }

    [Test]
    public void A_page_shows_the_frames_to_several_browsers()
    {
        int port;
        using (var free = new TcpListener(IPAddress.Loopback, 0))
        {
            free.Start();
            port = ((IPEndPoint)free.LocalEndpoint).Port;
        }
        using Process process = Cli.Start(Live("testsrc2=size=96x64:rate=20", "--input-options", "-re -f lavfi",
            "--serve", $"{port}"));
        try
        {
            using var client = new HttpClient { BaseAddress = new($"http://localhost:{port}/") };
            string page = "";
            Wait.Until(process, () =>
            {
                try
                {
                    page = client.GetStringAsync("").Result;
                }
                catch (AggregateException)
                {
                    // It does not listen yet.
                }
                return page.Length > 0;
            });
            Assert.That(page, Does.Contain("src=\"stream\""));
            // One never reads, and one goes away.
            using var stuck = new TcpClient("localhost", port);
            stuck.GetStream().Write("GET /stream HTTP/1.1\r\nHost: localhost\r\n\r\n"u8);
            using (HttpResponseMessage gone =
                client.GetAsync("stream", HttpCompletionOption.ResponseHeadersRead).Result)
                Assert.That(gone.Content.Headers.ContentType!.MediaType, Is.EqualTo("multipart/x-mixed-replace"));
            Task<byte[]>[] browsers = [.. Enumerable.Range(0, 2).Select(_ => Read(client, 60_000))];
            foreach (Task<byte[]> browser in browsers)
                Assert.That(JpegsIn(browser.Result), Is.GreaterThan(5));
            JsonNode stats = JsonNode.Parse(client.GetStringAsync("stats").Result)!;
            Assert.That((int)stats["frames"]!, Is.GreaterThan(5));
            Assert.That(client.GetAsync("other").Result.StatusCode, Is.EqualTo(HttpStatusCode.NotFound));
        }
        finally
        {
            process.Kill(entireProcessTree: true);
        }
    }

    [Test]
    public void A_signal_ends_with_a_complete_video()
    {
        if (OperatingSystem.IsWindows())
            Assert.Ignore("there is no SIGTERM");
        string folder = TestFiles.NewFolder(), output = Path.Combine(folder, "live.mp4");
        using Process process = Cli.Start(Live("testsrc2=size=96x64:rate=20", "--input-options", "-re -f lavfi",
            "--output", output));
        Wait.Until(process, () => File.Exists(Path.Combine(folder, "live.mp4.tmp.mp4")));
        Thread.Sleep(1500);
        using (Process signal = Process.Start("kill", ["-TERM", $"{process.Id}"])) signal.WaitForExit();
        process.WaitForExit();
        Assert.That(process.ExitCode, Is.Zero);
        Assert.That(Directory.GetFiles(folder), Is.EqualTo(new[] { output }));
        Assert.That(Count(output), Is.Positive);
    }

    [Test]
    public void A_time_limit_ends_it()
    {
        (int exit, string text, string errors) = Cli.Run(Live("testsrc2=size=96x64:rate=20", "--input-options",
            "-re -f lavfi", "--duration", "1"));
        Assert.That(exit, Is.Zero, errors);
        Assert.That(text, Does.Match(@"\n\d+\.\d s, \d+\.\d frames/s, \d+ frames, \d+ dropped\r?\n"));
    }

    [TestCase("--input 'rtsp://***@127.0.0.1:9/cam': ", "rtsp://me:secret@127.0.0.1:9/cam")]
    [TestCase("--input names 'none', which is no file, device or address such as rtsp://host/path.", "none")]
    [TestCase("--realtime is for files, and --input 'tcp://127.0.0.1:9' is none.", "tcp://127.0.0.1:9", "--realtime")]
    [TestCase("is a file; give --realtime to play it at its own rate, or use 'fastscnn segment' for every frame.",
        "model")]
    [TestCase("--output is 'masks'; expected a video (.mp4, .m4v, .mov, .mkv, .webm, .ts), or - for standard output.",
        "tcp://127.0.0.1:9", "--output", "masks")]
    [TestCase("--serve is 'here'; expected a port, such as 8080, or *:8080 for all machines.", "tcp://127.0.0.1:9",
        "--serve", "here")]
    [TestCase("--stall-timeout is 0; it must be more than 0 and 2000000 at most.", "tcp://127.0.0.1:9",
        "--stall-timeout", "0")]
    public void What_does_not_fit_is_refused(string message, string input, params string[] options)
    {
        (int exit, _, string errors) = Cli.Run(Live(input == "model" ? s_model : input, options));
        Assert.That(exit, Is.EqualTo(1));
        Assert.That(errors, Does.Contain(message).And.Not.Contain("secret"));
    }

    private static string Stream(string path, string size, string more) => FfmpegProgram.Make(path,
        $"-f lavfi -i testsrc2=size={size}:rate=25 -frames:v 50 -c:v libx264 -g 10 -pix_fmt yuv420p{more}");

    private static async Task<byte[]> Read(HttpClient client, int count)
    {
        using Stream stream = await client.GetStreamAsync("stream");
        byte[] bytes = new byte[count];
        await stream.ReadExactlyAsync(bytes);
        return bytes;
    }

    private static int JpegsIn(ReadOnlySpan<byte> bytes)
    {
        ReadOnlySpan<byte> start = [0xff, 0xd8, 0xff];
        int count = 0;
        for (int at; (at = bytes.IndexOf(start)) >= 0; count++)
            bytes = bytes[(at + 3)..];
        return count;
    }

    private static int Count(string video) =>
        int.Parse(FfmpegProgram.Probe(video, "v", "stream=nb_read_frames", "-count_frames")[0]);

    private static string[] Live(string input, params string[] options) =>
        ["live", "--model", s_model, "--input", input, "--threads", "1", .. options];
}
