using System.Runtime.CompilerServices;
using FastScnn.Torch.Training.Distributed;

namespace FastScnn.Torch.Tests.Training.Distributed;

/// <summary>A process group whose processes are threads of this one: for tests that need several ranks and no
/// MPI.</summary>
internal sealed unsafe class ThreadGroup : ProcessGroup
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    private readonly Board _board;

    private ThreadGroup(Board board, int rank, string machine, string processors) : base(rank, board.Addresses.Length)
    {
        _board = board;
        Introduce(machine, processors);
    }

    protected override int LargestPart => _board.LargestPart;

    /// <summary>Runs what each process runs, on as many threads, and waits for all.</summary>
    /// <param name="count">The number of processes.</param>
    /// <param name="body">What each runs.</param>
    /// <param name="machines">The machine of each; by default all are on one.</param>
    /// <param name="largestPart">The most values sent at once.</param>
    /// <param name="processors">The processors of each; by default all may use the same.</param>
    /// <returns>What each threw, by rank.</returns>
    public static Exception?[] Run(int count, Action<ProcessGroup> body, string[]? machines = null,
        int largestPart = 1 << 20, string[]? processors = null)
    {
        using var barrier = new Barrier(count);
        // One computes at a time, as the trainings of one process do.
        using SemaphoreSlim turn = new(1);
        var board = new Board(new nint[count], barrier, turn, largestPart);
        var thrown = new Exception?[count];
        Thread[] threads =
        [
            .. Enumerable.Range(0, count).Select(rank => new Thread(() =>
            {
                turn.Wait();
                try
                {
                    var group = new ThreadGroup(board, rank, machines?[rank] ?? "here",
                        processors?[rank] ?? "0-7");
                    try
                    {
                        body(group);
                    }
                    finally
                    {
                        group.Leave();
                    }
                }
                catch (Exception exception)
                {
                    thrown[rank] = exception;
                }
                finally
                {
                    turn.Release();
                }
            })),
        ];
        foreach (Thread thread in threads) thread.Start();
        foreach (Thread thread in threads) thread.Join();
        return thrown;
    }

    protected override void AllReduce(void* values, int count, Element element, Reduction reduction)
    {
        switch (element)
        {
            case Element.Float32: Reduce<float>(values, count, (a, b) => a + b); break;
            case Element.Float64: Reduce<double>(values, count, (a, b) => a + b); break;
            default: Reduce<long>(values, count, reduction == Reduction.Sum ? (a, b) => a + b : Math.Max); break;
        }
    }

    protected override void Broadcast(void* bytes, int count, int root)
    {
        Publish(bytes);
        if (Rank != root) Buffer.MemoryCopy((void*)_board.Addresses[root], bytes, count, count);
        Wait();
    }

    protected override void AllGather(void* own, void* all, int count)
    {
        Publish(own);
        for (int rank = 0; rank < Count; rank++)
            Buffer.MemoryCopy((void*)_board.Addresses[rank], (byte*)all + ((long)rank * count), count, count);
        Wait();
    }

    private void Reduce<T>(void* values, int count, Func<T, T, T> reduce) where T : unmanaged
    {
        Publish(values);
        var results = new Span<T>((void*)_board.Addresses[0], count).ToArray();
        for (int rank = 1; rank < Count; rank++)
            for (int i = 0; i < count; i++)
                results[i] = reduce(results[i], Unsafe.Add(ref Unsafe.AsRef<T>((void*)_board.Addresses[rank]), i));
        Wait();
        results.CopyTo(new Span<T>(values, count));
        Wait();
    }

    private void Publish(void* address)
    {
        _board.Addresses[Rank] = (nint)address;
        Wait();
    }

    private void Wait()
    {
        _board.Turn.Release();
        bool met = _board.Barrier.SignalAndWait(s_patience);
        _board.Turn.Wait();
        if (!met) throw new TimeoutException($"rank {Rank} waited in vain");
    }

    private sealed record Board(nint[] Addresses, Barrier Barrier, SemaphoreSlim Turn, int LargestPart);
}
