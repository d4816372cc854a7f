using System.ComponentModel;
using System.Diagnostics;
using System.Text.Json;
using FastScnn.Bench.Scoring;

namespace FastScnn.Bench.Video;

/// <summary>The command line from a video file to its results, beside FFmpeg that only decodes the file.</summary>
internal static class ToolRates
{
    public static IEnumerable<string> Measure(ScoringFiles files, ScoringCase scored, VideoBenchSizes sizes,
        string folder)
    {
        string configuration = Path.GetFileName(Path.GetDirectoryName(Path.TrimEndingDirectorySeparator(
            AppContext.BaseDirectory))!),
            tool = Path.Combine(Checkout.Root, "samples", "FastScnn.Tool", "bin", configuration, "net10.0",
                "fastscnn.dll"),
            video = Path.Combine(folder, "street.mp4"), size = $"{scored.Width}x{scored.Height}";
        if (!File.Exists(tool) || !HasFfmpeg())
        {
            yield return File.Exists(tool) ? "Video files left out: there is no FFmpeg."
                : "Video files left out: build samples/FastScnn.Tool first.";
            yield break;
        }
        int count = sizes.Frames * 4;
        // Noise, because a scene that stands still is decoded in no time.
        Run("ffmpeg", "-v", "error", "-nostdin", "-y", "-f", "rawvideo", "-pix_fmt", "bgra", "-video_size", size,
            "-framerate", "25", "-stream_loop", "-1", "-i", files.Pixels(scored), "-vf", "noise=alls=8:allf=t",
            "-frames:v", $"{count}", "-c:v", "libx264", "-pix_fmt", "yuv420p", video);
        (string Name, Func<double> Rate, Samples Rates)[] peers =
        [
            ("FFmpeg, decoding alone", Decode, new()),
            ("**`fastscnn segment`**, masks", () => Segment("masks"), new()),
            ("**`fastscnn segment`**, overlay as H.264", () => Segment("overlay.mp4"), new()),
        ];
        for (int round = 0; round < Math.Max(1, sizes.Rounds / 2); round++)
            foreach ((_, Func<double> rate, Samples rates) in peers)
                rates.Add(rate());
        yield return "";
        yield return $"A file of {count} frames, H.264:";
        yield return "";
        yield return "| | frames a second: median (min..max) | x decoding alone |";
        yield return "|---|---|---|";
        foreach ((string name, _, Samples rates) in peers)
            yield return $"| {name} | {rates} | {rates.Median / peers[0].Rates.Median:F2} |";

        double Decode()
        {
            long start = Stopwatch.GetTimestamp();
            Run("ffmpeg", "-v", "error", "-nostdin", "-i", video, "-f", "null", "-");
            return count / Stopwatch.GetElapsedTime(start).TotalSeconds;
        }

        // From the start of FFmpeg to the last frame; loading the model is not counted.
        double Segment(string output)
        {
            string text = Run("dotnet", tool, "segment", "--model", files.Scoring, "--input", video, "--output",
                Path.Combine(folder, output), "--threads", $"{scored.Threads}", "--json");
            using JsonDocument facts = JsonDocument.Parse(text.TrimEnd().Split('\n')[^1]);
            return facts.RootElement.GetProperty("framesPerSecond").GetDouble();
        }
    }

    private static bool HasFfmpeg()
    {
        try
        {
            Run("ffmpeg", "-version");
            return true;
        }
        catch (Win32Exception)
        {
            return false;
        }
    }

    private static string Run(string program, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? output
            : throw new InvalidOperationException($"{program} failed: {errors.GetAwaiter().GetResult()}");
    }
}
