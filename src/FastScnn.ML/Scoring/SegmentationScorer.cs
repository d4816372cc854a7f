using System.Diagnostics;
using FastScnn.Torch.Data;

namespace FastScnn.ML;

/// <summary>
/// Segments one photo in as many runs as <see cref="InferenceOptions"/> ask for, with scores where they are wanted. Tiles are scored row
/// by row, and rows of the result that no later tile covers are finished at once, so that the scores of few tiles are held at a time.
/// </summary>
/// <remarks>One instance serves one photo.</remarks>
internal sealed class SegmentationScorer(SegmentationModel model, InferenceOptions options, int threads)
{
    // The model's own size is that of the scores at the photo's own size, or at the scale next to it.
    private readonly int _ownScale = Enumerable.Range(0, options.Scales.Count).MinBy(i => Math.Abs(Math.Log(options.Scales[i])));
    private TimeSpan _preProcess;
    private TimeSpan _inference;

    /// <param name="image">The image.</param>
    /// <param name="kind">The scores to give; null for none.</param>
    /// <param name="confidence">Whether to give the confidence.</param>
    /// <param name="start">When work on the photo began, for the timings.</param>
    /// <param name="decode">How long it then took to decode it.</param>
    public ScoredSegmentation Score(PixelSpan image, ScoreKind? kind, bool confidence, long start, TimeSpan decode)
    {
        (int width, int height) = (image.Width, image.Height);
        _preProcess = Stopwatch.GetElapsedTime(start);
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
                    down = Axis(height, tileRows[r].Length, own.Rows);
                    across = Axis(width, columns.Length, own.Columns);
                    result = new ScorePlanes(model.Classes.Count, across.Length, down.Length, kind, confidence);
                }
                held.Add(new TileScores(tileRows[r], columns, down, across, runs));
            }
            int ready = r + 1 < tileRows.Length ? down!.FirstFrom(tileRows[r + 1].Start) : down!.Length;
            Fill(result!, held, done, ready, averaged, across!.Length);
            done = ready;
            held.RemoveAll(tile => tile.EndRow <= ready);
        }
        var timings = new SegmentationTimings(_preProcess, _inference, Stopwatch.GetElapsedTime(start) - _preProcess - _inference) { Decode = decode };
        var map = new SegmentationMap(new LabelMap(across!.Length, down!.Length, result!.Ids), model.Classes, timings);
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
        long start = Stopwatch.GetTimestamp();
        (int inputWidth, int inputHeight) = model.InputSize(PhotoInput.Scaled(tile.Width, scale), PhotoInput.Scaled(tile.Height, scale));
        using Frame frame = model.Rent(inputWidth, inputHeight);
        PhotoInput.Fill(frame, model.Normalization, tile, mirrored);
        long planes = Stopwatch.GetTimestamp();
        model.Run(frame);
        _preProcess += Stopwatch.GetElapsedTime(start, planes);
        _inference += Stopwatch.GetElapsedTime(planes);
        var run = new ScoreRun(frame.Logits.ToArray(), frame.Rows, frame.Columns);
        if (mirrored)
            PixelPlanes.Mirror(run.Scores.AsSpan(), run.Columns);
        return run;
    }

    private OutputAxis Axis(int photo, int tile, int scores)
    {
        int length = options.OutputSize == SegmentationSize.Photo
            ? photo
            : Math.Max(1, (int)Math.Round((double)photo * scores / PhotoInput.Scaled(tile, options.Scales[_ownScale])));
        return new OutputAxis(photo, length, model.AlignCorners);
    }

    private void Fill(ScorePlanes result, List<TileScores> tiles, int firstRow, int endRow, bool averaged, int width)
    {
        int rows = endRow - firstRow, strips = Math.Min(rows, threads);
        Parallel.For(0, strips, strip =>
        {
            var row = new ScoreRow(model.Classes.Count, width, averaged);
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
