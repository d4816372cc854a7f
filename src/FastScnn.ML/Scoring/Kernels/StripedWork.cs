using System.Runtime.ExceptionServices;

namespace FastScnn.ML;

/// <summary>Does a photo's rows on several threads, strip by strip, without allocating anything.</summary>
/// <remarks>
/// One photo at a time, any number after each other. The calling thread works too, and takes all strips when the pool has no thread to
/// spare, so waiting for others never waits for work that has not begun. Every photo has the same number of strips: a thread that was
/// called for one photo and comes when the next is under way finds either a strip of that one or none.
/// </remarks>
/// <param name="threads">How many threads may work, 1 or more.</param>
internal abstract class StripedWork(int threads) : IThreadPoolWorkItem
{
    // Several a thread, as strips with many borders between classes take longer.
    private const int StripsPerThread = 4;

    private const int MinRows = 8;

    private readonly int _strips = threads * StripsPerThread;
    private Exception? _fault;
    private int _rows;
    private int _next;
    private int _left;

    /// <summary>Takes strips until there are none left.</summary>
    public void Execute()
    {
        for (int strip = Interlocked.Increment(ref _next) - 1; strip < _strips; strip = Interlocked.Increment(ref _next) - 1)
        {
            try
            {
                Do((int)((long)_rows * strip / _strips), (int)((long)_rows * (strip + 1) / _strips));
            }
            catch (Exception e)
            {
                _fault = e;
            }
            Interlocked.Decrement(ref _left);
        }
    }

    /// <summary>Does all rows and returns when they are done; what <see cref="Do"/> needs lies in fields by then.</summary>
    protected void DoAll(int rows)
    {
        if (threads == 1 || rows < 2 * MinRows)
        {
            Do(0, rows);
            return;
        }
        (_rows, _fault) = (rows, null);
        Volatile.Write(ref _left, _strips);
        // From here on a thread that was called for the last photo may help with this one.
        Volatile.Write(ref _next, 0);
        for (int i = 1; i < threads; i++)
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        Execute();
        var wait = new SpinWait();
        while (Volatile.Read(ref _left) > 0)
            // Left to itself it sleeps for a millisecond, as long as a photo takes.
            wait.SpinOnce(sleep1Threshold: -1);
        if (_fault is { } fault)
            ExceptionDispatchInfo.Throw(fault);
    }

    /// <summary>Does some rows, which are no other thread's.</summary>
    protected abstract void Do(int firstRow, int endRow);
}
