using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using FastScnn.Scenes;
using FastScnn.Torch.Data;
using Microsoft.ML.Data;
using static System.FormattableString;

namespace FastScnn.Bench.Serving;

/// <summary>The web sample under many clients: what it serves, whether its memory grows, whether its meters say what
/// the clients counted, what becomes of requests that are cancelled and of a model file that breaks.</summary>
internal sealed class ServingCheck
{
    private const int Clients = 16, AtOnce = 2, Waiting = 8;

    private readonly BenchReport _report = new();
    private readonly WebProcess _server;
    private readonly string _model;
    private bool _failed;

    private ServingCheck(WebProcess server, string model) => (_server, _model) = (server, model);

    /// <summary>Measures, prints, and writes artifacts/bench/serving.md.</summary>
    /// <param name="seconds">How long the clients ask.</param>
    /// <returns>The exit code: 1 if something was not as it should be.</returns>
    public static async Task<int> RunAsync(int seconds)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("fastscnn-serving-");
        try
        {
            string model = Path.Join(folder.FullName, "model.onnx");
            File.Copy(Path.Join(Checkout.Root, "samples", "models", "fastscnn-scenes.onnx"), model);
            using WebProcess server = await WebProcess.StartAsync("--model", model,
                "--imagesAtOnce", Invariant($"{AtOnce}"), "--imagesWaiting", Invariant($"{Waiting}"));
            var check = new ServingCheck(server, model);
            check._report.Add("# Serving");
            check._report.Add("");
            check._report.Add(Machine.Describe());
            await check.LoadAsync(TimeSpan.FromSeconds(seconds), folder.FullName);
            await check.CancelAsync(folder.FullName);
            await check.BreakModelAsync(folder.FullName);
            check._report.Save(Checkout.Artifact("bench", "serving.md"));
            return check._failed ? 1 : 0;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    // Nobody leaves here, so that both sides must have counted the same.
    private async Task LoadAsync(TimeSpan length, string folder)
    {
        byte[][] images = [Image(folder, 320, 208), Image(folder, 480, 352), Image(folder, 640, 400)];
        byte[] damaged = images[1][..(images[1].Length / 2)];
        var counts = new Dictionary<int, long>();
        var latencies = new List<double>();
        var memory = new List<double>();
        // What code and buffers grow to is no leak.
        await Task.WhenAll(Enumerable.Range(0, Clients).Select(client => AskAsync(client, TimeSpan.FromSeconds(5))));
        latencies.Clear();
        var clock = Stopwatch.StartNew();
        Task clients = Task.WhenAll(Enumerable.Range(0, Clients).Select(client => AskAsync(client, length)));
        while (await Task.WhenAny(clients, Task.Delay(length / 30)) != clients)
            memory.Add(_server.Megabytes);
        await clients;
        double elapsed = clock.Elapsed.TotalSeconds;
        Meters meters = await _server.MetersAsync();
        latencies.Sort();

        _report.Heading(Invariant(
            $"{Clients} clients for {length.TotalSeconds:F0} s, {AtOnce} images at a time, {Waiting} waiting"));
        _report.Add(Invariant($"- {latencies.Count / elapsed:F1} images a second; those that were served took ")
            + Invariant($"{Percentile(0.5):F0} ms (median), {Percentile(0.95):F0} ms (95 %), ")
            + Invariant($"{Percentile(0.99):F0} ms (99 %), {latencies[^1]:F0} ms (longest)"));
        double early = memory.Skip(memory.Count / 3).Take(memory.Count / 3).Average(),
            late = memory.Skip(2 * memory.Count / 3).Average();
        Check(late < early * 1.1 + 10, Invariant(
            $"memory: {early:F0} MB on average in the middle third, {late:F0} MB in the last"));
        Same("images", counts.GetValueOrDefault(200), meters.Sum("fastscnn_images_total"));
        Same("refused with 429", counts.GetValueOrDefault(429), Failures(meters, "busy"));
        Same("cut short, 422", counts.GetValueOrDefault(422), Failures(meters, "incomplete"));
        Same("answers and failures of all kinds", counts.Values.Sum(),
            meters.Sum("fastscnn_images_total") + Failures(meters));
        Same("durations", counts.GetValueOrDefault(200), meters.Sum("fastscnn_image_duration_seconds_count"));
        Same("waits", counts.GetValueOrDefault(200) + counts.GetValueOrDefault(422),
            meters.Sum("fastscnn_stage_duration_seconds_count", "fastscnn_stage=\"wait\""));
        Same("images at work or waiting in the end", 0,
            meters.Sum("fastscnn_queue_length") + meters.Sum("fastscnn_queue_active"));

        double Percentile(double part) => latencies[(int)(part * (latencies.Count - 1))];

        async Task AskAsync(int client, TimeSpan time)
        {
            var random = new Random(client);
            for (var left = Stopwatch.StartNew(); left.Elapsed < time;)
            {
                byte[] image = random.Next(20) == 0 ? damaged : images[random.Next(images.Length)];
                long start = Stopwatch.GetTimestamp();
                int status = await SegmentAsync(image, default);
                double took = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
                lock (counts)
                {
                    counts[status] = counts.GetValueOrDefault(status) + 1;
                    if (status == 200)
                        latencies.Add(took);
                }
                if (status == 429)
                    await Task.Delay(50);
            }
        }
    }

    private async Task CancelAsync(string folder)
    {
        const int Rounds = 5, Sent = AtOnce + Waiting;
        byte[] large = Image(folder, 2048, 1024);
        Meters before = await _server.MetersAsync();
        double slowest = 0;
        for (int round = 0; round < Rounds; round++)
        {
            using var leaving = new CancellationTokenSource();
            Task<int>[] requests = [.. Enumerable.Range(0, Sent).Select(_ => SegmentAsync(large, leaving.Token))];
            await UntilAsync(health => health.Working + health.Waiting == Sent || requests.Any(one => one.IsCompleted));
            leaving.Cancel();
            slowest = Math.Max(slowest, await UntilAsync(health => health.Waiting == 0));
            await UntilAsync(health => health.Working == 0);
            await ((Task)Task.WhenAll(requests)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        Meters after = await _server.MetersAsync();
        _report.Heading(Invariant($"{Rounds} times {Sent} requests that are cancelled while they wait"));
        Check(slowest < 1000, Invariant($"the queue is empty {slowest:F0} ms after all have left, at the slowest"));
        Same("requests", Rounds * Sent, after.Sum("fastscnn_images_total") - before.Sum("fastscnn_images_total")
            + Failures(after) - Failures(before));
        Check(Failures(after, "canceled") - Failures(before, "canceled") >= Rounds,
            Invariant($"{Failures(after, "canceled") - Failures(before, "canceled")} of them never started"));
        Same("a request after them", 200, await SegmentAsync(Image(folder, 320, 208), default));
    }

    private async Task BreakModelAsync(string folder)
    {
        byte[] whole = File.ReadAllBytes(_model), image = Image(folder, 320, 208);
        _report.Heading("The model file is overwritten by half of it, and then put back");
        File.WriteAllBytes(_model, whole[..(whole.Length / 2)]);
        (HttpStatusCode code, string status, _, _) = await _server.HealthAsync();
        Check((code, status) == (HttpStatusCode.ServiceUnavailable, "unhealthy"), $"health: {(int)code}, {status}");
        Same("a request meanwhile", 200, await SegmentAsync(image, default));
        Check(_server.IsUp, "the process is up");
        File.WriteAllBytes(_model, whole);
        (code, status, _, _) = await _server.HealthAsync();
        Check((code, status) == (HttpStatusCode.OK, "healthy"), $"health, put back: {(int)code}, {status}");
    }

    // How many milliseconds it took.
    private async Task<double> UntilAsync(
        Func<(HttpStatusCode Code, string Status, int Working, int Waiting), bool> condition)
    {
        var clock = Stopwatch.StartNew();
        while (!condition(await _server.HealthAsync()) && clock.Elapsed < TimeSpan.FromMinutes(1))
            await Task.Delay(5);
        return clock.Elapsed.TotalMilliseconds;
    }

    private async Task<int> SegmentAsync(byte[] image, CancellationToken cancellation)
    {
        using var body = new ByteArrayContent(image);
        body.Headers.ContentType = new MediaTypeHeaderValue("image/jpeg");
        using HttpResponseMessage reply = await _server.Client.PostAsync("segment", body, cancellation);
        await reply.Content.ReadAsByteArrayAsync(cancellation);
        return (int)reply.StatusCode;
    }

    private static long Failures(Meters meters, string? kind = null) =>
        meters.Sum("fastscnn_image_failures_total", kind is null ? "" : $"error_type=\"{kind}\"");

    private void Same(string what, long expected, long found) =>
        Check(expected == found, Invariant($"{what}: {expected} expected, {found} found"));

    private void Check(bool isSo, string finding)
    {
        _failed |= !isSo;
        _report.Add($"- {(isSo ? "" : "FAILED: ")}{finding}");
    }

    private static byte[] Image(string folder, int width, int height)
    {
        (PixelBuffer street, _) =
            StreetScene.Generate(new StreetSceneOptions { Width = width, Height = height, Seed = 5 });
        ReadOnlySpan<byte> rgb = street.ToRgb24().Pixels.Span;
        byte[] pixels = new byte[4 * width * height];
        for (int i = 0; i < width * height; i++)
            (pixels[4 * i], pixels[4 * i + 1], pixels[4 * i + 2], pixels[4 * i + 3]) = (rgb[3 * i], rgb[3 * i + 1],
                rgb[3 * i + 2], 255);
        string path = Path.Join(folder, "image.jpg");
        using MLImage image = MLImage.CreateFromPixels(width, height, MLPixelFormat.Rgba32, pixels);
        image.Save(path);
        return File.ReadAllBytes(path);
    }
}
