using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.RegularExpressions;
using FastScnn.ML.Imaging;
using FastScnn.ML.Scoring;
using FastScnn.Torch.Checkpoints;
using FastScnn.Torch.Onnx;
using Microsoft.ML.OnnxRuntime;

namespace FastScnn.GpuBench;

/// <summary>Scores two drawn streets in every way, compares the scores with the processor's, and times the
/// frames.</summary>
internal static class GpuBench
{
    private const int WarmUp = 20;

    public static int Run(Settings settings)
    {
        Checkpoint checkpoint = Checkpoint.Load(settings.Weights);
        Report report = new(settings);
        report.Head(checkpoint.ClassCount);
        Scene first = new(settings.Height, settings.Width, seed: 1, checkpoint.Info.Normalization);
        Scene second = new(settings.Height, settings.Width, seed: 2, checkpoint.Info.Normalization);
        bool good = true;
        foreach (IGrouping<OnnxGraph, Variant> graph in Variant.All.Concat(Variant.OtherSettings)
            .GroupBy(variant => variant.Graph))
        {
            float[] expected = Expected(checkpoint, settings, graph.Key, second);
            foreach (Variant variant in graph)
                good &= Row(report, settings, variant.Name,
                    () => Measure(report, variant, checkpoint, settings, first, second, expected));
        }
        foreach ((string name, OnnxPrecision precision, FastScnnSegmenterOptions options) in Segmenters(settings))
            good &= Row(report, settings, $"FastScnnSegmenter, {name}",
                () => MeasureSegmenter(report, options, name, precision, checkpoint, settings, first));
        good &= Row(report, settings, "FastScnnSegmenter, several at once",
            () => MeasureSeveral(report, checkpoint, settings, first));
        if (settings.Exchange is { } folder)
            Exchange(folder, checkpoint, settings, first);
        return good ? 0 : 1;
    }

    private static IEnumerable<(string Name, OnnxPrecision Precision, FastScnnSegmenterOptions Options)> Segmenters(
        Settings settings)
    {
        FastScnnSegmenterOptions options = new() { GpuDeviceId = settings.Cpu ? null : settings.Device };
        yield return ("fp32", OnnxPrecision.Float32, options);
        yield return ("fp32, no CUDA graph", OnnxPrecision.Float32,
            options with { Cuda = options.Cuda with { EnableCudaGraph = false } });
        yield return ("fp16", OnnxPrecision.Float16, options);
        for (int threads = 1; threads < Environment.ProcessorCount; threads *= 2)
            yield return ($"fp16, {threads} of {Environment.ProcessorCount} threads", OnnxPrecision.Float16,
                options with { IntraOpThreads = threads });
    }

    private static byte[] Model(Checkpoint checkpoint, Settings settings, OnnxGraph graph, OnnxPrecision precision,
        bool anySize = false)
    {
        using MemoryStream file = new();
        OnnxExporter.Export(checkpoint, file,
            new()
            {
                Graph = graph,
                Precision = precision,
                Height = anySize ? null : settings.Height,
                Width = anySize ? null : settings.Width
            });
        return file.ToArray();
    }

    private static float[] Expected(Checkpoint checkpoint, Settings settings, OnnxGraph graph, Scene scene)
    {
        Variant plain = new(graph, OnnxPrecision.Float32, OnDevice: false, CudaGraph: false);
        using Scorer scorer = new(Model(checkpoint, settings, graph, plain.Precision), plain, device: null);
        using OrtValue image = scene.Tensor(graph);
        scorer.Run(image);
        return scorer.Scores.ToArray();
    }

    private static bool Measure(Report report, Variant variant, Checkpoint checkpoint, Settings settings, Scene first,
        Scene second, float[] expected)
    {
        using OrtValue other = first.Tensor(variant.Graph), image = second.Tensor(variant.Graph);
        byte[] model = Model(checkpoint, settings, variant.Graph, variant.Precision);
        long start = Stopwatch.GetTimestamp();
        using Scorer scorer = new(model, variant, settings.Cpu ? null : settings.Device);
        OrtValue placed = scorer.Place(image);
        scorer.Run(placed);
        TimeSpan begin = Stopwatch.GetElapsedTime(start);
        List<double> frames = Time(settings.Rounds, _ => scorer.Run(placed));
        List<double>? copies = variant.OnDevice && !variant.CudaGraph ? Time(settings.Rounds, _ => scorer.Copy(image))
            : null;
        // The other street goes first: a graph that reads its image from the wrong place would give that one's scores
        // again.
        scorer.Run(scorer.Place(other));
        scorer.Run(scorer.Place(image));
        Agreement agreement = Agreement.Of(scorer.Scores, expected, checkpoint.ClassCount);
        report.Add(variant.Name, begin, frames, copies, agreement);
        return agreement.IsGood && !double.IsPositiveInfinity(agreement.LargestDifference);
    }

    private static bool MeasureSegmenter(Report report, FastScnnSegmenterOptions options, string name,
        OnnxPrecision precision, Checkpoint checkpoint, Settings settings, Scene scene)
    {
        byte[] model = Model(checkpoint, settings, OnnxGraph.Scoring, precision, anySize: true);
        using FastScnnSegmenter exact =
            FastScnnSegmenter.Load(Model(checkpoint, settings, OnnxGraph.Scoring, OnnxPrecision.Float32));
        ReadOnlyMemory<byte> expected = Segment(exact, scene).ClassIds;
        List<SegmentationMap> maps = [];
        long start = Stopwatch.GetTimestamp();
        using FastScnnSegmenter segmenter = FastScnnSegmenter.Load(model, options);
        maps.Add(Segment(segmenter, scene));
        TimeSpan begin = Stopwatch.GetElapsedTime(start);
        List<double> frames = Time(settings.Rounds, _ => maps.Add(Segment(segmenter, scene)));
        Agreement agreement = Agreement.Of(maps[^1].ClassIds.Span, expected.Span);
        string why = segmenter.WhyNoGraph is { } reason
            ? $", no graph: {reason.ReplaceLineEndings(" ").Replace('|', '/')}" : "";
        string parts = string.Join(" + ", Part(maps, t => t.PreProcess), Part(maps, t => t.Inference),
            Part(maps, t => t.PostProcess));
        report.Add(
            $"FastScnnSegmenter ({segmenter.ActiveProvider}), {name}, pixels to mask{why} (planes + network + classes: {parts})", begin, frames, null, agreement);
        return agreement.IsGood;
    }

    // Each of several threads has an image under way, and all share the segmenter.
    private static bool MeasureSeveral(Report report, Checkpoint checkpoint, Settings settings, Scene scene)
    {
        const int Threads = 3;
        FastScnnSegmenterOptions options = new()
        {
            GpuDeviceId = settings.Cpu ? null : settings.Device,
            IntraOpThreads = Math.Max(1, Environment.ProcessorCount / Threads)
        };
        byte[] model = Model(checkpoint, settings, OnnxGraph.Scoring, OnnxPrecision.Float16, anySize: true);
        long start = Stopwatch.GetTimestamp();
        using FastScnnSegmenter segmenter = FastScnnSegmenter.Load(model, options);
        ReadOnlyMemory<byte> expected = Segment(segmenter, scene).ClassIds;
        TimeSpan begin = Stopwatch.GetElapsedTime(start);
        long different = 0;
        List<double> batches = Time(Math.Max(3, settings.Rounds / 10),
            _ => Parallel.For(0, 10 * Threads, new ParallelOptions { MaxDegreeOfParallelism = Threads }, _ =>
            Interlocked.Add(ref different,
                Agreement.Of(Segment(segmenter, scene).ClassIds.Span, expected.Span).Different)));
        // On average over the images.
        Agreement agreement = new(double.NaN, (int)(different / ((batches.Count + WarmUp) * 10L * Threads)),
            expected.Length);
        report.Add($"FastScnnSegmenter, fp16, {Threads} images at once: an image", begin,
            [.. batches.Select(time => time / (10 * Threads))], null, agreement);
        return agreement.IsGood;
    }

    // What PyTorch scores after us, and what the processor makes of it.
    private static void Exchange(string folder, Checkpoint checkpoint, Settings settings, Scene scene)
    {
        using FastScnnSegmenter exact =
            FastScnnSegmenter.Load(Model(checkpoint, settings, OnnxGraph.Scoring, OnnxPrecision.Float32));
        File.WriteAllBytes(Path.Combine(folder, "image.rgb"), scene.Image.ToRgb24().Pixels.Span);
        File.WriteAllBytes(Path.Combine(folder, "expected.mask"), Segment(exact, scene).ClassIds.Span);
        File.WriteAllText(Path.Combine(folder, "settings.json"), JsonSerializer.Serialize(new
        {
            settings.Weights,
            settings.Height,
            settings.Width,
            settings.Rounds,
            settings.Device,
            settings.Output,
            checkpoint.Info.Normalization.Mean,
            checkpoint.Info.Normalization.Std,
        }));
    }

    private static string Part(List<SegmentationMap> maps, Func<SegmentationTimings, TimeSpan> part)
    {
        double[] times = [.. maps.Skip(WarmUp).Select(map => part(map.Timings).TotalMilliseconds).Order()];
        return times[times.Length / 2].ToString("F2", CultureInfo.InvariantCulture);
    }

    private static SegmentationMap Segment(FastScnnSegmenter segmenter, Scene scene) =>
        segmenter.Segment(scene.Image);

    private static List<double> Time(int rounds, Action<int> frame)
    {
        List<double> times = [];
        for (int round = -WarmUp; round < rounds; round++)
        {
            long start = Stopwatch.GetTimestamp();
            frame(round + WarmUp);
            if (round >= 0)
                times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }
        times.Sort();
        return times;
    }

    // One way that fails leaves the others to be measured.
    private static bool Row(Report report, Settings settings, string name, Func<bool> measure)
    {
        if (!Regex.IsMatch(name, settings.Only))
            return true;
        try
        {
            return measure();
        }
        catch (Exception e) when (e is OnnxRuntimeException or InvalidOperationException or EntryPointNotFoundException
            or ExternalException)
        {
            report.Failed(name, e.Message);
            return false;
        }
    }
}
