using System.Net.WebSockets;
using FastScnn.ML.Hosting;

namespace FastScnn.Web;

/// <summary><c>/live</c>: frames of a camera over a WebSocket, each answered with its mask.</summary>
internal static class LiveEndpoint
{
    public static async Task HandleAsync(HttpContext context, ISegmentationService service,
        LiveStreams streams, WebOptions options, IHostApplicationLifetime lifetime, ILogger<LiveSession> log)
    {
        if (!context.WebSockets.IsWebSocketRequest)
            throw Refused.NoWebSocket();
        using IDisposable? place = streams.TryEnter();
        using WebSocket socket = await context.WebSockets.AcceptWebSocketAsync();
        LiveSession session = new(socket, context.Abort, service, options, log);
        // A page learns nothing of a handshake that is refused, so there is one, and a reason after it.
        if (place is null)
            await session.RefuseAsync(Refused.TooManyStreams(options.Streams));
        else
            await session.RunAsync(context.RequestAborted, lifetime.ApplicationStopping);
    }
}
