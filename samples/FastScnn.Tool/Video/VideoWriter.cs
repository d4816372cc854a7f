using System.Buffers.Binary;
using System.Globalization;
using FFMpegCore;

namespace FastScnn.Tool.Video;

/// <summary>How a video is encoded.</summary>
internal sealed record VideoEncoding
{
    // They take every size and all three channels of each pixel.
    private static readonly string[] s_exact = ["ffv1", "ffvhuff", "png", "rawvideo", "utvideo", "libx264rgb"];

    /// <summary>FFmpeg's name of the encoder; null for the usual one of the file's kind.</summary>
    public string? Codec { get; init; }

    /// <summary>The file whose sound is copied; null for none.</summary>
    public string? SoundOf { get; init; }

    /// <summary>When the first frame comes in that file, in seconds.</summary>
    public double Start { get; init; }

    /// <summary>Whether frames are encoded as they come, with the least work.</summary>
    public bool IsLive { get; init; }

    /// <summary>Whether faults in the sound are accepted.</summary>
    public bool AcceptIncomplete { get; init; }

    /// <summary>FFmpeg's options that say what the colours mean.</summary>
    public string Colors { get; init; } = "";

    /// <summary>FFmpeg's options for a file of this kind.</summary>
    /// <param name="extension">The file's extension; empty for a pipe.</param>
    /// <param name="format">The frames.</param>
    public string Options(string extension, FrameFormat format)
    {
        string codec = Codec ?? extension switch { "" => "mjpeg", ".webm" => "libvpx-vp9", _ => "libx264" };
        List<string> filters = [], options = [$"-c:v {codec}"];
        if (format.PixelAspect != "1/1")
            filters.Add($"setsar={format.PixelAspect}");
        if (codec == "mjpeg")
            options.Add("-q:v 3 -pix_fmt yuvj420p");
        else if (s_exact.Contains(codec))
            options.Add($"-pix_fmt {(codec is "png" ? "rgb24" : codec is "utvideo" ? "gbrp" : "bgr0")}");
        else
        {
            // Two by two pixels share a colour, so sides are even; the border is repeated where one is not.
            if (format.Width % 2 + format.Height % 2 > 0)
                filters.Add($"pad=ceil(iw/2)*2:ceil(ih/2)*2,fillborders=right={format.Width % 2}:bottom="
                    + $"{format.Height % 2}:mode=smear");
            filters.Add("scale=out_color_matrix=bt709:out_range=tv");
            options.Add("-pix_fmt yuv420p -colorspace bt709 -color_range tv");
        }
        if (codec == "libvpx-vp9")
            options.Add("-crf 32 -b:v 0 -deadline realtime -cpu-used 5 -row-mt 1");
        if (IsLive && codec == "libx264")
            options.Add("-preset veryfast -tune zerolatency");
        if (extension is ".mp4" or ".m4v" or ".mov")
            options.Add("-movflags +faststart");
        if (filters.Count > 0)
            options.Add($"-vf {string.Join(',', filters)}");
        // The last frame lasts as long as the others.
        if (Ffmpeg.CanSetDurations)
            options.Add($"-bsf:v setts=pts=PTS:dts=DTS:duration={format.Step}");
        return string.Join(' ', options) + " " + Colors;
    }
}

/// <summary>Writes frames as a video through FFmpeg: to a file that appears when it is complete, or to this program's
/// standard output.</summary>
/// <remarks>Frames go to FFmpeg as IVF, whose headers are 44 bytes and carry the time of each frame in the units of the
/// source, so that times and rates stay as they are.</remarks>
internal sealed class VideoWriter : IAsyncDisposable
{
    private readonly FfmpegProcess _process;
    private readonly FrameFormat _format;
    private readonly string? _path, _temporary;
    private readonly bool _acceptsFaults;
    private readonly byte[] _head = new byte[12];
    private long? _first;
    private bool _done;

    /// <param name="path">The file; null for standard output.</param>
    /// <param name="format">The frames.</param>
    /// <param name="encoding">How they are encoded.</param>
    public VideoWriter(string? path, FrameFormat format, VideoEncoding encoding)
    {
        (_path, _format, _acceptsFaults) = (path, format, encoding.AcceptIncomplete);
        string extension = path is null ? "" : Path.GetExtension(path).ToLowerInvariant();
        // The extension tells FFmpeg the kind of file.
        _temporary = path is null ? null : TemporaryOf(path);
        FFMpegArguments inputs = FFMpegArguments.FromFileInput("pipe:0", verifyExists: false,
            options => options.WithCustomArgument(FfmpegProcess.Common + string.Create(CultureInfo.InvariantCulture,
                $" -probesize 32 -analyzeduration 0 -itsoffset {encoding.Start:F6} -f ivf -c:v rawvideo")));
        string sound = "";
        if (encoding.SoundOf is { } file)
        {
            inputs = inputs.AddFileInput(Ffmpeg.Quoted(Path.GetFullPath(file)), verifyExists: false);
            sound = "-map 1:a -c:a copy ";
        }
        string target = path is null ? "-f matroska -flush_packets 1 " : "";
        string arguments = inputs.OutputToFile(
            _temporary is null ? "pipe:1" : Ffmpeg.Quoted(Path.GetFullPath(_temporary)), overwrite: true,
            options => options.WithCustomArgument(
                $"-map 0:v {sound}{Ffmpeg.KeepTimes} -enc_time_base -1 {encoding.Options(extension, format)}{target}"))
            .Arguments;
        _process = new FfmpegProcess(arguments, input: true, output: false);
    }

    /// <summary>The file while it is not complete.</summary>
    public static string TemporaryOf(string path) => $"{path}.tmp{Path.GetExtension(path)}";

    /// <summary>Writes a frame.</summary>
    /// <param name="pixels">Its pixels: blue, green, red and one byte more.</param>
    /// <param name="ticks">Its time, later than that of the one before.</param>
    /// <exception cref="IOException">FFmpeg cannot write it; the message says why.</exception>
    public async Task WriteAsync(ReadOnlyMemory<byte> pixels, long ticks, CancellationToken cancellation)
    {
        try
        {
            if (_first is null)
                await _process.Input.WriteAsync(Head(), cancellation).ConfigureAwait(false);
            _first ??= ticks;
            BinaryPrimitives.WriteInt32LittleEndian(_head, pixels.Length);
            BinaryPrimitives.WriteInt64LittleEndian(_head.AsSpan(4), ticks - _first.Value);
            await _process.Input.WriteAsync(_head, cancellation).ConfigureAwait(false);
            await _process.Input.WriteAsync(pixels, cancellation).ConfigureAwait(false);
        }
        catch (IOException)
        {
            await _process.WaitAsync(cancellation).ConfigureAwait(false);
            throw await FaultAsync(cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>Waits until the video is complete, and gives it its name.</summary>
    /// <param name="cancellation">Gives up.</param>
    /// <param name="isStopped">Whether Ctrl+C, which reaches FFmpeg too, ends the video as it should.</param>
    /// <exception cref="IOException">FFmpeg cannot write it; the message says why.</exception>
    public async Task CompleteAsync(CancellationToken cancellation, bool isStopped = false)
    {
        _process.CloseInput();
        int exit = await _process.WaitAsync(cancellation).ConfigureAwait(false);
        // FFmpeg can fail to write the end of a file and still exit with 0.
        if ((exit != 0 && !(isStopped && exit == 255)) || (_process.HasErrors && !isStopped && (!_acceptsFaults
            || _process.Errors.Contains("Error writing", StringComparison.Ordinal))))
            throw await FaultAsync(cancellation).ConfigureAwait(false);
        if (_temporary is not null)
            File.Move(_temporary, _path!, overwrite: true);
        _done = true;
    }

    /// <summary>Ends FFmpeg, and deletes a file that is not complete.</summary>
    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync().ConfigureAwait(false);
        if (!_done && _temporary is not null)
            File.Delete(_temporary);
    }

    private async Task<Exception> FaultAsync(CancellationToken cancellation)
    {
        // Ctrl+C reaches FFmpeg as well, and can reach it first.
        await Task.Delay(500, cancellation).ConfigureAwait(false);
        string errors = _temporary is null ? _process.Errors
            : _process.Errors.Replace(Path.GetFullPath(_temporary), _path, StringComparison.Ordinal);
        string advice = errors.Contains("Unknown encoder", StringComparison.Ordinal)
            ? " Name another one by --codec; 'ffmpeg -encoders' lists them."
            : errors.Contains("codec not currently supported in container", StringComparison.Ordinal)
                || errors.Contains("Only VP8", StringComparison.Ordinal)
                ? " The kind of file cannot hold the sound: choose .mkv, which holds any, or give --no-sound."
                : "";
        return new IOException($"FFmpeg cannot write {(_path is null ? "to standard output" : $"--output '{_path}'")}: "
            + $"{errors}{(advice.Length > 0 && !errors.EndsWith('.') ? "." : "")}{advice}");
    }

    private byte[] Head()
    {
        if (Math.Max(_format.Width, _format.Height) > ushort.MaxValue)
            throw new InvalidDataException($"Frames of {_format.Width} x {_format.Height} pixels cannot be written as "
                + $"a video; sides may have {ushort.MaxValue} pixels.");
        byte[] head = new byte[32];
        "DKIF"u8.CopyTo(head);
        BinaryPrimitives.WriteInt16LittleEndian(head.AsSpan(6), 32);
        "BGRA"u8.CopyTo(head.AsSpan(8));
        BinaryPrimitives.WriteUInt16LittleEndian(head.AsSpan(12), checked((ushort)_format.Width));
        BinaryPrimitives.WriteUInt16LittleEndian(head.AsSpan(14), checked((ushort)_format.Height));
        BinaryPrimitives.WriteInt32LittleEndian(head.AsSpan(16), _format.UnitDenominator);
        BinaryPrimitives.WriteInt32LittleEndian(head.AsSpan(20), _format.UnitNumerator);
        return head;
    }
}
