using FastScnn.ML.Imaging;
using FastScnn.ML.Scoring;
using FastScnn.Torch.Data;
using FastScnn.Torch.Metrics;

namespace FastScnn.Bench.Video;

/// <summary>How many pixels change their class although the scene does not, and what steadier maps cost where it
/// moves.</summary>
internal static class Flicker
{
    private const double Noise = 4;
    private const int Uncounted = 20;

    private static readonly double[] s_smoothing = [0, 0.5, 0.8];

    public static IEnumerable<string> Measure(VideoBenchSizes sizes)
    {
        string folder = Path.Combine(Checkout.Root, "..", "shared", "camvid");
        if (!Directory.Exists(folder))
        {
            yield return "Left out: there is no CamVid beside the checkout.";
            yield break;
        }
        string[] photos = [.. Directory.GetFiles(Path.Combine(folder, "images", "val"), "*.jpg")
            .Order(StringComparer.Ordinal).Take(sizes.Drive)];
        using var segmenter =
            FastScnnSegmenter.Load(Path.Combine(Checkout.Root, "samples", "models", "fastscnn-camvid.onnx"));
        PixelBuffer[] frames = [.. photos.Select(Read)];
        PixelBuffer[] still = [.. frames.Where((_, i) => i % (frames.Length / sizes.Photos) == 0).Take(sizes.Photos)];
        yield return $"Photos of 480x360: {sizes.Photos} with fresh noise in each of {sizes.Noisy} frames, and the "
            + $"{photos.Length} of a drive as they are.";
        yield return "";
        yield return "Flicker: pixels that change class from frame to frame.";
        yield return "";
        yield return "| smoothing | still scene: flicker, % | drive: flicker, % | drive: mIoU, % |";
        yield return "|---|---|---|---|";
        foreach (double smoothing in s_smoothing)
        {
            double flicker = still.Average(photo => Changes(
                Maps(segmenter, Enumerable.Range(0, sizes.Noisy).Select(seed => AddNoise(photo, seed)), smoothing)
                    .Skip(Uncounted)));
            SegmentationMap[] drive = [.. Maps(segmenter, frames, smoothing)];
            var counts = new ConfusionCounts(segmenter.Classes.Count);
            for (int i = 0; i < drive.Length; i++)
                counts.Add(SegmentationMap.Load(Mask(folder, photos[i]), segmenter.Classes).ClassIds.Span,
                    drive[i].ClassIds.Span, segmenter.Classes.IgnoreIndex);
            double score = SegmentationScores.From(counts).MeanIoU;
            yield return FormattableString.Invariant(
                $"| {smoothing} | {100 * flicker:F2} | {100 * Changes(drive):F2} | {100 * score:F2} |");
        }
    }

    private static string Mask(string folder, string photo) =>
        Path.Combine(folder, "masks", "val", Path.GetFileNameWithoutExtension(photo) + ".png");

    private static PixelBuffer Read(string path)
    {
        using FileStream file = File.OpenRead(path);
        return ImageDecoder.Decode(file).ToRgb24();
    }

    private static IEnumerable<SegmentationMap> Maps(FastScnnSegmenter segmenter, IEnumerable<PixelBuffer> frames,
        double smoothing) => segmenter
            .SegmentVideoAsync(frames.ToAsyncEnumerable(), new VideoOptions { Smoothing = smoothing })
            .ToBlockingEnumerable().Select(frame => frame.Map);

    private static double Changes(IEnumerable<SegmentationMap> maps)
    {
        SegmentationMap? last = null;
        var shares = new List<double>();
        foreach (SegmentationMap map in maps)
        {
            if (last is not null)
                shares.Add(Different(last.ClassIds.Span, map.ClassIds.Span));
            last = map;
        }
        return shares.Average();

        static double Different(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second)
        {
            int different = 0;
            for (int i = 0; i < first.Length; i++)
                different += first[i] != second[i] ? 1 : 0;
            return (double)different / first.Length;
        }
    }

    // By Box and Muller.
    private static PixelBuffer AddNoise(PixelBuffer photo, int seed)
    {
        var random = new Random(seed);
        byte[] pixels = photo.Pixels.ToArray();
        for (int i = 0; i < pixels.Length; i++)
        {
            double radius = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble()));
            double angle = 2 * Math.PI * random.NextDouble();
            pixels[i] = (byte)Math.Clamp(Math.Round(pixels[i] + Noise * radius * Math.Cos(angle)), 0, 255);
        }
        return new PixelBuffer(photo.Width, photo.Height, pixels);
    }
}
