using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using FastScnn.ML.Scoring;

namespace FastScnn.Tool.Video;

/// <summary>What <c>fastscnn live</c> does: it takes the newest frame, draws its classes, and writes or shows
/// it.</summary>
internal sealed record LiveSegmentation
{
    public required string Model { get; init; }

    public required VideoSource Source { get; init; }

    /// <summary>A video; - for standard output; null for none.</summary>
    public string? Output { get; init; }

    /// <summary>The port of a page that shows the frames; null for no page.</summary>
    public string? Serve { get; init; }

    public double Opacity { get; init; }

    public string? Codec { get; init; }

    public TimeSpan? Duration { get; init; }

    public long? Frames { get; init; }

    public bool Json { get; init; }

    public required VideoOptions Video { get; init; }

    public required FastScnnSegmenterOptions Options { get; init; }

    // Standard output is for the video then.
    private TextWriter Log => Output == "-" ? Console.Error : Console.Out;

    public async Task<int> ExecuteAsync(CancellationToken cancellation)
    {
        Ffmpeg.Require();
        if (Output is not null and not "-" && !VideoFile.IsOutput(Output))
            throw new ArgumentException($"--output is '{Output}'; expected a video ({string.Join(", ",
                VideoFile.Outputs)}), or - for standard output.");
        using FastScnnSegmenter segmenter = FastScnnSegmenter.Load(Model, Options);
        if (segmenter.FallbackReason is { } reason)
            Console.Error.WriteLine($"No GPU: {OptionWords.Translate(reason)}");
        if (Output is not null and not "-")
            VideoSegmentation.Prepare("--output", Output, OutputFile.Prepare);
        LiveCounts counts = new();
        await using MjpegServer? server = Serve is null ? null
            : new MjpegServer(Serve, () => JsonSerializer.SerializeToUtf8Bytes(Facts(segmenter, counts),
                ResultsFile.Json));
        if (server is not null)
            Log.WriteLine($"serving {server.Address}");
        using CancellationTokenSource over = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        Task printing = PrintAsync(counts, over.Token);
        try
        {
            await RunAsync(segmenter, server, counts, cancellation).ConfigureAwait(false);
        }
        finally
        {
            await over.CancelAsync().ConfigureAwait(false);
            await printing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (counts.Frames > 0)
            {
                Log.WriteLine(counts.Describe() + (counts.IsWritten ? $"; results in {Output}" : ""));
                Log.WriteLine(counts.Times.Describe());
                if (Json)
                    Log.WriteLine(JsonSerializer.Serialize(Facts(segmenter, counts), ResultsFile.Json));
            }
        }
        return 0;
    }

    // However it ends, the frames that came are a complete video. How it ended is thrown afterwards.
    private async Task RunAsync(FastScnnSegmenter segmenter, MjpegServer? server, LiveCounts counts,
        CancellationToken cancellation)
    {
        VideoWriter? writer = null;
        Exception? fault = null;
        try
        {
            await using VideoReader reader = new(Source);
            byte[] pixels = [];
            SegmentedFrame? before = null;
            try
            {
                await foreach (SegmentedFrame frame in segmenter.SegmentVideoAsync(reader.ReadAsync(cancellation),
                    Video with { FrameDropped = reader.Release }, cancellation).ConfigureAwait(false))
                {
                    if (before is not null)
                        reader.Release(before.Image);
                    before = frame;
                    long start = Stopwatch.GetTimestamp();
                    FrameFormat format = reader.Format!;
                    if (pixels.Length == 0)
                        pixels = new byte[format.Bytes];
                    if (Output is not null || server is { HasViewers: true })
                        frame.Map.Overlay(frame.Image, Opacity, pixels);
                    if (Output is not null)
                    {
                        writer ??= new VideoWriter(Output == "-" ? null : Output, format,
                            new VideoEncoding { Codec = Codec, IsLive = true });
                        await writer.WriteAsync(pixels, reader.TicksOf(frame.Image), cancellation)
                            .ConfigureAwait(false);
                    }
                    server?.Show(pixels, format);
                    counts.Add(frame, Stopwatch.GetElapsedTime(start));
                    if (counts.Frames >= Frames || counts.Elapsed >= Duration)
                        break;
                }
            }
            catch (Exception e) when (e is InvalidDataException or TimeoutException
                || (e is OperationCanceledException && cancellation.IsCancellationRequested))
            {
                fault = e;
            }
            counts.End();
            if (writer is not null)
            {
                await writer.CompleteAsync(CancellationToken.None, cancellation.IsCancellationRequested)
                    .ConfigureAwait(false);
                counts.IsWritten = Output != "-";
            }
        }
        finally
        {
            if (writer is not null)
                await writer.DisposeAsync().ConfigureAwait(false);
        }
        if (fault is not null && !(fault is OperationCanceledException && counts.Frames > 0))
            throw fault;
    }

    private async Task PrintAsync(LiveCounts counts, CancellationToken over)
    {
        using PeriodicTimer second = new(TimeSpan.FromSeconds(1));
        while (await second.WaitForNextTickAsync(over).ConfigureAwait(false))
            if (counts is { Frames: > 0, IsOver: false })
                Log.WriteLine(counts.Describe());
    }

    private object Facts(FastScnnSegmenter segmenter, LiveCounts counts) => new
    {
        provider = segmenter.ActiveProvider,
        output = Output,
        frames = counts.Frames,
        dropped = counts.Dropped,
        seconds = Math.Round(counts.Elapsed.TotalSeconds, 3),
        framesPerSecond = Math.Round(counts.Rate, 3),
        stagesMs = counts.Times.Read(),
    };
}

/// <summary>What is counted while a stream runs; read by other threads.</summary>
internal sealed class LiveCounts
{
    private readonly FrameRate _rate = new();
    private long _start, _end, _dropped, _frames;

    public StageTimes Times { get; } = new();

    public long Frames => Volatile.Read(ref _frames);

    public long Dropped => Volatile.Read(ref _dropped);

    /// <summary>Whether the last frame has come.</summary>
    public bool IsOver => Volatile.Read(ref _end) != 0;

    /// <summary>Since the first frame, until the end.</summary>
    public TimeSpan Elapsed => Frames == 0 ? TimeSpan.Zero : Stopwatch.GetElapsedTime(Volatile.Read(ref _start),
        IsOver ? Volatile.Read(ref _end) : Stopwatch.GetTimestamp());

    /// <summary>Frames a second since the first one.</summary>
    public double Rate => Frames > 1 ? (Frames - 1) / Elapsed.TotalSeconds : 0;

    public void Add(SegmentedFrame frame, TimeSpan write)
    {
        Times.Add(frame, write);
        if (_frames == 0)
            Volatile.Write(ref _start, Stopwatch.GetTimestamp());
        Volatile.Write(ref _dropped, frame.Dropped);
        _rate.Add();
        Volatile.Write(ref _frames, _frames + 1);
    }

    /// <summary>Whether a video of them is complete.</summary>
    public bool IsWritten { get; set; }

    /// <summary>Stops the clock.</summary>
    public void End() => Volatile.Write(ref _end, Stopwatch.GetTimestamp());

    /// <summary>A line to print: frames a second are those of the last seconds, and in the end those of all.</summary>
    public string Describe() => string.Create(CultureInfo.InvariantCulture,
        $"{Elapsed.TotalSeconds:0.0} s, {(IsOver ? Rate : _rate.Read()):0.0} frames/s, ")
        + $"{Frames} frames, {Dropped} dropped";
}
