using System.ComponentModel;
using System.Diagnostics;

namespace FastScnn.ML.Tests.Cli;

/// <summary>FFmpeg, with which tests make videos and look at them.</summary>
internal static class FfmpegProgram
{
    private static readonly Lazy<bool> s_isThere = new(() =>
    {
        try
        {
            return Start("ffmpeg", ["-version"]).Exit == 0 && Start("ffprobe", ["-version"]).Exit == 0;
        }
        catch (Win32Exception)
        {
            return false;
        }
    });

    /// <summary>Skips the test where there is no FFmpeg.</summary>
    public static void Require()
    {
        if (!s_isThere.Value)
            Assert.Ignore("no FFmpeg on this system");
    }

    /// <summary>Makes a file.</summary>
    /// <param name="path">The file, whose name is the last argument.</param>
    /// <param name="arguments">The arguments before it, with spaces between; none has a space within.</param>
    /// <returns>The file.</returns>
    public static string Make(string path, string arguments)
    {
        Require();
        (int exit, _, string errors) =
            Start("ffmpeg", ["-v", "error", "-nostdin", "-y", .. arguments.Split(' '), path]);
        Assert.That(exit, Is.Zero, errors);
        return path;
    }

    /// <summary>What ffmpeg writes to its standard output.</summary>
    public static string Output(string arguments, string input) => Look("ffmpeg",
        ["-v", "error", "-nostdin", "-i", input, .. arguments.Split(' '), "-"]);

    /// <summary>Values of a stream, one a line.</summary>
    /// <param name="path">The file.</param>
    /// <param name="stream">Which one, such as v or a.</param>
    /// <param name="entries">Which values, such as stream=width,height.</param>
    /// <param name="more">More arguments.</param>
    public static string[] Probe(string path, string stream, string entries, params string[] more) => Look("ffprobe",
        ["-v", "error", "-select_streams", stream, .. more, "-show_entries", entries, "-of",
            "default=noprint_wrappers=1:nokey=1", path])
        .Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private static string Look(string program, string[] arguments)
    {
        (int exit, string output, string errors) = Start(program, arguments);
        Assert.That(exit, Is.Zero, errors);
        return output;
    }

    private static (int Exit, string Output, string Errors) Start(string program, string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, errors.Result);
    }
}
