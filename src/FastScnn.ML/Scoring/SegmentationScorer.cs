using System.Diagnostics;
using FastScnn.ML.Imaging;
using FastScnn.ML.Scoring.Kernels;
using FastScnn.ML.Transforms;
using FastScnn.Torch.Data;

namespace FastScnn.ML.Scoring;

/// <summary>Segments one image by the runs (scales, mirrored images, tiles) that <see cref="InferenceOptions"/> ask
/// for, and gives scores on request. Tiles are scored row by row. Rows of the result that no later tile covers are
/// finished at once, so that only the scores of a few tiles are in memory.</summary>
/// <remarks>One instance serves one image.</remarks>
internal sealed class SegmentationScorer(SegmentationModel model, InferenceOptions options, int threads)
{
    // The model's own size is that of the scores at the image's own size, or at the scale next to it.
    private readonly int _ownScale = Enumerable.Range(0, options.Scales.Count)
        .MinBy(i => Math.Abs(Math.Log(options.Scales[i])));
    private SegmentationTimings _timings;

    /// <summary>See <see cref="FastScnnSegmenterOptions.ConfidenceThreshold"/>.</summary>
    public double? ConfidenceThreshold { get; init; }

    /// <summary>Whether scores that are probabilities already are told from logits, and NaN is refused: for results
    /// that depend on how large scores are, and not on their order alone.</summary>
    public bool ReadsProbabilities { get; init; }

    /// <summary>Averages the scores with those of earlier frames; null for an image that stands for itself.</summary>
    public ScoreAverage.Turn? Turn { get; init; }

    /// <param name="image">The image.</param>
    /// <param name="kind">The scores to give; null for none.</param>
    /// <param name="confidence">Whether to give the confidence.</param>
    /// <param name="start">When work on the image began, for the timings.</param>
    /// <param name="decode">How long it then took to decode it.</param>
    public ScoredSegmentation Score(PixelSpan image, ScoreKind? kind, bool confidence, long start, TimeSpan decode)
    {
        (int width, int height) = (image.Width, image.Height);
        _timings = new SegmentationTimings(Stopwatch.GetElapsedTime(start), default, default) { Decode = decode };
        Tile[] tileRows = Tile.Along(height, options.TileHeight, options.TileOverlap);
        Tile[] tileColumns = Tile.Along(width, options.TileWidth, options.TileOverlap);
        bool averaged = tileRows.Length * tileColumns.Length * options.Scales.Count > 1 || options.Flip;
        OutputAxis? down = null, across = null;
        ScorePlanes? result = null;
        var held = new List<TileScores>();
        int done = 0;
        for (int r = 0; r < tileRows.Length; r++)
        {
            foreach (Tile columns in tileColumns)
            {
                ScoreRun[] runs = Run(image.Crop(columns.Start, tileRows[r].Start, columns.Length, tileRows[r].Length));
                if (result is null || down is null || across is null)
                {
                    ScoreRun own = runs[options.Flip ? 2 * _ownScale : _ownScale];
                    double scale = options.WorkingScale(columns.Length, tileRows[r].Length);
                    down = Axis(height, tileRows[r].Length, scale, own.Rows);
                    across = Axis(width, columns.Length, scale, own.Columns);
                    result = new ScorePlanes(model.Description.Classes.Count, across.Length, down.Length, kind,
                        confidence)
                    {
                        ConfidenceThreshold = ConfidenceThreshold,
                        DoubtfulId = model.Description.Classes.IgnoreIndex,
                    };
                }
                held.Add(new TileScores(tileRows[r], columns, down, across, runs));
            }
            int ready = r + 1 < tileRows.Length ? down!.FirstFrom(tileRows[r + 1].Start) : down!.Length;
            Fill(result!, held, done, ready, averaged, across!.Length);
            done = ready;
            held.RemoveAll(tile => tile.EndRow <= ready);
        }
        SegmentationTimings timings = _timings with { PostProcess = Stopwatch.GetElapsedTime(start) - _timings.Total };
        var map = new SegmentationMap(new LabelMap(across!.Length, down!.Length, result!.Ids),
            model.Description.Classes, timings);
        return new ScoredSegmentation(map, kind, result.Scores, result.Confidence);
    }

    // Every scale, and every scale mirrored.
    private ScoreRun[] Run(PixelSpan tile)
    {
        var runs = new List<ScoreRun>();
        foreach (double scale in options.Scales)
        {
            runs.Add(Run(tile, scale, mirrored: false));
            if (options.Flip)
                runs.Add(Run(tile, scale, mirrored: true));
        }
        return [.. runs];
    }

    private ScoreRun Run(PixelSpan tile, double scale, bool mirrored)
    {
        (int width, int height) = (tile.Width, tile.Height);
        scale *= options.WorkingScale(width, height);
        (int inputWidth, int inputHeight) = model.Description.InputSize(Scaled(width, scale), Scaled(height, scale));
        ScoreRun run = model.Run(
            tile, inputWidth, inputHeight, mirrored, ref _timings,
            buffers => new ScoreRun(buffers.Scores.ToArray(), buffers.Rows, buffers.Columns));
        Turn?.Blend(run.Scores);
        if (ReadsProbabilities)
            ForeignScores.ToLogits(run.Scores, run.Rows * run.Columns, model.Description.Name);
        if (mirrored)
            PixelPlanes.Mirror(run.Scores.AsSpan(), run.Columns);
        return run;
    }

    /// <summary>The length of a scaled side, in pixels.</summary>
    public static int Scaled(int side, double scale) => Math.Max(1, (int)Math.Round(side * scale));

    private OutputAxis Axis(int image, int tile, double workingScale, int scores)
    {
        double shrunk = workingScale < 1 ? (double)image * Scaled(tile, workingScale) / tile : image;
        int length = options.OutputSize == SegmentationSize.Image
            ? image
            : Math.Max(1,
                (int)Math.Round(shrunk * scores / Scaled(tile, options.Scales[_ownScale] * workingScale)));
        return new OutputAxis(image, length, model.Description.AlignCorners);
    }

    private void Fill(ScorePlanes result, List<TileScores> tiles, int firstRow, int endRow, bool averaged, int width)
    {
        int rows = endRow - firstRow, strips = Math.Min(rows, threads);
        Parallel.For(0, strips, strip =>
        {
            var row = new ScoreRow(model.Description.Classes.Count, width, averaged);
            int end = firstRow + (int)((long)rows * (strip + 1) / strips);
            for (int y = firstRow + (int)((long)rows * strip / strips); y < end; y++)
            {
                row.Clear();
                foreach (TileScores tile in tiles)
                {
                    if (tile.FirstRow <= y && y < tile.EndRow)
                        tile.AddTo(row, y);
                }
                row.Finish();
                result.Write(y, row);
            }
        });
    }
}

/// <summary>What a tile covers of one side of an image, in pixels.</summary>
internal readonly record struct Tile(int Start, int Length)
{
    public int End => Start + Length;

    /// <summary>Tiles from the start to the end of a side, in order. All have the same length and lie as evenly as
    /// whole pixels allow, so that neighbours share at least the overlap; a side that is no longer than a tile is one
    /// tile.</summary>
    /// <param name="side">The length of the side.</param>
    /// <param name="length">The length of a tile; null for the side's.</param>
    /// <param name="overlap">The part of a tile that the next one covers too, below 1.</param>
    public static Tile[] Along(int side, int? length, double overlap)
    {
        if (length is not { } tile || tile >= side)
            return [new Tile(0, side)];
        int step = Math.Max(1, (int)(tile * (1 - overlap)));
        int last = (side - tile + step - 1) / step;
        return [.. Enumerable.Range(0, last + 1).Select(i => new Tile((int)((long)i * (side - tile) / last), tile))];
    }
}

/// <summary>What the network gave for a tile in one run: a plane of <see cref="Rows"/> x <see cref="Columns"/> scores
/// for each class.</summary>
internal sealed record ScoreRun(float[] Scores, int Rows, int Columns);

/// <summary>All runs of one tile, and where they lie in the result.</summary>
internal sealed class TileScores
{
    private readonly (ScoreRun Run, BilinearTap[] Rows, BilinearTap[] Columns)[] _runs;
    private readonly int _firstColumn;

    public TileScores(Tile rows, Tile columns, OutputAxis down, OutputAxis across, IEnumerable<ScoreRun> runs)
    {
        (FirstRow, EndRow) = (down.FirstFrom(rows.Start), down.FirstFrom(rows.End));
        _firstColumn = across.FirstFrom(columns.Start);
        _runs = [.. runs.Select(run => (run, down.Taps(rows, run.Rows), across.Taps(columns, run.Columns)))];
    }

    /// <summary>The first row of the result that the tile covers.</summary>
    public int FirstRow { get; }

    /// <summary>The row after the last that it covers.</summary>
    public int EndRow { get; }

    /// <summary>Adds every run's scores of one row of the result.</summary>
    public void AddTo(ScoreRow row, int y)
    {
        foreach ((ScoreRun run, BilinearTap[] rows, BilinearTap[] columns) in _runs)
            row.Add(run, rows[y - FirstRow], columns, _firstColumn);
    }
}

/// <summary>Where the positions of one side of the result lie in the image and in the scores of its tiles.</summary>
internal sealed class OutputAxis(int image, int output, bool alignCorners)
{
    public int Length => output;

    /// <summary>The first position whose nearest image pixel is <paramref name="pixel"/> or later; <see cref="Length"/>
    /// where there is none.</summary>
    public int FirstFrom(int pixel)
    {
        if (output == image || pixel >= image)
            return Math.Min(pixel, image) == image ? output : pixel;
        int first = 0;
        while (first < output && Math.Round(Position(first)) < pixel)
            first++;
        return first;
    }

    /// <summary>What each position that a tile covers lies between in the tile's <paramref name="source"/>
    /// scores.</summary>
    public BilinearTap[] Taps(Tile tile, int source)
    {
        // The whole side in one step: when each position has its own score, scores are copied without interpolation.
        if (tile.Length == image)
            return BilinearTap.Along(output, source, alignCorners);
        int first = FirstFrom(tile.Start);
        var taps = new BilinearTap[FirstFrom(tile.End) - first];
        for (int i = 0; i < taps.Length; i++)
        {
            double pixel = Math.Clamp(Position(first + i) - tile.Start, 0, tile.Length - 1);
            taps[i] = BilinearTap.At(
                alignCorners ? pixel * (source - 1.0) / (tile.Length - 1)
                    : Math.Max(0, (pixel + 0.5) * source / tile.Length - 0.5), source);
        }
        return taps;
    }

    private double Position(int i) =>
        output == image ? i
        : !alignCorners ? (i + 0.5) * image / output - 0.5
        : output > 1 ? i * (image - 1.0) / (output - 1) : 0;
}
