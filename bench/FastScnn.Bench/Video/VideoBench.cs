using FastScnn.Bench.Scoring;

namespace FastScnn.Bench.Video;

/// <summary>How much the video bench does.</summary>
internal sealed record VideoBenchSizes
{
    public static VideoBenchSizes Full { get; } = new()
    {
        Sizes = [(360, 480), (720, 1280)],
        Rounds = 8,
        Frames = 60,
        Photos = 5,
        Noisy = 60,
        Drive = int.MaxValue,
    };

    /// <summary>Only to see that the bench itself works.</summary>
    public static VideoBenchSizes Tiny { get; } = new()
    {
        Sizes = [(64, 96)],
        Rounds = 1,
        Frames = 4,
        Photos = 1,
        Noisy = 22,
        Drive = 3,
    };

    public required IReadOnlyList<(int Height, int Width)> Sizes { get; init; }

    /// <summary>How often each takes its turn.</summary>
    public required int Rounds { get; init; }

    /// <summary>Frames in a turn.</summary>
    public required int Frames { get; init; }

    /// <summary>Still scenes.</summary>
    public required int Photos { get; init; }

    /// <summary>Frames of each still scene, the first 20 of which do not count.</summary>
    public required int Noisy { get; init; }

    /// <summary>The most frames of the drive.</summary>
    public required int Drive { get; init; }
}

/// <summary>Streams of frames beside the bare session, and what smoothing does.</summary>
internal static class VideoBench
{
    /// <summary>Measures, prints, and writes artifacts/bench/video.md.</summary>
    /// <returns>The exit code, 0.</returns>
    public static int Run(VideoBenchSizes sizes)
    {
        var report = new BenchReport();
        report.Add("# Video");
        report.Add("");
        report.Add(Machine.Describe());
        if (Machine.Load() is { } load)
            report.Add($"Load before the measurement: {load}.");
        DirectoryInfo folder = Directory.CreateTempSubdirectory("fastscnn-bench-");
        try
        {
            ScoringCase[] cases =
            [
                .. sizes.Sizes.Select(size => new ScoringCase(size.Height, size.Width, Environment.ProcessorCount))
            ];
            var files = new ScoringFiles(folder.FullName);
            files.WriteScoring(cases);
            foreach (ScoringCase scored in cases)
            {
                report.Heading($"{scored.Size}, {scored.Threads} threads");
                report.Add(FrameRates.Measure(files, scored, sizes));
                report.Add(ToolRates.Measure(files, scored, sizes, folder.FullName));
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }
        report.Heading("Smoothing");
        report.Add(Flicker.Measure(sizes));
        report.Save(Checkout.Artifact("bench", "video.md"));
        return 0;
    }
}
