using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text.Json;

namespace FastScnn.Web.Tests;

/// <summary>A camera's side of <c>/live</c>.</summary>
internal sealed class LiveClient : IDisposable
{
    private readonly HttpMessageInvoker _http;
    private readonly ClientWebSocket _socket = new();
    private readonly byte[] _buffer = new byte[1 << 20];

    private LiveClient(int? receiveBuffer) => _http = new(new SocketsHttpHandler
    {
        ConnectCallback = async (context, cancellation) =>
        {
            Socket socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            if (receiveBuffer is { } size)
                socket.ReceiveBufferSize = size;
            await socket.ConnectAsync(context.DnsEndPoint, cancellation);
            return new NetworkStream(socket, ownsSocket: true);
        },
    });

    public WebSocketState State => _socket.State;

    public string? Reason => _socket.CloseStatusDescription;

    public static async Task<LiveClient> ConnectAsync(Server server, int? receiveBuffer = null)
    {
        LiveClient client = new(receiveBuffer);
        UriBuilder address = new(server.Client.BaseAddress!) { Scheme = "ws", Path = "live" };
        await client._socket.ConnectAsync(address.Uri, client._http, default);
        return client;
    }

    public Task SendAsync(byte[] frame, bool isWhole = true, CancellationToken cancellation = default) =>
        _socket.SendAsync(frame, WebSocketMessageType.Binary, isWhole, cancellation);

    public Task SendTextAsync(string text) => _socket.SendAsync(System.Text.Encoding.UTF8.GetBytes(text),
        WebSocketMessageType.Text, endOfMessage: true, default);

    /// <summary>Sends a frame and waits for its answer.</summary>
    public async Task<LiveReply> AskAsync(byte[] frame)
    {
        await SendAsync(frame);
        return await AnswerAsync();
    }

    public async Task<LiveReply> AnswerAsync()
    {
        int length = await ReceiveAsync();
        Assert.That(length, Is.Positive, $"closed: {_socket.CloseStatus} {Reason}");
        return JsonSerializer.Deserialize<LiveReply>(_buffer.AsSpan(0, length), JsonSerializerOptions.Web)!;
    }

    /// <summary>Waits for the server to close, and says why it did.</summary>
    public async Task<(WebSocketCloseStatus? Status, string? Reason)> ClosedAsync()
    {
        while (await ReceiveAsync() > 0)
        {
        }
        return (_socket.CloseStatus, Reason);
    }

    public async Task CloseAsync()
    {
        await _socket.CloseAsync(WebSocketCloseStatus.NormalClosure, "", default);
        Assert.That(_socket.CloseStatus, Is.EqualTo(WebSocketCloseStatus.NormalClosure));
    }

    /// <summary>Goes away without a word.</summary>
    public void Abort() => _socket.Abort();

    public void Dispose()
    {
        _socket.Dispose();
        _http.Dispose();
    }

    // 0 for a close.
    private async Task<int> ReceiveAsync()
    {
        using CancellationTokenSource late = new(TimeSpan.FromSeconds(60));
        int length = 0;
        while (true)
        {
            ValueWebSocketReceiveResult part = await _socket.ReceiveAsync(_buffer.AsMemory(length), late.Token);
            if (part.MessageType == WebSocketMessageType.Close)
                return 0;
            length += part.Count;
            if (part.EndOfMessage)
                return length;
        }
    }
}
