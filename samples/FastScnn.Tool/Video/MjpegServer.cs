using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Runtime.InteropServices;
using System.Text;
using System.Threading.Channels;
using SkiaSharp;

namespace FastScnn.Tool.Video;

/// <summary>A page that shows frames as they come: MJPEG, one image of a multipart answer after the other. Each browser
/// gets the newest frame when it has taken the one before, so a slow one or one that is gone holds up nobody.</summary>
internal sealed class MjpegServer : IAsyncDisposable
{
    private const int Quality = 80;

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);

    private static readonly byte[] s_page = """
        <!doctype html><html lang="en"><meta charset="utf-8"><title>fastscnn live</title>
        <style>body{margin:0;background:#111;color:#ccc;font:16px sans-serif}img{display:block;max-width:100%}</style>
        <img src="stream" alt="the newest frame with its classes"><p id="stats"></p>
        <script>setInterval(async () => {
          const s = await (await fetch("stats")).json();
          document.getElementById("stats").textContent =
            `${s.framesPerSecond.toFixed(1)} frames/s, ${s.frames} frames, ${s.dropped} dropped`;
        }, 1000)</script></html>

        """u8.ToArray();

    private readonly HttpListener _listener = new();
    private readonly ConcurrentDictionary<Channel<byte[]>, HttpListenerResponse> _viewers = new();
    private readonly CancellationTokenSource _closing = new();
    private readonly Func<byte[]> _stats;
    private readonly Task _accepting;

    /// <param name="serve">The value of --serve.</param>
    /// <param name="stats">Gives what /stats answers.</param>
    /// <exception cref="ArgumentException">The value is no port.</exception>
    /// <exception cref="IOException">The port cannot be used.</exception>
    public MjpegServer(string serve, Func<byte[]> stats)
    {
        _stats = stats;
        string port = serve.StartsWith("*:", StringComparison.Ordinal) ? serve[2..] : serve;
        if (!ushort.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out ushort number) || number == 0)
            throw new ArgumentException(
                $"--serve is '{serve}'; expected a port, such as 8080, or *:8080 for all machines.");
        Address = $"http://localhost:{number}/";
        foreach (string host in serve == port ? new[] { "localhost", "127.0.0.1" } : ["*"])
            _listener.Prefixes.Add($"http://{host}:{number}/");
        try
        {
            _listener.Start();
        }
        catch (Exception e) when (e is HttpListenerException or System.Net.Sockets.SocketException)
        {
            throw new IOException($"--serve {serve}: the port cannot be used: {e.Message}", e);
        }
        _accepting = Task.Run(AcceptAsync);
    }

    /// <summary>Where the page is.</summary>
    public string Address { get; }

    /// <summary>Whether somebody looks.</summary>
    public bool HasViewers => !_viewers.IsEmpty;

    /// <summary>Shows a frame to those who look. Does not wait for them.</summary>
    /// <param name="pixels">Blue, green, red and one byte more of each.</param>
    /// <param name="format">The frame.</param>
    public void Show(byte[] pixels, FrameFormat format)
    {
        if (!HasViewers)
            return;
        byte[] jpeg = Encode(pixels, format);
        foreach (Channel<byte[]> viewer in _viewers.Keys)
            viewer.Writer.TryWrite(jpeg);
    }

    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync().ConfigureAwait(false);
        foreach (HttpListenerResponse response in _viewers.Values)
            response.Abort();
        _listener.Close();
        await _accepting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _closing.Dispose();
    }

    private static byte[] Encode(byte[] pixels, FrameFormat format)
    {
        var pin = GCHandle.Alloc(pixels, GCHandleType.Pinned);
        try
        {
            using SKPixmap image = new(new SKImageInfo(format.Width, format.Height, SKColorType.Bgra8888,
                SKAlphaType.Opaque), pin.AddrOfPinnedObject());
            using SKData data = image.Encode(SKEncodedImageFormat.Jpeg, Quality);
            return data.ToArray();
        }
        finally
        {
            pin.Free();
        }
    }

    private async Task AcceptAsync()
    {
        while (true)
        {
            HttpListenerContext context = await _listener.GetContextAsync().ConfigureAwait(false);
            _ = Task.Run(() => AnswerAsync(context));
        }
    }

    private async Task AnswerAsync(HttpListenerContext context)
    {
        HttpListenerResponse response = context.Response;
        try
        {
            response.Headers["Cache-Control"] = "no-store";
            string path = context.Request.HttpMethod == "GET" ? context.Request.Url?.AbsolutePath ?? "" : "";
            if (path == "/stream")
            {
                await StreamAsync(response).ConfigureAwait(false);
                return;
            }
            (response.StatusCode, response.ContentType, byte[] body) = path switch
            {
                "/" => (200, "text/html; charset=utf-8", s_page),
                "/stats" => (200, "application/json", _stats()),
                _ => (404, "text/plain", "There are /, /stream and /stats.\n"u8.ToArray()),
            };
            response.ContentLength64 = body.Length;
            await response.OutputStream.WriteAsync(body).AsTask().WaitAsync(s_patience, _closing.Token)
                .ConfigureAwait(false);
            response.Close();
        }
        catch (Exception)
        {
            // A browser that is gone or does not take its frames is nobody's fault here.
            response.Abort();
        }
    }

    private async Task StreamAsync(HttpListenerResponse response)
    {
        response.ContentType = "multipart/x-mixed-replace; boundary=frame";
        response.SendChunked = true;
        var newest = Channel.CreateBounded<byte[]>(new BoundedChannelOptions(1)
        {
            FullMode = BoundedChannelFullMode.DropOldest
        });
        _viewers[newest] = response;
        try
        {
            // The line between two frames follows a frame at once: browsers show a frame when they see that line.
            ReadOnlyMemory<byte> between = "\r\n--frame\r\n"u8.ToArray();
            await WriteAsync(between).ConfigureAwait(false);
            while (true)
            {
                byte[] jpeg = await newest.Reader.ReadAsync(_closing.Token).ConfigureAwait(false);
                byte[] head = Encoding.ASCII.GetBytes(
                    $"Content-Type: image/jpeg\r\nContent-Length: {jpeg.Length}\r\n\r\n");
                await WriteAsync((byte[])[.. head, .. jpeg, .. between.Span]).ConfigureAwait(false);
            }
        }
        finally
        {
            _viewers.TryRemove(newest, out _);
        }

        Task WriteAsync(ReadOnlyMemory<byte> bytes) => response.OutputStream.WriteAsync(bytes).AsTask()
            .WaitAsync(s_patience, _closing.Token);
    }
}
