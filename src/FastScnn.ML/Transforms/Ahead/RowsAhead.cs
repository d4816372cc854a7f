using System.Runtime.ExceptionServices;

namespace FastScnn.ML;

/// <summary>
/// Makes rows before their reader asks for them, in order and in two steps: one thread takes a row in, another finishes the row before it
/// meanwhile. A row lies in a slot, which the next rows get when the reader has left it: with one slot for the row that is read, all others
/// are rows ahead.
/// </summary>
/// <remarks>
/// The threads are its own, not the pool's, where work that waits for a reader could keep out what the reader waits for. They end with the
/// rows or when it is disposed. All members are for the reader's thread.
/// </remarks>
/// <param name="slots">How many rows are held at a time, 2 or more.</param>
internal sealed class RowsAhead(int slots) : IDisposable
{
    private readonly object _gate = new();
    private readonly List<Thread> _threads = [];

    // Rows so far; the reader is at the row after those that it left.
    private long _taken;
    private long _finished;
    private long _left;

    // No row comes after those that were taken; the fault says why, where it is not the end.
    private bool _ended;
    private ExceptionDispatchInfo? _fault;
    private bool _stopped;

    public int Slots => slots;

    /// <summary>Whether the reader is at a row: otherwise nothing is being made, or will be.</summary>
    public bool IsAtRow { get; private set; }

    /// <summary>The slot of the row that the reader is at.</summary>
    /// <exception cref="InvalidOperationException">It is at none.</exception>
    public int Slot => IsAtRow ? (int)(_left % slots) : throw Errors.NoCurrentRow();

    /// <summary>Moves the reader to the next row and waits for it; the first call starts the threads.</summary>
    /// <param name="take">Takes the next row into a slot; false where there is none. What it throws, is thrown here when all rows before it were read.</param>
    /// <param name="finish">Finishes the row in a slot; throws nothing.</param>
    public bool MoveNext(Func<int, bool> take, Action<int> finish)
    {
        if (_threads.Count == 0 && !_stopped)
            Start(() => Take(take), () => Finish(finish));
        lock (_gate)
        {
            if (IsAtRow)
            {
                IsAtRow = false;
                _left++;
                Monitor.PulseAll(_gate);
            }
            while (!_stopped && _finished == _left && !(_ended && _taken == _left))
                Monitor.Wait(_gate);
            IsAtRow = !_stopped && _finished > _left;
            if (!IsAtRow && !_stopped)
                _fault?.Throw();
            return IsAtRow;
        }
    }

    /// <summary>Ends the threads, and waits for what they are at.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            (_stopped, IsAtRow) = (true, false);
            Monitor.PulseAll(_gate);
        }
        foreach (Thread thread in _threads)
            thread.Join();
    }

    private void Start(params ReadOnlySpan<Action> steps)
    {
        try
        {
            foreach (Action step in steps)
            {
                var thread = new Thread(step.Invoke) { IsBackground = true, Name = $"FastScnn look-ahead {_threads.Count + 1}" };
                thread.Start();
                _threads.Add(thread);
            }
        }
        catch
        {
            // One step alone would never end.
            Dispose();
            throw;
        }
    }

    private void Take(Func<int, bool> take)
    {
        bool exists = true;
        while (exists && WaitForSlot())
        {
            ExceptionDispatchInfo? fault = null;
            try
            {
                exists = take((int)(_taken % slots));
            }
            catch (Exception e)
            {
                (exists, fault) = (false, ExceptionDispatchInfo.Capture(e));
            }
            lock (_gate)
            {
                if (exists)
                    _taken++;
                (_ended, _fault) = (!exists, fault);
                Monitor.PulseAll(_gate);
            }
        }
    }

    private void Finish(Action<int> finish)
    {
        while (WaitForTaken())
        {
            finish((int)(_finished % slots));
            lock (_gate)
            {
                _finished++;
                Monitor.PulseAll(_gate);
            }
        }
    }

    private bool WaitForSlot()
    {
        lock (_gate)
        {
            while (!_stopped && _taken == _left + slots)
                Monitor.Wait(_gate);
            return !_stopped;
        }
    }

    private bool WaitForTaken()
    {
        lock (_gate)
        {
            while (!_stopped && !_ended && _finished == _taken)
                Monitor.Wait(_gate);
            return !_stopped && _finished < _taken;
        }
    }
}
