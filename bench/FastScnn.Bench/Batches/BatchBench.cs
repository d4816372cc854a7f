using System.Diagnostics;
using FastScnn.Bench.Scoring;
using FastScnn.ML.Imaging;
using FastScnn.ML.Quantization;
using FastScnn.ML.Scoring;
using FastScnn.Torch.Checkpoints;
using FastScnn.Torch.Data;
using Microsoft.ML.Data;

namespace FastScnn.Bench.Batches;

/// <summary>How much the bench of batches does.</summary>
internal sealed record BatchBenchSizes
{
    public static BatchBenchSizes Full { get; } = new()
    {
        Sizes = [(96, 128), (360, 480), (512, 1024)],
        Batches = [2, 4],
        Rounds = 7,
        Images = 8,
    };

    /// <summary>Only to see that the bench itself works.</summary>
    public static BatchBenchSizes Tiny { get; } = new() { Sizes = [(64, 96)], Batches = [2], Rounds = 2, Images = 2 };

    public required IReadOnlyList<(int Height, int Width)> Sizes { get; init; }

    public required IReadOnlyList<int> Batches { get; init; }

    /// <summary>How often each takes its turn.</summary>
    public required int Rounds { get; init; }

    /// <summary>Images in a turn.</summary>
    public required int Images { get; init; }
}

/// <summary>Several images in one run of the network beside one by one.</summary>
internal static class BatchBench
{
    /// <summary>Measures, prints, and writes artifacts/bench/batches.md.</summary>
    /// <returns>The exit code, 0.</returns>
    public static int Run(BatchBenchSizes sizes)
    {
        var report = new BenchReport();
        report.Add("# Batches");
        report.Add("");
        report.Add(Machine.Describe());
        if (Machine.Load() is { } load)
            report.Add($"Load before the measurement: {load}.");
        DirectoryInfo folder = Directory.CreateTempSubdirectory("fastscnn-bench-");
        try
        {
            ScoringCase[] cases =
            [
                .. sizes.Sizes.SelectMany(size => new[] { 1, Environment.ProcessorCount }.Distinct()
                    .Select(threads => new ScoringCase(size.Height, size.Width, threads)))
            ];
            var files = new ScoringFiles(folder.FullName);
            Checkpoint weights = files.WriteScoring(cases);
            FastScnnQuantizer.Quantize(weights, cases.DistinctBy(one => one.Size).Select(files.Image), files.Int8);
            foreach ((string name, string model) in new[] { ("float32", files.Scoring), ("int8", files.Int8) })
            {
                foreach (ScoringCase scored in cases)
                {
                    report.Heading($"{name}, {scored.Size}, {scored.Threads} threads");
                    report.Add(Measure(files, model, scored, sizes));
                }
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }
        report.Save(Checkout.Artifact("bench", "batches.md"));
        return 0;
    }

    private static IEnumerable<string> Measure(ScoringFiles files, string model, ScoringCase scored,
        BatchBenchSizes sizes)
    {
        var image = new PixelBuffer(scored.Width, scored.Height, File.ReadAllBytes(files.Pixels(scored)),
            PixelLayout.Bgra32);
        using MLImage decoded = files.Decoded(scored);
        List<Peer> peers =
        [
            One("`Segment`", new(), segmenter => segmenter.Segment(image)),
            .. sizes.Batches.Select(count => One($"`SegmentBatch` of {count}", new(), segmenter =>
                segmenter.SegmentBatch([.. Enumerable.Repeat(image, count)]), count)),
            Many(1), .. sizes.Batches.Select(Many),
        ];
        // Until its code is compiled and its size is known.
        foreach (Peer peer in peers)
            peer.Run((RunnerChoice.UsesForSession + 1) * peer.Count);
        for (int round = 0; round < sizes.Rounds; round++)
            foreach (Peer peer in peers)
            {
                long start = Stopwatch.GetTimestamp();
                peer.Run(sizes.Images);
                peer.Times.Add(Stopwatch.GetElapsedTime(start) / sizes.Images);
            }
        yield return "| | ms an image: median (min..max) | times as fast as one by one: median (min..max) |";
        yield return "|---|---|---|";
        foreach (Peer peer in peers)
        {
            Peer alone = peers.First(one => one.IsMany == peer.IsMany);
            double[] ratios =
            [
                .. alone.Times.Zip(peer.Times, (before, now) => before / now).Order()
            ];
            double[] times = [.. peer.Times.Select(time => time.TotalMilliseconds).Order()];
            yield return FormattableString.Invariant(
                $"| {peer.Name} | {Median(times):F2} ({times[0]:F2}..{times[^1]:F2}) ")
                + FormattableString.Invariant($"| {Median(ratios):F2} ({ratios[0]:F2}..{ratios[^1]:F2}) |");
        }
        foreach (Peer peer in peers)
            peer.Segmenter.Dispose();

        Peer One(string name, FastScnnSegmenterOptions options, Action<FastScnnSegmenter> run, int count = 1)
        {
            var segmenter = FastScnnSegmenter.Load(model, options with { IntraOpThreads = scored.Threads });
            return new Peer(name, count, false, segmenter, images =>
            {
                for (int i = 0; i < images; i += count)
                    run(segmenter);
            });
        }

        Peer Many(int batch)
        {
            var segmenter = FastScnnSegmenter.Load(model,
                new FastScnnSegmenterOptions { IntraOpThreads = scored.Threads, BatchSize = batch });
            return new Peer($"`SegmentManyAsync`, `BatchSize = {batch}`", batch, true, segmenter, images =>
                ReadAllAsync(segmenter.SegmentManyAsync(Enumerable.Repeat(decoded, images))).GetAwaiter().GetResult());
        }
    }

    private static async Task ReadAllAsync(IAsyncEnumerable<SegmentationMap> maps)
    {
        await foreach (SegmentationMap _ in maps)
        {
        }
    }

    private static double Median(double[] sorted) => sorted[sorted.Length / 2];

    private sealed record Peer(string Name, int Count, bool IsMany, FastScnnSegmenter Segmenter, Action<int> Run)
    {
        public List<TimeSpan> Times { get; } = [];
    }
}
