using FastScnn.ML;
using FastScnn.Torch.Network;
using FastScnn.Torch.Onnx;

namespace FastScnn.Bench.Scoring;

/// <summary>
/// What scoring costs beside the network itself: the segmenter, from pixels to class map, and the bare ONNX Runtime session on the
/// same input, in turn within one run.
/// </summary>
internal static class ScoringBench
{
    private const int Rounds = 15;

    private static readonly (int Height, int Width)[] s_sizes = [(256, 512), (360, 480), (512, 1024), (1024, 2048)];

    public static void Run()
    {
        byte[] model = Model();
        Console.WriteLine(Machine.Describe());
        Console.WriteLine("19 classes, milliseconds: median (min..max); pixels in memory -> class map");
        Console.WriteLine();
        Console.WriteLine("| size | threads | segmenter | pre-process | inference | post-process | bare session | segmenter / session |");
        Console.WriteLine("|---|---|---|---|---|---|---|---|");
        foreach ((int height, int width) in s_sizes)
            foreach (int threads in new[] { 1, 2 }.Where(n => n <= Environment.ProcessorCount))
                Console.WriteLine(Row(model, height, width, threads));
    }

    // Untrained weights cost what trained ones do, except that their class maps are as restless as maps can be.
    private static byte[] Model()
    {
        using MemoryStream file = new();
        using FastScnnNetwork network = new(new FastScnnOptions());
        OnnxExporter.Export(network.ToCheckpoint(), file);
        return file.ToArray();
    }

    private static string Row(byte[] model, int height, int width, int threads)
    {
        byte[] pixels = new byte[height * width * 4];
        new Random(1).NextBytes(pixels);
        using FastScnnSegmenter segmenter = FastScnnSegmenter.Load(model, new FastScnnSegmenterOptions { IntraOpThreads = threads });
        using BareSession session = new(model, threads, height, width);
        Samples total = new(), pre = new(), inference = new(), post = new(), bare = new();
        // The first rounds warm up code and memory.
        for (int round = -3; round < Rounds; round++)
        {
            SegmentationTimings timings = segmenter.Segment(pixels, width, height, PixelLayout.Bgra32).Timings;
            TimeSpan floor = session.Run();
            if (round < 0)
                continue;
            total.Add(timings.Total);
            pre.Add(timings.PreProcess);
            inference.Add(timings.Inference);
            post.Add(timings.PostProcess);
            bare.Add(floor);
        }
        return $"| {height}x{width} | {threads} | {total} | {pre} | {inference} | {post} | {bare} | {total.Median / bare.Median:F2} |";
    }
}
