using System.CommandLine;
using FastScnn.ML.Imaging;
using FastScnn.ML.Scoring;
using FastScnn.Tool.Video;

namespace FastScnn.Tool;

/// <summary><c>fastscnn live</c>: a camera or stream in, its newest frames with the classes drawn over them
/// out.</summary>
internal static class LiveCommand
{
    public static Command Create()
    {
        InferenceArguments inference = new();
        ImageArguments images = new();
        Option<string> model = new("--model", "-m")
        {
            Description = "ONNX file, as 'fastscnn export' writes it",
            Required = true
        };
        Option<string> input = new("--input", "-i")
        {
            Description = "Camera such as /dev/video0, address such as rtsp://host/path, named pipe, - for standard "
                + "input, or with --realtime a file",
            Required = true
        };
        Option<string?> inputOptions = new("--input-options")
        {
            Description = "FFmpeg's options for the input, such as \"-video_size 1280x720 -framerate 30\""
        };
        Option<bool> realtime = new("--realtime") { Description = "Play a file at its own rate, as a camera would" };
        Option<string?> output = new("--output", "-o")
        {
            Description = "Video to write, such as live.mkv; - for MJPEG in Matroska on standard output"
        };
        Option<string?> serve = new("--serve")
        {
            Description = "Port for a page that shows the video, on this machine alone; *:port for all machines"
        };
        Option<double> opacity = new("--opacity")
        {
            Description = "Weight of the class colours in the overlay, 0 to 1",
            DefaultValueFactory = _ => 0.5
        };
        Option<string?> codec = VideoArguments.CodecOption();
        Option<double?> smoothing = VideoArguments.SmoothingOption();
        Option<double> stall = new("--stall-timeout")
        {
            Description = "Seconds without a frame after which the input counts as stalled",
            DefaultValueFactory = _ => 10
        };
        Option<double?> duration = new("--duration") { Description = "End after so many seconds of frames" };
        Option<long?> frames = new("--frames") { Description = "End after so many segmented frames" };
        Option<bool> json = new("--json") { Description = "Print one JSON object as the last line" };
        Command command = new("live", "Segment a camera or a stream as it comes: the newest frame is taken whenever "
            + "the network is free, and the others are dropped and counted. Ctrl+C ends it.")
        {
            model, input, inputOptions, realtime, output, serve, opacity, codec, smoothing, stall, duration, frames,
            json
        };
        images.AddTo(command);
        inference.AddTo(command);
        command.SetAction((parsed, cancellation) => Failure.Guard(() =>
        {
            Positive(stall, parsed.GetValue(stall));
            Positive(duration, parsed.GetValue(duration) ?? 1);
            Positive(frames, parsed.GetValue(frames) ?? 1);
            if (parsed.GetValue(opacity) is not (>= 0 and <= 1) and var weight)
                throw new ArgumentException($"--opacity is {weight}, and must lie in 0..1.");
            ImageDecoderOptions decoding = images.Read(parsed);
            return new LiveSegmentation
            {
                Model = parsed.GetRequiredValue(model),
                Source = LiveSource.Find(parsed.GetRequiredValue(input), parsed.GetValue(realtime),
                    (decoding.ApplyOrientation ? "" : "-noautorotate ") + parsed.GetValue(inputOptions)) with
                {
                    MaxPixels = decoding.MaxPixels,
                    StallTimeout = TimeSpan.FromSeconds(parsed.GetValue(stall)),
                },
                Output = parsed.GetValue(output),
                Serve = parsed.GetValue(serve),
                Opacity = parsed.GetValue(opacity),
                Codec = parsed.GetValue(codec),
                Duration = parsed.GetValue(duration) is { } seconds ? TimeSpan.FromSeconds(seconds) : null,
                Frames = parsed.GetValue(frames),
                Json = parsed.GetValue(json),
                Video = OptionValues.Read(parsed, values => new VideoOptions
                {
                    Policy = FramePolicy.NewestFrame,
                    Smoothing = values.GetValue(smoothing) ?? 0,
                }),
                Options = inference.Read(parsed) with { MaxPixels = decoding.MaxPixels },
            }.ExecuteAsync(cancellation);
        }));
        return command;
    }

    private static void Positive(Option option, double value)
    {
        // A timer takes about 24 days.
        if (value is not (> 0 and <= 2_000_000) && !(option.ValueType == typeof(long?) && value > 0))
            throw new ArgumentException(
                FormattableString.Invariant($"{option.Name} is {value}; it must be more than 0 and 2000000 at most."));
    }
}
