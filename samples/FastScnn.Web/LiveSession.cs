using System.Buffers;
using System.Diagnostics;
using System.Net.WebSockets;
using System.Text.Json;
using System.Threading.Channels;
using FastScnn.ML.Hosting;
using FastScnn.ML.Imaging;
using FastScnn.ML.Scoring;
using Microsoft.ML.Data;

namespace FastScnn.Web;

/// <summary>One camera's stream, from the first frame to the close. Frames are read as they come, and the newest one is
/// worked on next: those that it overtakes are dropped and counted, so a stream holds two frames at most.</summary>
/// <remarks>Two loops run side by side, one that reads and one that works and answers. Whatever ends the stream says so
/// once, in <see cref="_ending"/>; then the work stops, the client is told, and the reading ends with the
/// connection.</remarks>
/// <param name="socket">The connection; the caller owns it.</param>
/// <param name="abort">Breaks the connection off under the socket, so that a read ends that waits.</param>
/// <param name="service">Where frames wait for their turn, and get their masks.</param>
/// <param name="options">The limits.</param>
/// <param name="log">Takes failures that are not the client's.</param>
internal sealed class LiveSession(WebSocket socket, Action abort, ISegmentationService service, WebOptions options,
    ILogger log)
{
    private const int FirstBuffer = 64 << 10;

    private static readonly TimeSpan s_farewell = TimeSpan.FromSeconds(5);

    private readonly TaskCompletionSource<Ending> _ending = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Channel<Frame> _newest = Channel.CreateBounded<Frame>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true },
        dropped => dropped.Return());
    private long _lastSeen = Stopwatch.GetTimestamp();
    private volatile bool _isWorking;

    /// <summary>How a stream ends; without a status, the client is gone already.</summary>
    private sealed record Ending(WebSocketCloseStatus? Status, string Reason = "");

    /// <summary>A frame as it came, in a borrowed buffer.</summary>
    private readonly record struct Frame(long Number, byte[] Buffer, int Length)
    {
        public void Return() => ArrayPool<byte>.Shared.Return(Buffer);
    }

    /// <summary>Tells the client at once why there is no stream.</summary>
    public async Task RefuseAsync(RefusedException reason)
    {
        Task reading = ReadAsync();
        _ending.TrySetResult(Refusal(WebSocketCloseStatus.EndpointUnavailable, reason));
        await FarewellAsync(await _ending.Task, reading);
    }

    /// <summary>Runs the stream to its end.</summary>
    /// <param name="aborted">The connection is gone.</param>
    /// <param name="stopping">The server stops.</param>
    public async Task RunAsync(CancellationToken aborted, CancellationToken stopping)
    {
        using CancellationTokenSource ended = new();
        using CancellationTokenRegistration gone = aborted.Register(() => _ending.TrySetResult(new(null))),
            stop = stopping.Register(() =>
                _ending.TrySetResult(new(WebSocketCloseStatus.EndpointUnavailable, "The server stops.")));
        Task reading = ReadAsync(), working = WorkAsync(ended.Token), watching = WatchAsync(ended.Token);
        Ending ending = await _ending.Task;
        ended.Cancel();
        await working;
        await watching;
        await FarewellAsync(ending, reading);
        if (_newest.Reader.TryRead(out Frame left))
            left.Return();
    }

    // Reads until the connection ends. After the end of the stream it reads on, because a connection that is closed
    // with bytes unread is reset, and the client would not see the reason.
    private async Task ReadAsync()
    {
        long number = 0;
        byte[] buffer = ArrayPool<byte>.Shared.Rent(FirstBuffer);
        try
        {
            for (int length = 0; ;)
            {
                ValueWebSocketReceiveResult part =
                    await socket.ReceiveAsync(buffer.AsMemory(length), CancellationToken.None);
                if (part.MessageType == WebSocketMessageType.Close)
                {
                    _ending.TrySetResult(new(WebSocketCloseStatus.NormalClosure));
                    return;
                }
                if (part.MessageType == WebSocketMessageType.Text)
                    _ending.TrySetResult(new(WebSocketCloseStatus.InvalidMessageType,
                        "A frame is a binary message with an image, and this was a text."));
                length += part.Count;
                if (length > options.MaxFrameBytes)
                    _ending.TrySetResult(Refusal(WebSocketCloseStatus.MessageTooBig,
                        Refused.TooManyBytes(options.MaxFrameBytes)));
                if (_ending.Task.IsCompleted)
                    length = 0;
                else if (part.EndOfMessage)
                {
                    Volatile.Write(ref _lastSeen, Stopwatch.GetTimestamp());
                    _newest.Writer.TryWrite(new(++number, buffer, length));
                    buffer = ArrayPool<byte>.Shared.Rent(FirstBuffer);
                    length = 0;
                }
                else if (length == buffer.Length)
                    buffer = Larger(buffer);
            }
        }
        catch (Exception e)
        {
            if (!IsGone(e))
                log.LogError(e, "A stream cannot be read.");
            _ending.TrySetResult(new(null));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private async Task WorkAsync(CancellationToken ended)
    {
        long last = 0, dropped = 0;
        try
        {
            await foreach (Frame frame in _newest.Reader.ReadAllAsync(ended))
            {
                byte[] answer;
                _isWorking = true;
                try
                {
                    dropped += frame.Number - last - 1;
                    last = frame.Number;
                    answer = await AnswerAsync(frame, dropped, ended);
                }
                finally
                {
                    frame.Return();
                    Volatile.Write(ref _lastSeen, Stopwatch.GetTimestamp());
                    _isWorking = false;
                }
                // A client that does not read is not waited for longer than one that does not send.
                using CancellationTokenSource slow = new(TimeSpan.FromSeconds(options.IdleSeconds));
                using CancellationTokenRegistration soon = ended.Register(() => slow.CancelAfter(s_farewell));
                await socket.SendAsync(answer, WebSocketMessageType.Text, endOfMessage: true, slow.Token);
            }
        }
        catch (Exception e) when (IsGone(e))
        {
            _ending.TrySetResult(new(null));
        }
        catch (Exception e)
        {
            log.LogError(e, "A frame failed.");
            _ending.TrySetResult(new(WebSocketCloseStatus.InternalServerError, "The server failed."));
        }
    }

    private async Task<byte[]> AnswerAsync(Frame frame, long dropped, CancellationToken ended)
    {
        LiveReply reply;
        try
        {
            if (frame.Length == 0)
                throw Refused.NoImage();
            SegmentReply result = await service.RunAsync(segmenter => Segment(segmenter, frame), ended);
            reply = new(frame.Number, dropped, result, null);
        }
        catch (Exception e) when (Refused.Of(e) is { } refused)
        {
            reply = new(frame.Number, dropped, null, new(refused.Status, refused.Title, refused.Message));
        }
        return JsonSerializer.SerializeToUtf8Bytes(reply, JsonSerializerOptions.Web);
    }

    private SegmentReply Segment(FastScnnSegmenter segmenter, Frame frame)
    {
        long start = Stopwatch.GetTimestamp();
        using MemoryStream file = new(frame.Buffer, 0, frame.Length, writable: false);
        using MLImage image = ImageDecoder.Read(file, "frame", new() { MaxPixels = options.MaxFramePixels });
        TimeSpan decode = Stopwatch.GetElapsedTime(start);
        SegmentationMap map = segmenter.Segment(image);
        SegmentReply reply = SegmentReply.Of(map, SegmentEndpoint.Mask(map));
        return reply with { Timings = reply.Timings with { Decode = decode.TotalMilliseconds } };
    }

    private async Task WatchAsync(CancellationToken ended)
    {
        TimeSpan limit = TimeSpan.FromSeconds(options.IdleSeconds), left = limit;
        while (!ended.IsCancellationRequested && left > TimeSpan.Zero)
        {
            await Task.Delay(left, ended).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            left = _isWorking ? limit : limit - Stopwatch.GetElapsedTime(Volatile.Read(ref _lastSeen));
        }
        _ending.TrySetResult(Refusal(WebSocketCloseStatus.PolicyViolation, Refused.Idle(options.IdleSeconds)));
    }

    private async Task FarewellAsync(Ending ending, Task reading)
    {
        using CancellationTokenSource late = new(s_farewell);
        try
        {
            if (ending.Status is { } status && socket.State is WebSocketState.Open or WebSocketState.CloseReceived)
                await socket.CloseOutputAsync(status, ending.Reason, late.Token);
            await reading.WaitAsync(late.Token);
        }
        catch (Exception e) when (IsGone(e))
        {
        }
        if (!reading.IsCompleted)
            abort();
        await reading;
    }

    // What a connection throws that the other side, or this one, has broken off.
    private static bool IsGone(Exception e) =>
        e is WebSocketException or OperationCanceledException or ObjectDisposedException or IOException;

    private static Ending Refusal(WebSocketCloseStatus status, RefusedException reason) => new(status, reason.Message);

    private static byte[] Larger(byte[] buffer)
    {
        byte[] larger = ArrayPool<byte>.Shared.Rent(2 * buffer.Length);
        buffer.CopyTo(larger, 0);
        ArrayPool<byte>.Shared.Return(buffer);
        return larger;
    }
}

/// <summary>What <c>/live</c> answers to a frame: a result or a problem.</summary>
/// <param name="Frame">Which frame of the stream it is, from 1.</param>
/// <param name="Dropped">How many frames before it were dropped, because newer ones had come before their
/// turn.</param>
/// <param name="Result">As <c>POST /segment</c> answers.</param>
/// <param name="Problem">Why there is no result; the stream goes on.</param>
public sealed record LiveReply(long Frame, long Dropped, SegmentReply? Result, LiveProblem? Problem);

/// <summary>Why a frame has no result, in the words of problem details.</summary>
/// <param name="Status">The status that <c>POST /segment</c> would answer with.</param>
/// <param name="Title">The kind of problem.</param>
/// <param name="Detail">What was found.</param>
public sealed record LiveProblem(int Status, string Title, string Detail);
