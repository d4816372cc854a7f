using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using FastScnn.ML.Imaging;
using FastScnn.ML.Scoring;
using FastScnn.Torch.Data;
using Spectre.Console;

namespace FastScnn.Tool.Video;

/// <summary>What <c>fastscnn segment</c> does with a video: every frame of it, in order.</summary>
internal sealed record VideoSegmentation
{
    public required string Model { get; init; }

    public required string Input { get; init; }

    /// <summary>A video, or a folder for masks.</summary>
    public required string Output { get; init; }

    /// <summary>A file for a line about each frame; null for none, or that of the folder.</summary>
    public string? Results { get; init; }

    public double Opacity { get; init; }

    public string? Codec { get; init; }

    public bool KeepSound { get; init; } = true;

    public bool Json { get; init; }

    public required VideoOptions Video { get; init; }

    public required FastScnnSegmenterOptions Options { get; init; }

    public required ImageDecoderOptions Decoding { get; init; }

    /// <summary>Whether a command line means a video: by the file's kind, or because the output is one.</summary>
    public static bool IsMeant(string? input, string output) =>
        input is not null && File.Exists(input) && (VideoFile.IsOutput(output) || VideoFile.IsVideo(input));

    public async Task<int> ExecuteAsync(CancellationToken cancellation)
    {
        Ffmpeg.Require();
        VideoFile file = VideoFile.Open(Input, "--input");
        bool isVideo = VideoFile.IsOutput(Output);
        Check(isVideo);
        if (file.Fault is { } fault && !Decoding.AcceptIncomplete)
            throw new InvalidDataException($"--input '{Input}' is cut short or damaged; {fault}; give "
                + "--accept-incomplete to take what can be decoded.");
        using FastScnnSegmenter segmenter = FastScnnSegmenter.Load(Model,
            Options with { MaxPixels = Decoding.MaxPixels });
        if (segmenter.FallbackReason is { } reason)
            Console.Error.WriteLine($"No GPU: {OptionWords.Translate(reason)}");
        if (Results is not null)
            Prepare("--results", Results, OutputFile.Prepare);
        if (isVideo)
            Prepare("--output", Output, OutputFile.Prepare);
        MaskFolder? folder = null;
        if (!isVideo)
            Prepare("--output", Output, (_, path) => folder = new MaskFolder(path));
        await using IFrameOutput output = folder ?? (IFrameOutput)new OverlayVideo(Output, Opacity, new VideoEncoding
        {
            Codec = Codec,
            SoundOf = KeepSound && file.HasSound ? Input : null,
            Colors = file.Colors,
            AcceptIncomplete = Decoding.AcceptIncomplete,
        });
        string? temporary = Results is null ? null : Results + ".tmp";
        try
        {
            Summary summary = new(segmenter.Classes.Count);
            await SegmentAsync(file, segmenter, output, folder?.TemporaryResults ?? temporary, summary, cancellation)
                .ConfigureAwait(false);
            await output.CompleteAsync(cancellation).ConfigureAwait(false);
            if (temporary is not null)
                File.Move(temporary, Results!, overwrite: true);
            Print(segmenter, summary);
            return 0;
        }
        finally
        {
            if (temporary is not null)
                File.Delete(temporary);
        }
    }

    /// <summary>Makes sure before the work that a file or folder can be written.</summary>
    public static void Prepare(string option, string path, Action<string, string> prepare)
    {
        try
        {
            prepare(option, path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException
            && !e.Message.StartsWith("--", StringComparison.Ordinal))
        {
            throw new IOException($"{option} '{path}' cannot be written: {e.Message}", e);
        }
    }

    private void Check(bool isVideo)
    {
        if (!isVideo && Path.HasExtension(Output) && !Directory.Exists(Output)
            && VideoFile.HasExtension(Output))
            throw new ArgumentException(
                $"--output is '{Output}'; videos are written as {string.Join(", ", VideoFile.Outputs)}, and masks into "
                    + "a folder.");
        if (File.Exists(Output) && Path.GetFullPath(Output) == Path.GetFullPath(Input))
            throw new ArgumentException($"--output is '{Output}', the video itself; give the result another name.");
        if (!isVideo && File.Exists(Output))
            throw new ArgumentException($"--output is '{Output}', which is a file; expected a folder, or a video "
                + $"({string.Join(", ", VideoFile.Outputs)}).");
        if (!isVideo && (Codec is not null || !KeepSound))
            throw new ArgumentException(
                $"{(Codec is null ? "--no-sound" : "--codec")} is about a video as --output, and '{Output}' is a "
                    + "folder.");
        if (!isVideo && Results is not null)
            throw new ArgumentException(
                $"--results is for a video as --output; in a folder, {MaskFolder.Results} has a line for each frame.");
    }

    private async Task SegmentAsync(VideoFile file, FastScnnSegmenter segmenter, IFrameOutput output, string? lines,
        Summary summary, CancellationToken cancellation)
    {
        await using FileStream? results = lines is null ? null : File.Create(lines);
        await using VideoReader reader = new(new VideoSource
        {
            Address = Path.GetFullPath(Input),
            Name = $"--input '{Input}'",
            Options = Decoding.ApplyOrientation ? "" : "-noautorotate",
            MaxPixels = Decoding.MaxPixels,
            AcceptIncomplete = Decoding.AcceptIncomplete,
        });
        await AnsiConsole.Progress().Columns(new TaskDescriptionColumn(), new ProgressBarColumn(),
            new PercentageColumn(), new RemainingTimeColumn()).StartAsync(async progress =>
        {
            ProgressTask task = progress.AddTask("segmenting", maxValue: Math.Max(file.Duration.TotalSeconds, 0.001));
            task.IsIndeterminate = file.Duration <= TimeSpan.Zero;
            FrameRate rate = new();
            SegmentedFrame? before = null;
            await foreach (SegmentedFrame frame in segmenter.SegmentVideoAsync(reader.ReadAsync(cancellation),
                Video with { FrameDropped = reader.Release }, cancellation).ConfigureAwait(false))
            {
                if (before is not null)
                    reader.Release(before.Image);
                before = frame;
                long start = Stopwatch.GetTimestamp(), ticks = reader.TicksOf(frame.Image);
                string? mask = await output.WriteAsync(frame, ticks, reader.Format!, cancellation)
                    .ConfigureAwait(false);
                summary.Add(frame, Stopwatch.GetElapsedTime(start), reader.Format!);
                double seconds = reader.Format!.Seconds(ticks);
                if (results is not null)
                    await results.WriteAsync(Line(frame, seconds, mask), cancellation).ConfigureAwait(false);
                rate.Add();
                task.Value = Math.Min(seconds, task.MaxValue);
                task.Description = string.Create(CultureInfo.InvariantCulture,
                    $"frame {frame.Index + 1}, {rate.Read():0.0} frames/s");
            }
            task.IsIndeterminate = false;
            task.Value = task.MaxValue;
        }).ConfigureAwait(false);
    }

    private static byte[] Line(SegmentedFrame frame, double seconds, string? mask)
    {
        SegmentationMap map = frame.Map;
        return ResultsFile.ToLine(new
        {
            frame = frame.Index + 1,
            seconds = Math.Round(seconds, 6),
            mask,
            preProcessMs = map.Timings.PreProcess.TotalMilliseconds,
            inferenceMs = map.Timings.Inference.TotalMilliseconds,
            postProcessMs = map.Timings.PostProcess.TotalMilliseconds,
            shares = map.Classes.Zip(map.ClassFractions).ToDictionary(pair => pair.First.Name, pair => pair.Second),
        });
    }

    private void Print(FastScnnSegmenter segmenter, Summary summary)
    {
        AnsiConsole.Write(ResultsSummary.Draw(segmenter.Classes, summary.Shares(segmenter.Classes)));
        string rate = summary.Rate.ToString("F1", CultureInfo.InvariantCulture);
        Console.WriteLine($"{summary.Times.Count} frames of {summary.Width} x {summary.Height}, "
            + $"{segmenter.ActiveProvider}, {rate} frames/s; results in {Output}");
        Console.WriteLine(summary.Times.Describe());
        if (Json)
            Console.WriteLine(JsonSerializer.Serialize(new
            {
                provider = segmenter.ActiveProvider,
                output = Output,
                frames = summary.Times.Count,
                width = summary.Width,
                height = summary.Height,
                framesPerSecond = summary.Rate,
                stagesMs = summary.Times.Read(),
                shares = summary.Shares(segmenter.Classes),
            }, ResultsFile.Json));
    }

    private sealed class Summary(int classes)
    {
        private readonly double[] _shares = new double[classes];
        private readonly long _start = Stopwatch.GetTimestamp();
        private TimeSpan _elapsed;

        public StageTimes Times { get; } = new();

        public int Width { get; private set; }

        public int Height { get; private set; }

        public double Rate => Times.Count / Math.Max(_elapsed.TotalSeconds, 1e-9);

        public IReadOnlyDictionary<string, double> Shares(ClassList classes) => classes.Zip(_shares)
            .ToDictionary(pair => pair.First.Name, pair => pair.Second / Math.Max(Times.Count, 1));

        public void Add(SegmentedFrame frame, TimeSpan write, FrameFormat format)
        {
            Times.Add(frame, write);
            for (int id = 0; id < _shares.Length; id++) _shares[id] += frame.Map.ClassFractions[id];
            (Width, Height, _elapsed) = (format.Width, format.Height, Stopwatch.GetElapsedTime(_start));
        }
    }
}
