using System.ComponentModel;
using System.Diagnostics;
using System.Text.RegularExpressions;
using FFMpegCore;

namespace FastScnn.Tool.Video;

/// <summary>FFmpeg as the system has it.</summary>
internal static partial class Ffmpeg
{
    private static readonly Version s_least = new(4, 4), s_durations = new(5, 0), s_fpsMode = new(5, 1);

    /// <summary>The option by which frames keep their times: none is doubled or left out for a constant
    /// rate.</summary>
    public static string KeepTimes { get; private set; } = "-fps_mode passthrough";

    /// <summary>Whether it can say how long a frame lasts.</summary>
    public static bool CanSetDurations { get; private set; } = true;

    /// <summary>Makes sure that FFmpeg can be used.</summary>
    /// <exception cref="FileNotFoundException">It is not there; the message says how to install it.</exception>
    /// <exception cref="NotSupportedException">It is too old.</exception>
    public static void Require()
    {
        // FFMpegCore reads a file of the current folder otherwise, which could name other programs.
        GlobalFFOptions.Configure(new FFOptions());
        string text = FirstLine(GlobalFFOptions.GetFFMpegBinaryPath());
        FirstLine(GlobalFFOptions.GetFFProbeBinaryPath());
        // Builds of a commit have no number, and are taken for new.
        if (!VersionText().Match(text).Groups[1].TryParse(out Version version))
            return;
        if (version < s_least)
            throw new NotSupportedException($"FFmpeg is too old: found '{text}', and {s_least} or newer is needed.");
        CanSetDurations = version >= s_durations;
        if (version < s_fpsMode)
            KeepTimes = "-vsync passthrough";
    }

    /// <summary>A path or address in quotes, as FFMpegCore writes it into a command line.</summary>
    /// <remarks>FFMpegCore adds the quotes, and does not look at what stands between them.</remarks>
    public static string Quoted(string path) =>
        BeforeQuote().Replace(path, "$1$1").Replace("\"", "\\\"", StringComparison.Ordinal);

    private static bool TryParse(this Group group, out Version version) =>
        Version.TryParse(group.Value, out version!);

    /// <summary>Looks into a file.</summary>
    /// <remarks>FFMpegCore reads what ffprobe says. It does not start it, as it cannot name files with
    /// quotes.</remarks>
    /// <exception cref="InvalidDataException">It is no media file; the message is what ffprobe says, or what is wrong
    /// with that.</exception>
    public static IMediaAnalysis Probe(string path)
    {
        string full = Path.GetFullPath(path);
        (int exit, string output, string errors) = Run(GlobalFFOptions.GetFFProbeBinaryPath(), "-loglevel", "error",
            "-print_format", "json", "-show_format", "-sexagesimal", "-show_streams", "-show_chapters", full);
        if (exit != 0)
            throw new InvalidDataException(string.Join("; ", errors.Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .TakeLast(2).Select(line => Source().Replace(line, "")
                    .Replace(full, path, StringComparison.Ordinal))));
        try
        {
            return FFProbe.FromJson(output);
        }
        catch (Exception e)
        {
            throw new InvalidDataException($"what ffprobe says cannot be read: {e.Message}", e);
        }
    }

    private static string FirstLine(string program)
    {
        try
        {
            return Run(program, "-version").Output.Split('\n')[0].Trim();
        }
        catch (Win32Exception e)
        {
            throw new FileNotFoundException(
                $"Videos need FFmpeg, and there is no program '{program}' in PATH. Install it: "
                    + "'sudo apt install ffmpeg' on Debian and Ubuntu, 'brew install ffmpeg' on macOS, "
                    + "'winget install Gyan.FFmpeg' on Windows.",
                e);
        }
    }

    private static (int Exit, string Output, string Errors) Run(string program, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, errors.GetAwaiter().GetResult());
    }

    // Which part of FFmpeg says it.
    [GeneratedRegex(@"^(?:\[[^\]]* @ [^\]]*\] )+")]
    private static partial Regex Source();

    [GeneratedRegex(@"version n?(\d+\.\d+)")]
    private static partial Regex VersionText();

    // Backslashes before a quote and at the end mean something to the parser of command lines.
    [GeneratedRegex(@"(\\+)(?=""|$)")]
    private static partial Regex BeforeQuote();
}

/// <summary>FFmpeg at work, with its pipes and the end of what it said.</summary>
/// <remarks>FFMpegCore makes the command line. It does not run it: its runner keeps every line that FFmpeg writes,
/// which grows for as long as a camera runs, and reads standard output as text.</remarks>
internal sealed partial class FfmpegProcess : IAsyncDisposable
{
    private const int MostLines = 4;

    /// <summary>What every command line begins with: nothing is asked for, and each line begins with its
    /// level.</summary>
    public const string Common = "-hide_banner -nostdin -nostats -loglevel repeat+level+info";

    private readonly Process _process;
    private readonly Action<string>? _said;
    private readonly Lock _gate = new();
    private readonly Queue<string> _errors = new(), _lines = new();
    private readonly string? _secret;
    private readonly Task _reading;

    /// <param name="arguments">The command line, from FFMpegCore.</param>
    /// <param name="input">Whether frames are written to it.</param>
    /// <param name="output">Whether frames are read from it; its standard output is this program's otherwise.</param>
    /// <param name="said">Takes each line that is not about a fault.</param>
    /// <param name="secret">The password that its lines must not show; null where there is none.</param>
    public FfmpegProcess(string arguments, bool input, bool output, Action<string>? said = null, string? secret = null)
    {
        (_said, _secret) = (said, secret);
        _process = Process.Start(new ProcessStartInfo(GlobalFFOptions.GetFFMpegBinaryPath(), arguments)
        {
            RedirectStandardInput = input,
            RedirectStandardOutput = output,
            RedirectStandardError = true,
        })!;
        _reading = Task.Run(ReadErrorsAsync);
    }

    /// <summary>What it reads.</summary>
    public Stream Input => _process.StandardInput.BaseStream;

    /// <summary>What it writes.</summary>
    public Stream Output => _process.StandardOutput.BaseStream;

    /// <summary>Whether it reported a fault.</summary>
    public bool HasErrors
    {
        get
        {
            lock (_gate) return _errors.Count > 0;
        }
    }

    /// <summary>The last lines about faults, or where it wrote none the last ones of all.</summary>
    public string Errors
    {
        get
        {
            lock (_gate)
                return string.Join("; ", _errors.Count > 0 ? _errors : _lines);
        }
    }

    /// <summary>Closes what it reads, so that it finishes.</summary>
    public void CloseInput()
    {
        try
        {
            _process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It has ended; its exit code says why.
        }
    }

    /// <summary>Waits until it has ended and all that it said is read.</summary>
    /// <returns>The exit code.</returns>
    public async Task<int> WaitAsync(CancellationToken cancellation = default)
    {
        await _process.WaitForExitAsync(cancellation).ConfigureAwait(false);
        await _reading.WaitAsync(cancellation).ConfigureAwait(false);
        return _process.ExitCode;
    }

    /// <summary>Ends it at once.</summary>
    public async ValueTask DisposeAsync()
    {
        try
        {
            _process.Kill(entireProcessTree: true);
        }
        catch (Exception e) when (e is InvalidOperationException or Win32Exception)
        {
            // It has ended.
        }
        await _process.WaitForExitAsync().ConfigureAwait(false);
        await _reading.ConfigureAwait(false);
        _process.Dispose();
    }

    private async Task ReadErrorsAsync()
    {
        while (await _process.StandardError.ReadLineAsync().ConfigureAwait(false) is { } line)
        {
            Match match = LevelText().Match(line);
            string text = line[match.Length..];
            if (match.Groups["level"].Value is "error" or "fatal" or "panic")
                Keep(_errors, text);
            else if (_said is null || match.Groups["level"].Value == "warning")
                Keep(_lines, text);
            else
                _said(line);
        }
    }

    private void Keep(Queue<string> lines, string text)
    {
        text = text.Trim();
        if (_secret is not null)
            text = text.Replace(_secret, "***", StringComparison.Ordinal);
        lock (_gate)
        {
            if (text.Length == 0 || lines.Contains(text))
                return;
            lines.Enqueue(text);
            if (lines.Count > MostLines)
                lines.Dequeue();
        }
    }

    [GeneratedRegex(@"^(?:\[[^\]]* @ [^\]]*\] )*\[(?<level>panic|fatal|error|warning|info|verbose|debug)\] ")]
    private static partial Regex LevelText();
}
