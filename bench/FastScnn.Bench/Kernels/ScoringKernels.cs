using BenchmarkDotNet.Attributes;
using FastScnn.Bench.Scoring;
using FastScnn.ML.Scoring;
using FastScnn.ML.Scoring.Kernels;
using FastScnn.Torch;
using FastScnn.Torch.Data;

namespace FastScnn.Bench.Kernels;

/// <summary>What scoring does beside the network.</summary>
public class ScoringKernels
{
    private const int Width = 2048, Height = 1024, Classes = 19, ScoreWidth = Width / 8, ScoreHeight = Height / 8;

    private readonly UpsampleGrid _grid = new(ScoreWidth, ScoreHeight, Width, Height, alignCorners: true);
    private readonly StripedArgMax _one = new(threads: 1), _two = new(threads: 2);
    private readonly StripedPlanes _onePlanes = new(threads: 1), _twoPlanes = new(threads: 2);
    private readonly PlaneResize _resize = new(Width, Height, Width / 2, Height / 2);
    private readonly PlaneNormalization _table = new(Normalization.ImageNet);
    private readonly byte[] _ids = new byte[Width * Height];
    private readonly byte[] _planes = new byte[3 * Width * Height];
    private readonly byte[] _half = new byte[3 * Width * Height / 4];
    private readonly float[] _floats = new float[3 * Width * Height];
    private readonly float[] _random = new float[Classes * ScoreWidth * ScoreHeight];
    private byte[] _pixels = [];
    private float[] _real = [];

    [GlobalSetup]
    public void SetUp()
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("fastscnn-bench-");
        try
        {
            var scored = new ScoringCase(Height, Width, Threads: 1);
            var files = new ScoringFiles(folder.FullName);
            files.Write([scored]);
            _pixels = File.ReadAllBytes(files.Pixels(scored));
            using FastScnnSegmenter segmenter = FastScnnSegmenter.Load(files.Scoring,
                new() { Inference = new() { OutputSize = SegmentationSize.Model } });
            _real = segmenter.SegmentWithScores(new PixelBuffer(Width, Height, _pixels, PixelLayout.Bgra32),
                ScoreKind.Logits).Scores.ToArray();
        }
        finally
        {
            folder.Delete(recursive: true);
        }
        var random = new Random(1);
        for (int i = 0; i < _random.Length; i++)
            _random[i] = (float)random.NextDouble();
    }

    [Benchmark(Description = "classes, logits of a trained network")]
    public void Trained() => _one.Run(_real, Classes, _grid, _ids);

    [Benchmark(Description = "the same, 2 threads")]
    public void TrainedOnTwo() => _two.Run(_real, Classes, _grid, _ids);

    [Benchmark(Description = "classes, random logits (the worst)")]
    public void Random() => _one.Run(_random, Classes, _grid, _ids);

    [Benchmark(Description = "the same, 2 threads ")]
    public void RandomOnTwo() => _two.Run(_random, Classes, _grid, _ids);

    [Benchmark(Description = "BGRA to planes")]
    public void Planes() => _onePlanes.Run(new PixelSpan(_pixels, Width, Height, PixelLayout.Bgra32), _planes, null,
        []);

    [Benchmark(Description = "the same, 2 threads  ")]
    public void PlanesOnTwo() =>
        _twoPlanes.Run(new PixelSpan(_pixels, Width, Height, PixelLayout.Bgra32), _planes, null, []);

    [Benchmark(Description = "BGRA to planes to floats")]
    public void Floats() => _onePlanes.Run(new PixelSpan(_pixels, Width, Height, PixelLayout.Bgra32), _planes, _table,
        _floats);

    [Benchmark(Description = "the same, 2 threads   ")]
    public void FloatsOnTwo() =>
        _twoPlanes.Run(new PixelSpan(_pixels, Width, Height, PixelLayout.Bgra32), _planes, _table, _floats);

    [Benchmark(Description = "planes to 512x1024")]
    public void Resize() => _resize.Apply(_planes, _half);
}
