using System.Collections.Concurrent;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using System.Threading.Channels;
using FastScnn.Torch.Data;
using FFMpegCore;

namespace FastScnn.Tool.Video;

/// <summary>What the frames of a stream have in common.</summary>
/// <param name="Width">Columns of the upright frame.</param>
/// <param name="Height">Rows of the upright frame.</param>
/// <param name="UnitNumerator">Times count in units of this many ...</param>
/// <param name="UnitDenominator">... of this part of a second.</param>
/// <param name="Step">The usual time from one frame to the next, in these units.</param>
/// <param name="PixelAspect">Width to height of a pixel, such as 1/1.</param>
internal sealed record FrameFormat(int Width, int Height, int UnitNumerator, int UnitDenominator, long Step,
    string PixelAspect)
{
    /// <summary>Bytes of a frame: blue, green, red and one that means nothing.</summary>
    public int Bytes => checked(4 * Width * Height);

    /// <summary>A time in seconds.</summary>
    public double Seconds(long ticks) => (double)ticks * UnitNumerator / UnitDenominator;
}

/// <summary>What is read, and how.</summary>
internal sealed record VideoSource
{
    /// <summary>What FFmpeg opens: a file, a device, an address, or pipe:0.</summary>
    public required string Address { get; init; }

    /// <summary>How messages call it, with the option that names it.</summary>
    public required string Name { get; init; }

    /// <summary>FFmpeg's options in front of it.</summary>
    public string Options { get; init; } = "";

    /// <summary>Pixels of a frame at most.</summary>
    public long MaxPixels { get; init; } = ImageFiles.DefaultMaxPixels;

    /// <summary>Whether a fault in the stream is accepted as far as frames come.</summary>
    public bool AcceptIncomplete { get; init; }

    /// <summary>Whether the stream is not meant to end, as that of a camera.</summary>
    public bool IsEndless { get; init; }

    /// <summary>How long to wait for a frame; null for as long as it takes.</summary>
    public TimeSpan? StallTimeout { get; init; }

    /// <summary>The password within the address; null where there is none.</summary>
    public string? Secret { get; init; }
}

/// <summary>The frames of a video, a camera or a stream, decoded by FFmpeg into memory that is used again.</summary>
/// <remarks>FFmpeg writes the pixels to its standard output. Their times and sizes come by its log: the filter showinfo
/// says a line for each frame before the frame itself is written.</remarks>
internal sealed partial class VideoReader : IAsyncDisposable
{
    private readonly VideoSource _source;
    private readonly FfmpegProcess _process;
    private readonly Channel<(int Width, int Height, string Aspect, long? Ticks)> _announced =
        Channel.CreateUnbounded<(int, int, string, long?)>(new() { SingleReader = true, SingleWriter = true });
    private readonly ConcurrentStack<byte[]> _free = new();
    private readonly ConcurrentDictionary<PixelBuffer, long> _ticks = new(ReferenceEqualityComparer.Instance);
    private (int Numerator, int Denominator) _unit = (1, 1), _rate;

    public VideoReader(VideoSource source)
    {
        _source = source;
        string arguments = FFMpegArguments
            .FromFileInput(Ffmpeg.Quoted(source.Address), verifyExists: false, options => options
                .WithCustomArgument($"{FfmpegProcess.Common} {source.Options}"))
            // Frames of another size must not be scaled in silence.
            .OutputToFile("pipe:1", overwrite: true, options => options
                .WithCustomArgument($"-map 0:V:0 -autoscale 0 {Ffmpeg.KeepTimes} -vf showinfo=checksum=0")
                .WithCustomArgument("-pix_fmt bgr0 -f rawvideo"))
            .Arguments;
        _process = new FfmpegProcess(arguments, input: false, output: true, Announce, source.Secret);
        // The lines end when FFmpeg does.
        _ = Task.Run(async () =>
        {
            await ((Task)_process.WaitAsync()).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            _announced.Writer.TryComplete();
        });
    }

    /// <summary>What all frames have in common; null before the first one.</summary>
    public FrameFormat? Format { get; private set; }

    /// <summary>How many frames were read.</summary>
    public long Count { get; private set; }

    /// <summary>The time of a frame that was not released yet, in units of <see cref="Format"/> from the start of the
    /// file.</summary>
    public long TicksOf(PixelBuffer frame) => _ticks[frame];

    /// <summary>Takes back the memory of a frame. May be called on any thread.</summary>
    public void Release(PixelBuffer frame)
    {
        if (_ticks.TryRemove(frame, out _) && MemoryMarshal.TryGetArray(frame.Pixels, out ArraySegment<byte> memory))
            _free.Push(memory.Array!);
    }

    /// <summary>Reads the frames; each is the caller's until it is released.</summary>
    /// <exception cref="InvalidDataException">The stream has no frames, is cut short or damaged, breaks, or changes its
    /// size.</exception>
    /// <exception cref="TimeoutException">No frame came for <see cref="VideoSource.StallTimeout"/>.</exception>
    public async IAsyncEnumerable<PixelBuffer> ReadAsync(
        [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        long last = long.MinValue;
        while (true)
        {
            PixelBuffer frame;
            using (var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation))
            {
                if (_source.StallTimeout is { } most)
                    patience.CancelAfter(most);
                try
                {
                    if (!await _announced.Reader.WaitToReadAsync(patience.Token).ConfigureAwait(false))
                        break;
                    (int width, int height, string aspect, long? ticks) =
                        await _announced.Reader.ReadAsync(patience.Token).ConfigureAwait(false);
                    CheckSize(width, height, aspect);
                    // Frames without a time, or with that of the one before, come one usual step later.
                    last = ticks is { } known && known > last ? known
                        : last == long.MinValue ? 0 : last + Format!.Step;
                    frame = await ReadPixelsAsync(last, patience.Token).ConfigureAwait(false);
                }
                catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
                {
                    string limit = _source.StallTimeout!.Value.TotalSeconds.ToString(CultureInfo.InvariantCulture);
                    throw new TimeoutException(
                        $"{_source.Name} stalled: no frame came for {limit} s (--stall-timeout) after {Count} frames.");
                }
                catch (EndOfStreamException)
                {
                    break;
                }
            }
            Count++;
            yield return frame;
        }
        await CheckEndAsync(cancellation).ConfigureAwait(false);
    }

    public ValueTask DisposeAsync() => _process.DisposeAsync();

    private void Announce(string line)
    {
        if (!line.Contains("Parsed_showinfo", StringComparison.Ordinal))
            return;
        if (FrameText().Match(line) is { Success: true } frame)
            _announced.Writer.TryWrite((Int(frame, "width"), Int(frame, "height"), frame.Groups["aspect"].Value,
                long.TryParse(frame.Groups["pts"].ValueSpan, CultureInfo.InvariantCulture, out long ticks) ? ticks
                    : null));
        else if (UnitText().Match(line) is { Success: true } unit)
            (_unit, _rate) = ((Int(unit, "num"), Int(unit, "den")), (Int(unit, "rate"), Int(unit, "per")));
        // Otherwise both would wait: FFmpeg until its pixels are read, and this until it says their size.
        else if (line.Contains("] n:", StringComparison.Ordinal))
            _announced.Writer.TryComplete(new InvalidDataException(
                $"This FFmpeg describes frames in a way that is not understood: '{line.Trim()}'."));

        static int Int(Match match, string group) =>
            int.Parse(match.Groups[group].ValueSpan, CultureInfo.InvariantCulture);
    }

    private void CheckSize(int width, int height, string aspect)
    {
        if (Format is null)
        {
            if ((long)width * height > _source.MaxPixels)
                throw new ArgumentException(
                    $"{_source.Name} has frames of {width} x {height} pixels, over the limit of {_source.MaxPixels} "
                        + "pixels; shrink them, or raise --max-pixels.");
            double unit = (double)Math.Max(_unit.Numerator, 1) / Math.Max(_unit.Denominator, 1);
            long step = _rate is { Numerator: > 0, Denominator: > 0 }
                ? (long)Math.Round((double)_rate.Denominator / _rate.Numerator / unit) : 1;
            Format = new(width, height, Math.Max(_unit.Numerator, 1), Math.Max(_unit.Denominator, 1), Math.Max(step, 1),
                aspect.StartsWith("0/", StringComparison.Ordinal) ? "1/1" : aspect);
        }
        else if ((width, height) != (Format.Width, Format.Height))
            throw new InvalidDataException(
                $"{_source.Name} changes its size: frame {Count + 1} has {width} x {height} pixels, and those before "
                    + $"{Format.Width} x {Format.Height}. Split it there, or scale it to one size with FFmpeg first.");
    }

    private async Task<PixelBuffer> ReadPixelsAsync(long ticks, CancellationToken cancellation)
    {
        byte[] memory = _free.TryPop(out byte[]? used) ? used : GC.AllocateUninitializedArray<byte>(Format!.Bytes);
        await _process.Output.ReadExactlyAsync(memory, cancellation).ConfigureAwait(false);
        // The fourth byte means nothing, as the layout says.
        PixelBuffer frame = new(Format!.Width, Format.Height, memory, PixelLayout.Bgra32);
        _ticks[frame] = ticks;
        return frame;
    }

    private async Task CheckEndAsync(CancellationToken cancellation)
    {
        int exit = await _process.WaitAsync(cancellation).ConfigureAwait(false);
        // Ctrl+C reaches FFmpeg as well, and can reach it first.
        if (exit == 255)
            await Task.Delay(500, cancellation).ConfigureAwait(false);
        string errors = _process.Errors, at = Format is null ? "" : string.Create(CultureInfo.InvariantCulture,
            $" after {Count} frames");
        bool isFaulty = exit != 0 || _process.HasErrors;
        if (Count == 0)
            throw new InvalidDataException(isFaulty ? $"FFmpeg gets no frame from {_source.Name}: {errors}"
                : $"{_source.Name} has no frames.");
        if (_source.IsEndless)
            throw new InvalidDataException(
                $"{_source.Name} broke off{at}{(isFaulty ? $": {errors}" : ": the sender ended it.")}");
        if (isFaulty && !_source.AcceptIncomplete)
            throw new InvalidDataException(
                $"{_source.Name} is cut short or damaged; FFmpeg says{at}: {errors}; give --accept-incomplete to take "
                    + "what can be decoded.");
    }

    [GeneratedRegex(
        @"\] n: *\d+ pts: *(?<pts>-?\d+|NOPTS) .*? sar:(?<aspect>\d+/\d+) s:(?<width>\d+)x(?<height>\d+) ")]
    private static partial Regex FrameText();

    [GeneratedRegex(@"config in time_base: (?<num>\d+)/(?<den>\d+), frame_rate: (?<rate>\d+)/(?<per>\d+)")]
    private static partial Regex UnitText();
}
