namespace FastScnn.ML;

/// <summary>What the network gave for a tile in one run: a plane of <see cref="Rows"/> x <see cref="Columns"/> scores for each class.</summary>
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
