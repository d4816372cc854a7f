using System.Diagnostics;
using System.Globalization;
using FastScnn.Bench.Workers;
using FastScnn.ML.Scoring;
using FastScnn.Torch.Data;

namespace FastScnn.Bench.Scoring;

/// <summary>The resident size of a process that scores images of ever changing sizes.</summary>
internal static class MixedSizes
{
    public const string Command = "mixed-sizes-worker";

    public static IEnumerable<string> Measure(string folder, int frames)
    {
        ProcessStartInfo start = new(OwnProgram.CommandLine[0],
            [.. OwnProgram.CommandLine.Skip(1), Command, new ScoringFiles(folder).Scoring,
                frames.ToString(CultureInfo.InvariantCulture)]);
        using var worker = new Worker(start);
        string[] sizes = worker.Await("resident");
        yield return $"Images of 90 sizes from 320x240 to 1024x768, {frames} in all, one segmenter, in a process of its own.";
        yield return "";
        yield return "| after images | resident size, MB |";
        yield return "|---|---|";
        foreach (string[] pair in sizes.Chunk(2))
            yield return $"| {pair[0]} | {pair[1]} |";
    }

    public static void Run(string model, int frames)
    {
        using FastScnnSegmenter segmenter = FastScnnSegmenter.Load(model);
        var pixels = new byte[4 * 1024 * 768];
        new Random(1).NextBytes(pixels);
        var resident = new List<string>();
        int[] marks = [frames / 10, frames / 2, frames];
        for (int i = 1; i <= frames; i++)
        {
            // 7 has no factor in common with 90, so that sizes jump about.
            double scale = 1 - i * 7 % 90 / 90.0 * 0.6875;
            segmenter.Segment(new PixelBuffer((int)(1024 * scale), (int)(768 * scale), pixels, PixelLayout.Bgra32));
            if (!marks.Contains(i))
                continue;
            using Process self = Process.GetCurrentProcess();
            resident.AddRange([i.ToString(CultureInfo.InvariantCulture),
                (self.WorkingSet64 / 1e6).ToString("F0", CultureInfo.InvariantCulture)]);
        }
        Console.WriteLine(string.Join('\t', ["resident", .. resident]));
    }
}
