using System.Diagnostics;
using System.Text.Json.Nodes;
using FastScnn.ML.Imaging;
using FastScnn.ML.Scoring;
using FastScnn.Testing;
using FastScnn.Torch.Data;
using Microsoft.ML.Data;

namespace FastScnn.ML.Tests.Cli;

/// <summary><c>fastscnn segment</c> of videos.</summary>
public class VideoCommandTests
{
    private const string Sound = "-f lavfi -i sine=frequency=440:duration=0.5 -map 0:v -map 1:a -c:a aac";

    private static readonly string s_model =
        Path.Combine(TestFiles.Root, "samples", "models", "fastscnn-scenes.onnx");

    [SetUp]
    public void RequireFfmpeg() => FfmpegProgram.Require();

    [TestCase("96x64", "96", "64")]
    // Two by two pixels share a colour in the usual videos, so the border is repeated.
    [TestCase("97x65", "98", "66")]
    public void An_overlay_keeps_frames_rate_size_and_sound(string size, string width, string height)
    {
        string folder = TestFiles.NewFolder(), output = Path.Combine(folder, "overlay.mp4"),
            video = FfmpegProgram.Make(Path.Combine(folder, "drive.mp4"),
                $"-f lavfi -i testsrc=size={size}:rate=30000/1001 {Sound} -frames:v 12 -c:v libx264 -pix_fmt yuv444p");
        (int exit, string text, string errors) = Cli.Run(Segment(video, output));
        Assert.That(exit, Is.Zero, errors);
        Assert.That(text, Does.Contain($"12 frames of {size.Replace("x", " x ")}, CPUExecutionProvider, ")
            .And.Contain("50th and 99th percentile in ms: wait "));
        Assert.That(FfmpegProgram.Probe(output, "v",
            "stream=codec_name,width,height,pix_fmt,avg_frame_rate,nb_frames,nb_read_frames", "-count_frames"),
            Is.EqualTo(new[] { "h264", width, height, "yuv420p", "30000/1001", "12", "12" }));
        Assert.That(Times(output), Is.EqualTo(Times(video)));
        Assert.That(FfmpegProgram.Output("-map 0:a -c copy -f md5", output),
            Is.EqualTo(FfmpegProgram.Output("-map 0:a -c copy -f md5", video)));
        Assert.That(Files(folder), Is.EqualTo(new[] { "drive.mp4", "overlay.mp4" }));
    }

    [Test]
    public void Masks_and_overlays_are_those_of_the_frames_as_images()
    {
        string folder = TestFiles.NewFolder(), frames = TestFiles.NewFolder(), drawn = TestFiles.NewFolder(),
            masks = Path.Combine(folder, "masks"), overlay = Path.Combine(folder, "overlay.mkv"),
            video = FfmpegProgram.Make(Path.Combine(folder, "street.mkv"),
                "-f lavfi -i testsrc2=size=99x67:rate=10 -frames:v 5 -c:v ffv1 -pix_fmt bgr0");
        FfmpegProgram.Make(Path.Combine(frames, "%d.png"), $"-i {video}");
        (int exit, string text, string errors) = Cli.Run(Segment(video, masks, "--json", "--jobs", "3"));
        Assert.That(exit, Is.Zero, errors);
        Assert.That((int)JsonNode.Parse(text.TrimEnd().Split('\n')[^1])!["frames"]!, Is.EqualTo(5));
        (exit, _, errors) = Cli.Run(Segment(video, overlay, "--codec", "ffv1", "--opacity", "0.3"));
        Assert.That(exit, Is.Zero, errors);
        FfmpegProgram.Make(Path.Combine(drawn, "%d.png"), $"-i {overlay}");

        JsonNode[] lines =
            [.. File.ReadLines(Path.Combine(masks, "frames.jsonl")).Select(line => JsonNode.Parse(line)!)];
        Assert.That(lines.Select(line => (int)line["frame"]!), Is.EqualTo(new[] { 1, 2, 3, 4, 5 }));
        Assert.That(lines.Select(line => (double)line["seconds"]!), Is.EqualTo(new[] { 0, 0.1, 0.2, 0.3, 0.4 }));
        Assert.That(Files(masks), Is.EqualTo((string[])
            ["frame_000001_mask.png", "frame_000002_mask.png", "frame_000003_mask.png", "frame_000004_mask.png",
                "frame_000005_mask.png", "frames.jsonl"]));
        using var segmenter = FastScnnSegmenter.Load(s_model);
        for (int i = 1; i <= 5; i++)
        {
            using MLImage image = ImageDecoder.Read(Path.Combine(frames, $"{i}.png")),
                seen = ImageDecoder.Read(Path.Combine(drawn, $"{i}.png"));
            SegmentationMap map = segmenter.Segment(image);
            Assert.That(IndexPng.Read(Path.Combine(masks, (string)lines[i - 1]["mask"]!)).Ids.Span
                .SequenceEqual(map.ClassIds.Span), $"mask {i}");
            using MLImage expected = map.Overlay(image, 0.3);
            Assert.That(seen.Pixels.SequenceEqual(expected.Pixels), $"overlay {i}");
            Assert.That((double)lines[i - 1]["shares"]!["road"]!,
                Is.EqualTo(map.ClassFractions[segmenter.Classes.ToList().FindIndex(c => c.Name == "road")]));
        }
    }

    [Test]
    public void Frames_that_come_at_any_time_keep_their_times()
    {
        string folder = TestFiles.NewFolder(), output = Path.Combine(folder, "overlay.mp4"),
            video = FfmpegProgram.Make(Path.Combine(folder, "phone.mp4"),
                "-f lavfi -i testsrc2=size=64x64:rate=30 -frames:v 8 -vf setpts=N*N*300/30/TB/100,settb=1/90000 "
                    + "-vsync passthrough -enc_time_base 1:90000 -c:v libx264 -pix_fmt yuv420p");
        Assert.That(Times(video).Distinct().Count(), Is.EqualTo(8), "the test's own video");
        Assert.That(Cli.Run(Segment(video, output)).Exit, Is.Zero);
        Assert.That(Times(output), Is.EqualTo(Times(video)));
    }

    [Test]
    public void A_video_that_is_turned_comes_upright_or_as_it_is_stored()
    {
        string folder = TestFiles.NewFolder(),
            stored = FfmpegProgram.Make(Path.Combine(folder, "stored.mp4"),
                "-f lavfi -i testsrc2=size=96x64:rate=10 -frames:v 2 -c:v libx264 -pix_fmt yuv420p"),
            turned = Path.Combine(folder, "turned.mp4");
        File.WriteAllBytes(turned, Turned(File.ReadAllBytes(stored)));
        foreach ((string[] options, string size) in new[] { (Array.Empty<string>(), "64 x 96"),
            (["--as-stored"], "96 x 64") })
        {
            (int exit, string text, string errors) =
                Cli.Run(Segment(turned, Path.Combine(folder, "o.mp4"), options));
            Assert.That(exit, Is.Zero, errors);
            Assert.That(text, Does.Contain($"2 frames of {size},"));
        }
    }

    [Test]
    public void A_folder_has_the_frames_of_its_last_video_alone()
    {
        string folder = TestFiles.NewFolder(), masks = Path.Combine(folder, "masks"),
            four = FfmpegProgram.Make(Path.Combine(folder, "four.mkv"),
                "-f lavfi -i testsrc2=size=64x64:rate=10 -frames:v 4 -c:v ffv1"),
            two = FfmpegProgram.Make(Path.Combine(folder, "two.mkv"), $"-i {four} -frames:v 2 -c:v ffv1");
        Directory.CreateDirectory(masks);
        File.WriteAllText(Path.Combine(masks, "frame_of_mine_mask.png"), "");
        foreach ((string video, int count) in new[] { (four, 4), (two, 2) })
        {
            Assert.That(Cli.Run(Segment(video, masks)).Exit, Is.Zero);
            Assert.That(Files(masks), Has.Length.EqualTo(count + 2));
        }
    }

    [TestCase("cut.mp4", "is cut short or damaged; FFmpeg says after ")]
    [TestCase("cut.mkv", "is cut short or damaged; FFmpeg says after ")]
    [TestCase("cut.ts", "is cut short or damaged; its last packet ")]
    [TestCase("sound.mp4", "has no frames: it is QuickTime / MOV with sound alone.")]
    [TestCase("text.mp4", "is no video that FFmpeg reads, or is cut short: ")]
    [TestCase("empty.mp4", "is empty, or a pipe or device; 'fastscnn live' reads those.")]
    [TestCase("sizes.ts", "pixels, and those before 96 x 64.")]
    public void A_fault_is_named_and_leaves_nothing(string name, string message)
    {
        string folder = TestFiles.NewFolder(), video = Path.Combine(folder, name), whole = TestFiles.NewFolder();
        string Testsrc(string file, string size = "96x64", string more = "") => FfmpegProgram.Make(
            Path.Combine(whole, file),
            $"-f lavfi -i testsrc2=size={size}:rate=25 -frames:v 50 -c:v libx264 -pix_fmt yuv420p{more}");
        switch (name)
        {
            case "sound.mp4":
                FfmpegProgram.Make(video, "-f lavfi -i sine=duration=0.2 -c:a aac");
                break;
            case "text.mp4" or "empty.mp4":
                File.WriteAllText(video, name == "text.mp4" ? "no video" : "");
                break;
            case "sizes.ts":
                File.WriteAllBytes(video, [.. File.ReadAllBytes(Testsrc("1.ts")),
                    .. File.ReadAllBytes(Testsrc("2.ts", "128x96", " -output_ts_offset 2"))]);
                break;
            default:
                byte[] bytes = File.ReadAllBytes(Testsrc(name, more: name == "cut.mp4" ? " -movflags +faststart" : ""));
                File.WriteAllBytes(video, bytes[..(bytes.Length * 2 / 3)]);
                break;
        }
        foreach (string output in new[] { "overlay.mp4", "masks" })
        {
            string[] results = output == "masks" ? [] : ["--results", Path.Combine(folder, "lines.jsonl")];
            (int exit, _, string errors) = Cli.Run(Segment(video, Path.Combine(folder, output), results));
            Assert.That(exit, Is.EqualTo(1), errors);
            if (output == "masks" && name == "empty.mp4")
                continue;
            Assert.That(errors, Does.StartWith($"--input '{video}' ").And.Contain(message));
            Assert.That(Files(folder), Is.EqualTo(new[] { name }));
        }
        if (!message.Contains("cut short or damaged"))
            return;
        (int accepted, string text, string why) =
            Cli.Run(Segment(video, Path.Combine(folder, "overlay.mkv"), "--accept-incomplete"));
        Assert.That(accepted, Is.Zero, why);
        int frames = int.Parse(FfmpegProgram.Probe(Path.Combine(folder, "overlay.mkv"), "v", "stream=nb_read_frames",
            "-count_frames")[0]);
        Assert.That(frames, Is.InRange(20, 49));
        Assert.That(text, Does.Contain($"{frames} frames of 96 x 64"));
    }

    [Test]
    public void A_signal_leaves_nothing()
    {
        if (OperatingSystem.IsWindows())
            Assert.Ignore("there is no SIGTERM");
        string folder = TestFiles.NewFolder(), video = FfmpegProgram.Make(Path.Combine(folder, "long.mp4"),
            "-f lavfi -i testsrc2=size=320x240:rate=30 -t 200 -c:v libx264 -preset ultrafast");
        foreach (string output in new[] { "overlay.mp4", "masks" })
        {
            using Process process = Cli.Start(Segment(video, Path.Combine(folder, output)));
            Wait.Until(process, () => File.Exists(Path.Combine(folder, "overlay.mp4.tmp.mp4"))
                || File.Exists(Path.Combine(folder, "masks", ".frames.tmp", "frame_000003_mask.png")));
            using (Process signal = Process.Start("kill", ["-TERM", $"{process.Id}"])) signal.WaitForExit();
            process.WaitForExit();
            Assert.That(process.ExitCode, Is.EqualTo(130));
            Assert.That(Files(folder), Is.EqualTo(new[] { "long.mp4" }));
        }
    }

    [TestCase("--shard is about images, and --input is a video; leave it.", "o.mp4", "--shard", "1/2")]
    [TestCase("--regions is about images, and --input is a video; leave it.", "o", "--regions", "csv")]
    [TestCase("--skip-existing is about images, and --input is a video; leave it.", "o", "--skip-existing")]
    [TestCase("--codec is about a video as --output, and '{0}' is a folder.", "o", "--codec", "ffv1")]
    [TestCase("--smoothing is 1; it must be 0 up to but not including 1.", "o.mp4", "--smoothing", "1")]
    [TestCase("--output is '{0}'; videos are written as .mp4, .m4v, .mov, .mkv, .webm, .ts, and masks into a folder.",
        "o.avi")]
    [TestCase("FFmpeg cannot write --output '{0}': Unknown encoder 'none'. Name another one by --codec; 'ffmpeg "
        + "-encoders' lists them.", "o.mp4", "--codec", "none")]
    public void What_does_not_fit_is_refused(string message, string output, params string[] options)
    {
        string folder = TestFiles.NewFolder(), path = Path.Combine(folder, output),
            video = FfmpegProgram.Make(Path.Combine(folder, "v.mkv"),
                "-f lavfi -i testsrc2=size=64x64:rate=10 -frames:v 2 -c:v ffv1");
        (int exit, _, string errors) = Cli.Run(Segment(video, path, options));
        Assert.That((exit, errors.TrimEnd()), Is.EqualTo((1, string.Format(message, path))));
        Assert.That(Files(folder), Is.EqualTo(new[] { "v.mkv" }));
    }

    // The matrix of the track's header says how a player turns the frames: the only one in the file that is not of the
    // movie itself.
    private static byte[] Turned(byte[] mp4)
    {
        byte[] one = [0, 1, 0, 0], none = [0, 0, 0, 0], minus = [255, 255, 0, 0], end = [64, 0, 0, 0],
            upright = [.. one, .. none, .. none, .. none, .. one, .. none, .. none, .. none, .. end],
            quarter = [.. none, .. one, .. none, .. minus, .. none, .. none, .. none, .. none, .. end];
        int at = mp4.AsSpan().LastIndexOf(upright);
        Assert.That(at, Is.Positive);
        quarter.CopyTo(mp4, at);
        return mp4;
    }

    private static string[] Times(string video) =>
    [
        .. FfmpegProgram.Probe(video, "v", "packet=pts_time").Select(double.Parse).Order().Select(t => $"{t:F5}")
    ];

    private static string[] Files(string folder) =>
        [.. Directory.EnumerateFileSystemEntries(folder).Select(path => Path.GetFileName(path)!).Order()];

    private static string[] Segment(string video, string output, params string[] options) =>
        ["segment", "--model", s_model, "--input", video, "--output", output, "--threads", "1", .. options];
}

/// <summary><c>fastscnn segment</c> around videos, where no FFmpeg is needed.</summary>
public class VideoWordsTests
{
    private static readonly string s_model =
        Path.Combine(TestFiles.Root, "samples", "models", "fastscnn-scenes.onnx");

    [Test]
    public void Without_FFmpeg_a_message_says_how_to_install_it()
    {
        string folder = TestFiles.NewFolder(), video = Path.Combine(folder, "drive.mp4");
        File.WriteAllText(video, "any");
        Dictionary<string, string> environment = new() { ["PATH"] = folder };
        (int exit, _, string errors) = Cli.Run(environment, "", "segment", "--model", s_model, "--input", video,
            "--output", Path.Combine(folder, "overlay.mp4"));
        Assert.That(exit, Is.EqualTo(1));
        Assert.That(errors, Does.StartWith("Videos need FFmpeg, and there is no program 'ffmpeg").And.Contain(
            "'sudo apt install ffmpeg' on Debian and Ubuntu, 'brew install ffmpeg' on macOS, 'winget install "
                + "Gyan.FFmpeg' on Windows."));
    }

    [TestCase("--codec is about videos, and --input is none.", "o", "--codec", "ffv1")]
    [TestCase("--no-sound is about videos, and --input is none.", "o", "--no-sound")]
    [TestCase("--output is 'o.mp4', a video, and --input '{0}' is a folder of images; expected a video as --input, or "
        + "a folder as --output.", "o.mp4")]
    public void What_needs_a_video_is_refused(string message, string output, params string[] options)
    {
        string folder = TestFiles.NewFolder();
        string[] arguments = ["segment", "--model", s_model, "--input", folder, "--output", output, .. options];
        (int exit, _, string errors) = Cli.Run(arguments);
        Assert.That((exit, errors.TrimEnd()), Is.EqualTo((1, string.Format(message, folder))));
    }
}
