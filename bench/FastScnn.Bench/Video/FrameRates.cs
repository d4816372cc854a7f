using System.Diagnostics;
using FastScnn.Bench.Scoring;
using FastScnn.Bench.Scoring.Peers;
using FastScnn.ML.Scoring;
using FastScnn.Torch.Data;

namespace FastScnn.Bench.Video;

/// <summary>Frames a second of one size.</summary>
internal static class FrameRates
{
    public static IEnumerable<string> Measure(ScoringFiles files, ScoringCase scored, VideoBenchSizes sizes)
    {
        using var bare = new BareSession(files, scored);
        using var segmenter = FastScnnSegmenter.Load(files.Scoring,
            new FastScnnSegmenterOptions { IntraOpThreads = scored.Threads });
        var frame = new PixelBuffer(scored.Width, scored.Height, File.ReadAllBytes(files.Pixels(scored)),
            PixelLayout.Bgra32);
        (string Name, Action<int> Run, Samples Rates)[] peers =
        [
            ("bare session on our graph, planes -> 1/8 logits", count => Repeat(count, bare.Score), new()),
            ("`Segment`, one frame at a time", count => Repeat(count, () => segmenter.Segment(frame)), new()),
            ("**`SegmentVideoAsync`**", count => Stream(count, new()), new()),
            ("**`SegmentVideoAsync`**, `Smoothing = 0.5`", count => Stream(count, new() { Smoothing = 0.5 }), new()),
        ];
        // Until its code is compiled and its size is known.
        foreach ((_, Action<int> run, _) in peers)
            run(Math.Min(20, sizes.Frames));
        for (int round = 0; round < sizes.Rounds; round++)
            foreach ((_, Action<int> run, Samples rates) in peers)
            {
                long start = Stopwatch.GetTimestamp();
                run(sizes.Frames);
                rates.Add(sizes.Frames / Stopwatch.GetElapsedTime(start).TotalSeconds);
            }
        yield return "| | frames a second: median (min..max) | x bare session |";
        yield return "|---|---|---|";
        foreach ((string name, _, Samples rates) in peers)
            yield return $"| {name} | {rates} | {rates.Median / peers[0].Rates.Median:F2} |";

        void Stream(int count, VideoOptions options) => StreamAsync(count, options).GetAwaiter().GetResult();

        async Task StreamAsync(int count, VideoOptions options)
        {
            await foreach (SegmentedFrame _ in segmenter.SegmentVideoAsync(
                Enumerable.Repeat(frame, count).ToAsyncEnumerable(), options))
            {
            }
        }
    }

    private static void Repeat(int count, Action run)
    {
        for (int i = 0; i < count; i++)
            run();
    }
}
