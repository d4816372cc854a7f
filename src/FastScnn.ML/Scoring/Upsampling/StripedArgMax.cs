using System.Runtime.ExceptionServices;

namespace FastScnn.ML;

/// <summary>Runs <see cref="UpsampleArgMax"/> on several threads, strip by strip, without allocating anything.</summary>
/// <remarks>
/// One map at a time, any number after each other. The calling thread works too, and takes all strips when the pool has no thread to
/// spare, so waiting for others never waits for work that has not begun. Every map has the same number of strips: a thread that was
/// called for one map and comes when the next is under way finds either a strip of that one or none.
/// </remarks>
/// <param name="threads">How many threads may work, 1 or more.</param>
internal sealed class StripedArgMax(int threads) : IThreadPoolWorkItem
{
    // Several a thread, as strips with many borders between classes take longer.
    private const int StripsPerThread = 4;

    private const int MinRows = 8;

    private readonly int _strips = threads * StripsPerThread;
    private float[] _logits = [];
    private byte[] _ids = [];
    private UpsampleGrid? _grid;
    private Exception? _fault;
    private int _classes;
    private int _next;
    private int _left;

    /// <param name="logits">Scores, as <see cref="UpsampleArgMax.Rows"/> takes them.</param>
    /// <param name="classes">The number of classes.</param>
    /// <param name="grid">Where the pixels lie between the scores.</param>
    /// <param name="ids">The map to fill.</param>
    public void Run(float[] logits, int classes, UpsampleGrid grid, byte[] ids)
    {
        if (threads == 1 || grid.Height < 2 * MinRows)
        {
            UpsampleArgMax.Rows(logits, classes, grid, ids, 0, grid.Height);
            return;
        }
        (_logits, _classes, _grid, _ids, _fault) = (logits, classes, grid, ids, null);
        Volatile.Write(ref _left, _strips);
        // From here on a thread that was called for the last map may help with this one.
        Volatile.Write(ref _next, 0);
        for (int i = 1; i < threads; i++)
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        Execute();
        var wait = new SpinWait();
        while (Volatile.Read(ref _left) > 0)
            // Left to itself it sleeps for a millisecond, as long as a map takes.
            wait.SpinOnce(sleep1Threshold: -1);
        (_logits, _ids, _grid) = ([], [], null);
        if (_fault is { } fault)
            ExceptionDispatchInfo.Throw(fault);
    }

    /// <summary>Takes strips until there are none left.</summary>
    public void Execute()
    {
        for (int strip = Interlocked.Increment(ref _next) - 1; strip < _strips; strip = Interlocked.Increment(ref _next) - 1)
        {
            try
            {
                UpsampleGrid grid = _grid!;
                UpsampleArgMax.Rows(_logits, _classes, grid, _ids, (int)((long)grid.Height * strip / _strips), (int)((long)grid.Height * (strip + 1) / _strips));
            }
            catch (Exception e)
            {
                _fault = e;
            }
            Interlocked.Decrement(ref _left);
        }
    }
}
