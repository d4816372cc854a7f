using System.Globalization;
using FFMpegCore;
using FastScnn.Torch.Data;

namespace FastScnn.Tool.Video;

/// <summary>A file with frames, as ffprobe describes it.</summary>
/// <param name="Path">The file.</param>
/// <param name="Duration">How long it is; zero where it does not say.</param>
/// <param name="HasSound">Whether it has sound.</param>
/// <param name="Fault">What is wrong with it that FFmpeg does not say; null where nothing is.</param>
/// <param name="Colors">The options that say what its colours mean, for the video that is made of it.</param>
internal sealed record VideoFile(string Path, TimeSpan Duration, bool HasSound, string? Fault, string Colors)
{
    private static readonly HashSet<string> s_inputs = new(StringComparer.OrdinalIgnoreCase)
    {
        ".3gp", ".asf", ".avi", ".flv", ".h264", ".hevc", ".m2ts", ".m4v", ".mkv", ".mov", ".mp4", ".mpeg", ".mpg",
        ".mts", ".mxf", ".nut", ".ogv", ".ts", ".vob", ".webm", ".wmv", ".y4m",
    };

    /// <summary>The extensions of videos that are written: containers that keep the time of each frame.</summary>
    public static IReadOnlyList<string> Outputs { get; } = [".mp4", ".m4v", ".mov", ".mkv", ".webm", ".ts"];

    /// <summary>Whether a name is that of a video to write.</summary>
    public static bool IsOutput(string path) =>
        Outputs.Contains(System.IO.Path.GetExtension(path), StringComparer.OrdinalIgnoreCase)
            && !Directory.Exists(path);

    /// <summary>Whether a file has content of its own: pipes and devices have none.</summary>
    public static bool IsRegular(string path) => new FileInfo(path) is { Exists: true, Length: > 0 };

    /// <summary>Whether a name is that of a video, whatever the file holds.</summary>
    public static bool HasExtension(string path) => s_inputs.Contains(System.IO.Path.GetExtension(path));

    /// <summary>Whether a file is a video and no image. FFmpeg is asked only where the name does not tell.</summary>
    public static bool IsVideo(string path)
    {
        if (!IsRegular(path) || ImageFiles.IsSupported(path) || ImageFiles.IsUnsupported(path))
            return false;
        if (HasExtension(path))
            return true;
        try
        {
            Ffmpeg.Require();
            return IsVideo(Ffmpeg.Probe(path));
        }
        catch (Exception e) when (e is InvalidDataException or FileNotFoundException or NotSupportedException)
        {
            // Whatever it is, it is no video; the image decoder says what was found.
            return false;
        }
    }

    /// <summary>Looks into a file.</summary>
    /// <exception cref="InvalidDataException">It is no video; the message says what was found.</exception>
    public static VideoFile Open(string path, string option)
    {
        if (!IsRegular(path))
            throw new InvalidDataException(
                $"{option} '{path}' is empty, or a pipe or device; 'fastscnn live' reads those.");
        IMediaAnalysis found;
        try
        {
            found = Ffmpeg.Probe(path);
        }
        catch (InvalidDataException e)
        {
            throw new InvalidDataException(
                $"{option} '{path}' is no video that FFmpeg reads, or is cut short: {e.Message}", e);
        }
        VideoStream? stream = Frames(found);
        if (stream is null)
            throw new InvalidDataException(
                $"{option} '{path}' has no frames: it is {found.Format.FormatLongName} with "
                    + $"{(found.AudioStreams.Count > 0 ? "sound alone" : "no stream of video")}.");
        if (!IsVideo(found))
            throw new InvalidDataException(
                $"{option} '{path}' is an image ({found.Format.FormatLongName}); expected a video. Give a folder as "
                    + "--output to segment images.");
        // Their meaning stays; only the matrix of YCbCr is chosen anew when the frames are encoded.
        string colors = Color("-color_primaries", stream.ColorPrimaries) + Color("-color_trc", stream.ColorTransfer);
        return new(path, found.Duration, found.AudioStreams.Count > 0, FaultOf(path, found.Format.FormatName), colors);

        static string Color(string name, string? value) =>
            value is null or "" or "unknown" or "reserved" or "gbr" ? ""
                : string.Create(CultureInfo.InvariantCulture, $"{name} {value} ");
    }

    // A transport stream does not say how long it is, and FFmpeg leaves out a part of a packet in silence.
    private static string? FaultOf(string path, string? format) =>
        format == "mpegts" && new FileInfo(path).Length is var length && length % 188 != 0 && length % 192 != 0
            && length % 204 != 0 ? "its last packet is not whole" : null;

    // Covers of songs count as video otherwise.
    private static VideoStream? Frames(IMediaAnalysis found) => found.VideoStreams.FirstOrDefault(stream =>
        stream.Disposition?.GetValueOrDefault("attached_pic") != true);

    // FFmpeg shows text as terminals do, and has a format for each kind of still image.
    private static bool IsVideo(IMediaAnalysis found) =>
        Frames(found) is not null && found.Format.FormatName is { } name && name != "tty" && name != "image2"
            && (!name.EndsWith("_pipe", StringComparison.Ordinal) || found.Duration > TimeSpan.FromSeconds(0.1));
}
