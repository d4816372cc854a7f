using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Json;
using FastScnn.ML.Hosting;
using FastScnn.ML.Imaging;
using FastScnn.ML.Scoring;
using FastScnn.Scenes;
using FastScnn.Testing;
using FastScnn.Torch.Data;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.ML.Data;

namespace FastScnn.Web.Tests;

/// <summary>The sample on a free port of this machine, with a client.</summary>
internal sealed class Server : IAsyncDisposable
{
    private readonly WebApplication _app;

    private Server(WebApplication app)
    {
        _app = app;
        Client = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };
    }

    public HttpClient Client { get; }

    public FastScnnSegmenter Segmenter => Queue.RunAsync(segmenter => segmenter).GetAwaiter().GetResult();

    public ISegmentationService Queue => _app.Services.GetRequiredService<ISegmentationService>();

    public LiveStreams Streams => _app.Services.GetRequiredService<LiveStreams>();

    public static async Task<Server> StartAsync(params string[] settings)
    {
        WebApplication app = WebServer.Create(["--urls", "http://127.0.0.1:0", "--Logging:LogLevel:Default", "None",
            .. settings]);
        await app.StartAsync();
        return new Server(app);
    }

    /// <summary>A drawn street as a file: ".jpg" or ".png".</summary>
    public static byte[] Image(string extension = ".png", int width = 96, int height = 64)
    {
        (PixelBuffer street, _) =
            StreetScene.Generate(new StreetSceneOptions { Width = width, Height = height, Seed = 5 });
        ReadOnlySpan<byte> rgb = street.ToRgb24().Pixels.Span;
        byte[] pixels = new byte[4 * width * height];
        for (int i = 0; i < width * height; i++)
            (pixels[4 * i], pixels[4 * i + 1], pixels[4 * i + 2], pixels[4 * i + 3]) = (rgb[3 * i], rgb[3 * i + 1],
                rgb[3 * i + 2], 255);
        string path = Path.Combine(TestFiles.NewFolder(), "image" + extension);
        using MLImage image = MLImage.CreateFromPixels(width, height, MLPixelFormat.Rgba32, pixels);
        image.Save(path);
        return File.ReadAllBytes(path);
    }

    public static ByteArrayContent Body(byte[] image, string? type = "image/png")
    {
        ByteArrayContent body = new(image);
        body.Headers.ContentType = type is null ? null : MediaTypeHeaderValue.Parse(type);
        return body;
    }

    public static MultipartFormDataContent Form(params byte[][] files)
    {
        MultipartFormDataContent form = [];
        foreach (byte[] file in files)
            form.Add(new ByteArrayContent(file), "image", "image.png");
        if (files.Length == 0)
            form.Add(new StringContent("none"), "text");
        return form;
    }

    public Task<HttpResponseMessage> PostAsync(HttpContent content, CancellationToken cancellation = default) =>
        Client.PostAsync("segment", content, cancellation);

    /// <summary>Posts what must be refused, and looks at the reason.</summary>
    public async Task RefusesAsync(HttpContent content, int status, string reason)
    {
        using HttpResponseMessage reply = await PostAsync(content);
        string text = await reply.Content.ReadAsStringAsync();
        Assert.That((int)reply.StatusCode, Is.EqualTo(status), text);
        Assert.That(reply.Content.Headers.ContentType?.MediaType, Is.EqualTo("application/problem+json"));
        JsonElement problem = JsonDocument.Parse(text).RootElement;
        Assert.That(problem.GetProperty("status").GetInt32(), Is.EqualTo(status));
        Assert.That(problem.GetProperty("detail").GetString(), Does.Contain(reason));
        Assert.That(text, Does.Not.Contain("   at ").And.Not.Contain("Exception"));
    }

    /// <summary>Stops it as Ctrl+C does.</summary>
    public Task StopAsync() => _app.StopAsync();

    /// <summary>The sum of a metric over all series that have a label, as Prometheus reads it.</summary>
    public async Task<double> MetricAsync(string name, string label = "")
    {
        // The exporter answers from memory for 0.3 s.
        await Task.Delay(500);
        string text = await Client.GetStringAsync("metrics");
        return text.Split('\n').Where(line => line.StartsWith(name + "{", StringComparison.Ordinal)
            && line.Contains(label, StringComparison.Ordinal))
            .Sum(line => double.Parse(line[(line.LastIndexOf('}') + 1)..].Trim().Split(' ')[0],
                CultureInfo.InvariantCulture));
    }

    /// <summary>Waits, not for long, until something has come true in the server.</summary>
    public static async Task UntilAsync(Func<bool> isSo, string what)
    {
        for (int i = 0; i < 1000 && !isSo(); i++)
            await Task.Delay(10);
        Assert.That(isSo(), Is.True, what);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.DisposeAsync();
    }
}

/// <summary>Turns that tests take, to see what others get.</summary>
internal static class Turns
{
    /// <summary>Waits for a turn, which lasts until the result is disposed.</summary>
    public static async Task<IDisposable> EnterAsync(this ISegmentationService service, CancellationToken cancellation)
    {
        TaskCompletionSource begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
        ManualResetEventSlim end = new();
        Task work = service.RunAsync(_ =>
        {
            begun.SetResult();
            end.Wait(CancellationToken.None);
            return 0;
        }, cancellation);
        await await Task.WhenAny(begun.Task, work);
        return new Turn(work, end);
    }

    private sealed class Turn(Task work, ManualResetEventSlim end) : IDisposable
    {
        public void Dispose()
        {
            end.Set();
            work.GetAwaiter().GetResult();
            end.Dispose();
        }
    }
}
