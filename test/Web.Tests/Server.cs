using System.Net.Http.Headers;
using System.Text.Json;
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

    public FastScnnSegmenter Segmenter => _app.Services.GetRequiredService<FastScnnSegmenter>();

    public ImageQueue Queue => _app.Services.GetRequiredService<ImageQueue>();

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
