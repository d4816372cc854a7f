namespace FastScnn.ML;

/// <summary>Runs <see cref="UpsampleArgMax"/> on several threads.</summary>
/// <param name="threads">How many threads may work, 1 or more.</param>
internal sealed unsafe class StripedArgMax(int threads) : StripedWork(threads)
{
    private float* _logits;
    private byte* _ids;
    private int _length;
    private int _classes;
    private UpsampleGrid? _grid;

    /// <param name="logits">Scores, as <see cref="UpsampleArgMax.Rows"/> takes them.</param>
    /// <param name="classes">The number of classes.</param>
    /// <param name="grid">Where the pixels lie between the scores.</param>
    /// <param name="ids">The map to fill.</param>
    public void Run(ReadOnlySpan<float> logits, int classes, UpsampleGrid grid, Span<byte> ids)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(ids.Length, grid.Width * grid.Height);
        fixed (float* from = logits)
        fixed (byte* to = ids)
        {
            _logits = from;
            _ids = to;
            (_length, _classes, _grid) = (logits.Length, classes, grid);
            DoAll(grid.Height);
        }
    }

    protected override void Do(int firstRow, int endRow) => UpsampleArgMax.Rows(
        new ReadOnlySpan<float>(_logits, _length), _classes, _grid!, new Span<byte>(_ids, _grid!.Width * _grid.Height), firstRow, endRow);
}
