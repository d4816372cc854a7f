namespace FastScnn.ML;

/// <summary>Runs <see cref="UpsampleArgMax"/> on several threads.</summary>
/// <param name="threads">How many threads may work, 1 or more.</param>
internal sealed class StripedArgMax(int threads) : StripedWork(threads)
{
    private float[] _logits = [];
    private byte[] _ids = [];
    private UpsampleGrid? _grid;
    private int _classes;

    /// <param name="logits">Scores, as <see cref="UpsampleArgMax.Rows"/> takes them.</param>
    /// <param name="classes">The number of classes.</param>
    /// <param name="grid">Where the pixels lie between the scores.</param>
    /// <param name="ids">The map to fill.</param>
    public void Run(float[] logits, int classes, UpsampleGrid grid, byte[] ids)
    {
        (_logits, _classes, _grid, _ids) = (logits, classes, grid, ids);
        DoAll(grid.Height);
        (_logits, _ids, _grid) = ([], [], null);
    }

    protected override void Do(int firstRow, int endRow) => UpsampleArgMax.Rows(_logits, _classes, _grid!, _ids, firstRow, endRow);
}
