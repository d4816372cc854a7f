#:project ../src/FastScnn.ML
#:project FastScnn.Scenes
#:property PublishAot=false

// Scores on a CUDA device where there is one, else on the processor, and measures both ways of feeding images.
//
//   dotnet run -c Release samples/06-gpu-and-speed.cs [model.onnx] [folder of images] [times]
//
// The device needs CUDA and cuDNN in the versions that the README names for ONNX Runtime; without them the reason is
// printed.
using System.Diagnostics;
using FastScnn.ML.Imaging;
using FastScnn.ML.Scoring;
using FastScnn.Scenes;

string modelFile = args.Length > 0 ? args[0] : Path.Combine("samples", "models", "fastscnn-scenes.onnx");
string folder = args.Length > 1 ? args[1] : DrawStreets(Path.Combine("artifacts", "samples"));
int times = args.Length > 2 ? int.Parse(args[2]) : 5;
string[] images =
[
    .. Enumerable.Repeat(Directory.GetFiles(folder).Order(StringComparer.Ordinal), times).SelectMany(files => files)
];

// Load once, use often: loading builds and optimizes the network.
long start = Stopwatch.GetTimestamp();
using var segmenter = FastScnnSegmenter.Load(modelFile,
    new FastScnnSegmenterOptions { GpuDeviceId = 0, FallbackToCpu = true });
Console.WriteLine(
    $"runs on {segmenter.ActiveProvider}, loaded in {Stopwatch.GetElapsedTime(start).TotalMilliseconds:F0} ms");
if (segmenter.FallbackReason is { } reason)
    Console.WriteLine($"not on a GPU: {reason}");

// The first image of a size is slower: memory is laid out for it.
segmenter.Segment(images[0]);

// One after the other, which is best for the time that one image takes.
start = Stopwatch.GetTimestamp();
SegmentationTimings[] timings = [.. images.Select(image => segmenter.Segment(image).Timings)];
Report("one after the other", Stopwatch.GetElapsedTime(start));
Console.WriteLine(
    $"  an image, median: decode and resize {Median(t => t.PreProcess):F1} ms, network {Median(t => t.Inference):F1} "
        + $"ms, mask {Median(t => t.PostProcess):F1} ms");

// Several in flight, which is best for folders: images are decoded while the network works on others.
start = Stopwatch.GetTimestamp();
int count = 0;
await foreach (SegmentationMap _ in segmenter.SegmentManyAsync(images))
    count++;
Report("several in flight", Stopwatch.GetElapsedTime(start));
return count == images.Length ? 0 : 1;

void Report(string way, TimeSpan time) =>
    Console.WriteLine(
        $"{way}: {images.Length} images in {time.TotalSeconds:F2} s, {images.Length / time.TotalSeconds:F1} images/s");

double Median(Func<SegmentationTimings, TimeSpan> part) =>
    timings.Select(part).Order().ElementAt(timings.Length / 2).TotalMilliseconds;

static string DrawStreets(string root)
{
    StreetSceneFolder.Write(root, "speed", 8, new StreetSceneOptions { Seed = 6 });
    return Path.Combine(root, "images", "speed");
}
